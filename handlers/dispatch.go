package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/internal/recovery"
)

// stepPaths is where the dispatcher leads to for each step of the journey.
var stepPaths = map[recovery.Step]string{
	recovery.StepStart:      "/",
	recovery.StepCheckEmail: "/check-email",
	recovery.StepSituation:  "/situation",
	recovery.StepSupport:    "/support",
}

// next sends the browser to the page that its stored case and proofs call for. Every form ends here, and
// so does whoever asks for a page that is not theirs: by the back button, in a second tab, after a proof
// has lapsed.
func (s *server) next(c *gin.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	p, err := s.service.Progress(c.Request.Context(), v)
	if err != nil {
		return err
	}
	about(c, p.Case)
	return s.redirect(c, stepPaths[p.Next()])
}

// onward is next, unless an act has failed.
func (s *server) onward(c *gin.Context, err error) error {
	if err != nil {
		return err
	}
	return s.next(c)
}

// redirect answers 303, after the cookie.
func (s *server) redirect(c *gin.Context, to string) error {
	if err := s.keepSession(c); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
