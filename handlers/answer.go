package handlers

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// handler answers a request, or returns why it could not.
type handler = edge.Handler

// panicked answers where a handler did not get that far.
func (s *server) panicked(c *gin.Context) {
	s.message(c, edge.ServerError, 0)
}

// fail answers an error: by the page that the case calls for, by the form's own page with the problem on
// it and all that was typed, or by a page that says one thing.
func (s *server) fail(c *gin.Context, err error) {
	if err = s.elsewhere(c, err); err == nil {
		return
	}
	r := replies.To(err)
	s.frame.LogFailure(c, r, err)
	if r.Problem != "" {
		edge.Refuse(c, r.Status, r.After)
		if err = s.elsewhere(c, s.again(c, r)); err == nil {
			return
		}
		if r = replies.To(err); r.Message == "" { // a problem of a page that cannot be shown
			r = edge.ServerError
		}
		s.frame.LogFailure(c, r, err)
	}
	s.message(c, r, edge.RetryAfter(err))
}

// elsewhere answers the errors that another page has the answer to; it returns those that are left.
func (s *server) elsewhere(c *gin.Context, err error) error {
	switch {
	case errors.Is(err, recovery.ErrOvertaken): // the cookie that the browser has by now leads on from there
		return s.redirect(c, stepPaths[recovery.StepSituation])
	case errors.Is(err, recovery.ErrNoCase), errors.Is(err, recovery.ErrNotProven):
		return s.next(c)
	case errors.Is(err, recovery.ErrLinkDead):
		return s.linkDead(c)
	}
	return err
}

// again shows the page that a form stands on once more.
func (s *server) again(c *gin.Context, r edge.Reply) error {
	tried, ok := c.Get(keyAttempt)
	if !ok {
		return errors.New("handlers: problem without a form")
	}
	a := tried.(attempt)
	e := entry{fields: a.fields, problems: []templates.Problem{{Field: r.Field, ID: r.Problem}}}
	if r.Problem == templates.ProblemPortal || r.Problem == templates.ProblemIdentity {
		c.Request = c.Request.WithContext(recovery.Briefly(c.Request.Context()))
		e.failed = a.form.action
	}
	built, err := a.form.page(c, e)
	if err != nil {
		return err
	}
	return s.render(c, r.Status, built)
}

// message writes a page that says one thing; if even that cannot be rendered, the status alone.
func (s *server) message(c *gin.Context, r edge.Reply, after time.Duration) {
	if c.Writer.Written() {
		return
	}
	edge.Refuse(c, r.Status, after)
	p := templates.Message{Base: templates.Base{Path: c.FullPath()}, ID: r.Message, Minutes: edge.Minutes(after)}
	if err := s.render(c, r.Status, p); err != nil {
		s.frame.LogFailure(c, edge.ServerError, err)
		c.String(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
	}
}
