package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// situationPage says why the customer cannot sign in, and what to do about it.
func (s *server) situationPage(c *gin.Context, e entry) (templates.Page, error) {
	v, err := s.visitor(c)
	if err != nil {
		return nil, err
	}
	d, err := s.service.Diagnose(c.Request.Context(), v)
	if err != nil {
		return nil, err
	}
	about(c, &d.Case)
	lang := s.language(c)
	built := newSituationPage(d, hasText(s.renderer, lang))
	built.Symptoms, built.Told = symptoms(s.renderer, lang), told(s.renderer, lang, d.Said)
	if id := e.fields[templates.FieldAccount]; e.failed != "" && d.Report.MayHave(id) {
		built.Again = &templates.ActionView{ID: string(e.failed), AccountID: id}
	}
	built.Base = s.base(c, v, "/situation", d.Case.Reference, e)
	return built, nil
}

// hasText reports whether the locales have a message.
func hasText(r Renderer, lang string) func(id string) bool {
	return func(id string) bool {
		_, ok := r.Text(lang, id)
		return ok
	}
}

// signInNow goes on to the customer portal, by a URL that internal/recovery has held against
// PortalOrigins (R7).
func (s *server) signInNow(c *gin.Context, v *recovery.Visitor, f fields) error {
	to, err := s.service.SignInNow(c.Request.Context(), v, f[templates.FieldAccount])
	if err != nil {
		return err
	}
	s.aboutVisitor(c, v)
	return s.redirect(c, to)
}

// gotIn takes the answer to "Did you get in?".
func (s *server) gotIn(c *gin.Context, v *recovery.Visitor, f fields) error {
	return s.onward(c, s.service.SayGotIn(c.Request.Context(), v, recovery.GotIn(f[templates.FieldGotIn])))
}
