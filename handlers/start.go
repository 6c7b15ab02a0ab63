package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/internal/account"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// start is `/`. Who comes by a link with `?email=` gets here twice: the address is kept server-side, and
// the URL with it is left behind (R11). Other parameters of such links are dropped on the way.
func (s *server) start(c *gin.Context) error {
	if c.Request.URL.RawQuery == "" {
		return s.show(s.startPage)(c)
	}
	if err := s.prefill(c); err != nil {
		return err
	}
	return s.redirect(c, stepPaths[recovery.StepStart])
}

// prefill keeps the link's address. One that cannot be read is no reason to turn anybody away.
func (s *server) prefill(c *gin.Context) error {
	emails := c.Request.URL.Query()[templates.FieldEmail]
	if len(emails) != 1 || c.Request.Method == http.MethodHead {
		return nil
	}
	if _, err := account.ParseAddress(trimmed(emails[0])); err != nil {
		return nil
	}
	if err := s.allow(c, limit.Prefills); err != nil {
		return err
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	return s.service.Prefill(c.Request.Context(), v, trimmed(emails[0]))
}

// startPage asks for the address. Somebody in the middle of a case comes back here to try another one.
func (s *server) startPage(c *gin.Context, e entry) (templates.Page, error) {
	v, err := s.visitor(c)
	if err != nil {
		return nil, err
	}
	p, err := s.service.Progress(c.Request.Context(), v)
	if err != nil {
		return nil, err
	}
	about(c, p.Case)
	reference := ""
	if p.Case != nil {
		reference = p.Case.Reference
	}
	built := templates.Start{
		Base:      s.base(c, v, "/", reference, e),
		Email:     v.Session.Prefill,
		HasProven: len(p.Proofs) > 0,
	}
	if typed, ok := e.fields[templates.FieldEmail]; ok {
		built.Email = typed
	}
	built.Suggestion = account.Suggestion(built.Email)
	return built, nil
}

// askProof asks for the mail. No account is looked up, and every address gets the same answer (R1).
func (s *server) askProof(c *gin.Context, v *recovery.Visitor, f fields) error {
	a, err := account.ParseAddress(trimmed(f[templates.FieldEmail]))
	if err != nil {
		return err
	}
	if err := s.service.Start(c.Request.Context(), v, a); err != nil {
		return err
	}
	return s.next(c)
}

// end is "start over": the browser forgets the case.
func (s *server) end(c *gin.Context, v *recovery.Visitor, _ fields) error {
	if err := s.service.EndSession(c.Request.Context(), v); err != nil {
		return err
	}
	return s.next(c)
}
