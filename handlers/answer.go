package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// handler answers a request, or returns why it could not.
type handler func(c *gin.Context) error

// answer is the adapter of every handler: an error or a panic becomes a whole page.
func (s *server) answer(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer s.recoverPanic(c)
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

// recoverPanic turns a panic into the page of a server error. Its value is not logged, only its kind:
// it can hold anything.
func (s *server) recoverPanic(c *gin.Context) {
	value := recover()
	if value == nil {
		return
	}
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(value)
	}
	s.log.Error("panic", slog.String("request", c.GetString(keyRequestID)),
		slog.String("kind", fmt.Sprintf("%T", value)), slog.String("stack", string(debug.Stack())))
	s.message(c, alone(http.StatusInternalServerError, templates.MessageServerError), 0)
}

// fail answers an error: by the page that the case calls for, by the form's own page with the problem on
// it and all that was typed, or by a page that says one thing.
func (s *server) fail(c *gin.Context, err error) {
	if err = s.elsewhere(c, err); err == nil {
		return
	}
	r := replyTo(err)
	s.logFailure(c, r, err)
	if r.problem != "" {
		if err = s.elsewhere(c, s.again(c, r)); err == nil {
			return
		}
		if r = replyTo(err); r.message == "" { // a problem of a page that cannot be shown
			r = alone(http.StatusInternalServerError, templates.MessageServerError)
		}
		s.logFailure(c, r, err)
	}
	s.message(c, r, retryAfter(err))
}

// elsewhere answers the errors that another page has the answer to; it returns those that are left.
func (s *server) elsewhere(c *gin.Context, err error) error {
	switch {
	case errors.Is(err, recovery.ErrNoCase), errors.Is(err, recovery.ErrNotProven):
		return s.next(c)
	case errors.Is(err, recovery.ErrLinkDead):
		return s.linkDead(c)
	}
	return err
}

// again shows the page that a form stands on once more.
func (s *server) again(c *gin.Context, r reply) error {
	tried, ok := c.Get(keyAttempt)
	if !ok {
		return errors.New("handlers: problem without a form")
	}
	a := tried.(attempt)
	if r.problem == templates.ProblemPortal || r.problem == templates.ProblemIdentity {
		c.Request = c.Request.WithContext(recovery.Briefly(c.Request.Context()))
	}
	built, err := a.form.page(c, entry{
		fields:   a.fields,
		problems: []templates.Problem{{Field: r.field, ID: r.problem}},
	})
	if err != nil {
		return err
	}
	return s.render(c, r.status, built)
}

// message writes a page that says one thing; if even that cannot be rendered, the status alone.
func (s *server) message(c *gin.Context, r reply, after time.Duration) {
	if c.Writer.Written() {
		return
	}
	if after > 0 {
		c.Header("Retry-After", strconv.Itoa(seconds(after)))
	}
	if r.status == http.StatusRequestEntityTooLarge || r.status == http.StatusRequestTimeout {
		c.Header("Connection", "close") // what is left of the body is not waited for
	}
	p := templates.Message{Base: templates.Base{Path: c.FullPath()}, ID: r.message, Minutes: minutes(after)}
	if err := s.render(c, r.status, p); err != nil {
		s.logFailure(c, r, err)
		c.String(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
	}
}

// logFailure tells of faults of ours and of the systems we ask; what a customer does wrong is no news.
func (s *server) logFailure(c *gin.Context, r reply, err error) {
	if r.status < http.StatusInternalServerError || errors.Is(err, context.Canceled) {
		return // nobody waits for the answer of the latter any more
	}
	s.log.LogAttrs(c.Request.Context(), slog.LevelError, "request failed",
		slog.String("request", c.GetString(keyRequestID)),
		slog.String("route", c.FullPath()),
		slog.String("case", c.GetString(keyReference)),
		slog.String("error", err.Error()),
	)
}
