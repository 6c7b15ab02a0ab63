package console

import (
	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
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

// protect runs a form's act behind all its protection, cheapest first: the browser says that the form is
// ours, the client is within its limit, the body is a small form with scalar fields, it carries the token of the
// cookie's session, and an agent is signed in.
func (s *server) protect(f form) edge.Handler {
	if f.limit == "" {
		f.limit = limit.ConsolePages
	}
	return func(c *gin.Context) error {
		if edge.Foreign(s.origin, c.Request) {
			return edge.ErrForeignOrigin
		}
		if err := s.allow(c, f.limit); err != nil {
			return err
		}
		fields, err := edge.ReadForm(c)
		if err != nil {
			return err
		}
		c.Set(keyAttempt, attempt{page: f.page, fields: fields})
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		switch {
		case v.Session.NewCookie != "": // it is only being set by this very answer
			return edge.ErrCookies
		case !s.Keys.FormTokenValid(v.Session.FormSeed, fields[templates.FieldToken]):
			return edge.ErrStale
		case !f.open && !v.Session.SignedIn():
			return recovery.ErrNotSignedIn
		}
		return f.act(c, v, fields)
	}
}

// allow counts the request against a limit, by client (R10).
func (s *server) allow(c *gin.Context, name limit.Name) error {
	client := edge.CutNetwork(c.ClientIP()).Client
	d := s.Limits.Allow(c.Request.Context(), name, s.Keys.HashLimit(string(name), client))
	if d.OK {
		return nil
	}
	return &edge.TooManyError{After: d.RetryAfter}
}

// look counts a page before it is built.
func (s *server) look(h edge.Handler) edge.Handler {
	return func(c *gin.Context) error {
		if err := s.allow(c, limit.ConsolePages); err != nil {
			return err
		}
		return h(c)
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
