package handlers

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// entry is what a form brought that is shown once more: what was typed, and what was wrong with it. It is
// zero on a GET.
type entry struct {
	fields   fields
	problems []templates.Problem
	failed   diagnosis.Action // what the form's button would have done, had the portal answered; "" for nothing
}

// page builds a page from one call of recovery. What it returns is rendered as a whole or not at all.
type page func(c *gin.Context, e entry) (templates.Page, error)

// show serves a page of the journey.
func (s *server) show(p page) handler {
	return func(c *gin.Context) error {
		built, err := p(c, entry{})
		if err != nil {
			return err
		}
		return s.render(c, http.StatusOK, built)
	}
}

// render writes a page of the journey, after the cookie. It is not compressed: it holds the form token
// beside what was typed, and a compressed length would let that token be guessed (BREACH).
func (s *server) render(c *gin.Context, status int, p templates.Page) error {
	return s.rendered(c, p, func(body []byte) error {
		if err := s.keepSession(c); err != nil {
			return err
		}
		c.Data(status, contentType, body)
		return nil
	})
}

const contentType = "text/html; charset=utf-8"

// bodies are the buffers that pages are rendered into.
var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largestBody is the largest buffer that is kept for the next page.
const largestBody = 64 << 10

// rendered hands the whole page to use, or returns an error and hands on nothing. The body is good until use
// returns.
func (s *server) rendered(c *gin.Context, p templates.Page, use func(body []byte) error) error {
	language := s.language(c)
	b := bodies.Get().(*bytes.Buffer)
	b.Reset()
	defer func() {
		if b.Cap() <= largestBody {
			bodies.Put(b)
		}
	}()
	if err := s.renderer.Page(b, language, p); err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Language", language)
	h.Set("Vary", "Accept-Language")
	return use(b.Bytes())
}

// base is what every page of the journey has.
func (s *server) base(c *gin.Context, v *recovery.Visitor, path, reference string, e entry) templates.Base {
	if reference != "" {
		c.Set(edge.KeyReference, reference)
	}
	return templates.Base{
		Path:      path,
		FormToken: s.keys.FormToken(v.Session.FormSeed),
		Reference: reference,
		HasCase:   v.Session.Stored() && v.Session.CaseID != "",
		Problems:  e.problems,
	}
}

// trimmed takes the spaces off that stand around a value in a link: who wrote the macro put them there. What is typed
// in a form stays as it is, and is judged by account.ParseAddress (R6); browsers take them off themselves.
func trimmed(typed string) string { return strings.Trim(typed, " \t") }
