package handlers

import (
	"cmp"
	"context"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/diagnosis"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
)

// formAct is what a form does.
type formAct func(c *gin.Context, v *recovery.Visitor, f fields) error

// press is an act that needs nothing but its button.
func (s *server) press(act func(context.Context, *recovery.Visitor) error) formAct {
	return func(c *gin.Context, v *recovery.Visitor, _ fields) error {
		return s.onward(c, act(c.Request.Context(), v))
	}
}

// enter is an act that needs what was entered in one field.
func (s *server) enter(field string, act func(context.Context, *recovery.Visitor, string) error) formAct {
	return func(c *gin.Context, v *recovery.Visitor, f fields) error {
		return s.onward(c, act(c.Request.Context(), v, f[field]))
	}
}

// form is a POST: what it does, the page it stands on, and the limit it counts against.
type form struct {
	act   formAct
	page  page
	limit limit.Name // limit.Pages where it is empty
	first formAct    // in place of act for who is taken for a newcomer; nil: nobody is

	action diagnosis.Action // where the page offers it with what was found, and it may find nothing; else ""
}

// attempt is a form being taken, kept for the page that shows it once more.
type attempt struct {
	form   form
	fields fields
}

// fields are a form's values; each name has exactly one (R6).
type fields = edge.Fields

// protect runs a form's act behind all its protection: that of edge.Guard, and the token of the cookie's session.
func (s *server) protect(f form) handler {
	return func(c *gin.Context) error {
		values, err := s.guard.Form(c, cmp.Or(f.limit, limit.Pages))
		if err != nil {
			return err
		}
		c.Set(keyAttempt, attempt{form: f, fields: values})
		v, act, err := s.actor(c, f)
		if err != nil {
			return err
		}
		if err := s.guard.CheckToken(values, v.Session.FormSeed, v.Session.NewCookie); err != nil {
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
