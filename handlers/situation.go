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
	built := newSituationPage(d, s.hasText(c))
	built.Symptoms = symptoms(s.renderer, s.language(c))
	built.Base = s.base(c, v, "/situation", d.Case.Reference, e)
	return built, nil
}

// hasText reports whether the locales have a message.
func (s *server) hasText(c *gin.Context) func(id string) bool {
	return func(id string) bool {
		_, ok := s.renderer.Text(s.language(c), id)
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

func (s *server) emailSignInLink(c *gin.Context, v *recovery.Visitor, f fields) error {
	if err := s.service.EmailSignInLink(c.Request.Context(), v, f[templates.FieldAccount]); err != nil {
		return err
	}
	return s.next(c)
}

func (s *server) resendConfirmation(c *gin.Context, v *recovery.Visitor, f fields) error {
	if err := s.service.ResendConfirmation(c.Request.Context(), v, f[templates.FieldAccount]); err != nil {
		return err
	}
	return s.next(c)
}

func (s *server) mailOtherAddress(c *gin.Context, v *recovery.Visitor, _ fields) error {
	if err := s.service.MailOtherAddress(c.Request.Context(), v); err != nil {
		return err
	}
	return s.next(c)
}

// gotIn takes the answer to "Did you get in?".
func (s *server) gotIn(c *gin.Context, v *recovery.Visitor, f fields) error {
	if err := s.service.SayGotIn(c.Request.Context(), v, recovery.GotIn(f[templates.FieldGotIn])); err != nil {
		return err
	}
	return s.next(c)
}

// lookAt turns to another address that this browser has proven.
func (s *server) lookAt(c *gin.Context, v *recovery.Visitor, f fields) error {
	if err := s.service.LookAt(c.Request.Context(), v, f[templates.FieldAddress]); err != nil {
		return err
	}
	return s.next(c)
}
