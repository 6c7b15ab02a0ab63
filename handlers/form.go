package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// formAct is what a form does.
type formAct func(c *gin.Context, v *recovery.Visitor, f fields) error

// form is a POST: what it does, the page it stands on, and the limit it counts against.
type form struct {
	act   formAct
	page  page
	limit limit.Name // limit.Pages where it is empty
	first formAct    // in place of act for who is taken for a newcomer; nil: nobody is
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
		v, act, err := s.actor(c, f)
		if err != nil {
			return err
		}
		if err := s.checkToken(v, values); err != nil {
			return err
		}
		return act(c, v, values)
	}
}

// actor is who sent the form, and what it does for them.
func (s *server) actor(c *gin.Context, f form) (*recovery.Visitor, formAct, error) {
	if f.first != nil {
		if v, ok := s.newcomer(c); ok {
			return v, f.first, nil
		}
	}
	v, err := s.visitor(c)
	return v, f.act, err
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
