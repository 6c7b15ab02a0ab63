package handlers

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// entry is what a form brought that is shown once more: what was typed, and what was wrong with it. It is
// zero on a GET.
type entry struct {
	fields   fields
	problems []templates.Problem
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

// look counts a page before it is built (R10).
func (s *server) look(h handler) handler {
	return func(c *gin.Context) error {
		if err := s.allow(c, limit.Looks); err != nil {
			return err
		}
		return h(c)
	}
}

// render writes a page of the journey, after the cookie. It is not compressed: it holds the form token
// beside what was typed, and a compressed length would let that token be guessed (BREACH).
func (s *server) render(c *gin.Context, status int, p templates.Page) error {
	body, err := s.rendered(c, p)
	if err != nil {
		return err
	}
	if err := s.keepSession(c); err != nil {
		return err
	}
	c.Data(status, contentType, body)
	return nil
}

const contentType = "text/html; charset=utf-8"

// rendered is the whole page, or an error and nothing.
func (s *server) rendered(c *gin.Context, p templates.Page) ([]byte, error) {
	language := s.language(c)
	var b bytes.Buffer
	if err := s.renderer.Page(&b, language, p); err != nil {
		return nil, err
	}
	h := c.Writer.Header()
	h.Set("Content-Language", language)
	h.Set("Vary", "Accept-Language")
	return b.Bytes(), nil
}

// showOpen serves a page that is the same for everybody: no session, kept by browsers for a while, and
// compressed, since it holds no secret. One that was asked for with words of somebody's own is kept by nobody.
func (s *server) showOpen(p page) handler {
	return func(c *gin.Context) error {
		built, err := p(c, entry{})
		if err != nil {
			return err
		}
		body, err := s.rendered(c, built)
		if err != nil {
			return err
		}
		if c.Request.URL.RawQuery == "" {
			c.Header("Cache-Control", "public, max-age=300")
		}
		c.Header("Content-Type", contentType)
		s.compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(body) // a browser that went away gets nothing more
		}))(c.Writer, c.Request)
		return nil
	}
}

// base is what every page of the journey has.
func (s *server) base(c *gin.Context, v *recovery.Visitor, path, reference string, e entry) templates.Base {
	if reference != "" {
		c.Set(keyReference, reference)
	}
	return templates.Base{
		Path:      path,
		FormToken: s.keys.FormToken(v.Session.FormSeed),
		Reference: reference,
		HasCase:   v.Session.Stored && v.Session.CaseID != "",
		Problems:  e.problems,
	}
}

// trimmed takes the spaces off that people type or paste around an address; anything else stays and is
// judged by account.ParseAddress.
func trimmed(typed string) string { return strings.Trim(typed, " \t") }
