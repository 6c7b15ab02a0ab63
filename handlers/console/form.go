package console

import (
	"cmp"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
)

// The keys under which a request's context holds what one step leaves for another.
const (
	keyVisitor = "agent"
	keyAttempt = "attempt"
)

// form is a POST: what it does, the page it stands on, and the limit it counts against.
type form struct {
	act   func(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error
	page  page
	limit limit.Name // limit.ConsolePages where it is empty
	open  bool       // for who is not signed in
}

// attempt is a form being taken, kept for the page that shows it once more.
type attempt struct {
	page   page
	fields edge.Fields
}

// protect runs a form's act behind all its protection: that of edge.Guard, the token of the cookie's session, and
// that an agent is signed in.
func (s *server) protect(f form) edge.Handler {
	return func(c *gin.Context) error {
		fields, err := s.guard.Form(c, cmp.Or(f.limit, limit.ConsolePages))
		if err != nil {
			return err
		}
		c.Set(keyAttempt, attempt{page: f.page, fields: fields})
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		if err := s.guard.CheckToken(fields, v.Session.FormSeed, v.Session.NewCookie); err != nil {
			return err
		}
		if !f.open && !v.Session.SignedIn() {
			return recovery.ErrNotSignedIn
		}
		return f.act(c, v, fields)
	}
}

// visitor is who calls, loaded on first use.
func (s *server) visitor(c *gin.Context) (*recovery.AgentVisitor, error) {
	if v, ok := c.Get(keyVisitor); ok {
		return v.(*recovery.AgentVisitor), nil
	}
	session, err := s.Agents.Session(c.Request.Context(), s.cookie.Open(c.Request))
	if err != nil {
		return nil, err
	}
	v := &recovery.AgentVisitor{Session: session, Client: edge.CutNetwork(c.ClientIP()).Client}
	c.Set(keyVisitor, v)
	return v, nil
}
