package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// form is a POST: what it does, the page it stands on, and the limit it counts against.
type form struct {
	act   func(c *gin.Context, v *recovery.Visitor, f fields) error
	page  page
	limit limit.Name // limit.Pages where it is empty
}

// attempt is a form being taken, kept for the page that shows it once more.
type attempt struct {
	form   form
	fields fields
}

// fields are a form's values; each name has exactly one (R6).
type fields = edge.Fields

// protect runs a form's act behind all its protection, cheapest first: the browser says that the form is
// ours, the client is within its limit, the body is a small form with scalar fields, and it carries the
// token of the cookie's session.
func (s *server) protect(f form) handler {
	if f.limit == "" {
		f.limit = limit.Pages
	}
	return func(c *gin.Context) error {
		if edge.Foreign(s.origin, c.Request) {
			return errForeignOrigin
		}
		if err := s.allow(c, f.limit); err != nil {
			return err
		}
		values, err := edge.ReadForm(c)
		if err != nil {
			return err
		}
		c.Set(keyAttempt, attempt{form: f, fields: values})
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		if err := s.checkToken(v, values); err != nil {
			return err
		}
		return f.act(c, v, values)
	}
}

// allow counts the request against a limit, by client (R10).
func (s *server) allow(c *gin.Context, name limit.Name) error {
	client := edge.CutNetwork(c.ClientIP()).Client
	d := s.limits.Allow(c.Request.Context(), name, s.keys.HashLimit(string(name), client))
	if d.OK {
		return nil
	}
	return &edge.TooManyError{After: d.RetryAfter}
}

// checkToken compares the form's token with the session's. A cookie that is only being set by this very
// answer did not come along: then the browser keeps none, or has just lost them.
func (s *server) checkToken(v *recovery.Visitor, f fields) error {
	switch {
	case v.Session.NewCookie != "":
		return errCookies
	case !s.keys.FormTokenValid(v.Session.FormSeed, f[templates.FieldToken]):
		return errStale
	}
	return nil
}
