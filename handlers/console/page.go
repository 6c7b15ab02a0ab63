package console

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// entry is what a form brought that is shown once more. It is zero on a GET.
type entry struct {
	fields   edge.Fields
	problems []templates.Problem
}

// page builds a page. What it returns is rendered as a whole or not at all.
type page func(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error)

func (s *server) show(p page) edge.Handler {
	return func(c *gin.Context) error {
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		built, err := p(c, v, entry{})
		if err != nil {
			return err
		}
		return s.render(c, http.StatusOK, built)
	}
}

// signedIn leads whoever is not to where they can, and remembers the case that they came for.
func (s *server) signedIn(h edge.Handler) edge.Handler {
	return func(c *gin.Context) error {
		v, err := s.visitor(c)
		if err != nil {
			return err
		}
		if v.Session.SignedIn() {
			return h(c)
		}
		to := Path + "/sign-in"
		if reference, ok := caseOf(c); ok {
			to += "?" + templates.FieldCase + "=" + reference
		}
		return s.redirect(c, to)
	}
}

// render writes a page, after the cookie. It is not compressed: it holds the form token beside what was typed.
func (s *server) render(c *gin.Context, status int, p templates.Page) error {
	language := s.language(c)
	var b bytes.Buffer
	if err := s.Renderer.Page(&b, language, p); err != nil {
		return err
	}
	if err := s.keepCookie(c); err != nil {
		return err
	}
	c.Header("Content-Language", language)
	c.Header("Vary", "Accept-Language")
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// redirect answers 303, after the cookie.
func (s *server) redirect(c *gin.Context, to string) error {
	if err := s.keepCookie(c); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

func (s *server) keepCookie(c *gin.Context) error {
	v, ok := c.Get(keyVisitor)
	if !ok || v.(*recovery.AgentVisitor).Session.NewCookie == "" {
		return nil
	}
	return s.cookie.Set(c.Writer, v.(*recovery.AgentVisitor).Session.NewCookie)
}

func (s *server) language(c *gin.Context) string {
	return s.Renderer.Match(c.GetHeader("Accept-Language"))
}

// base is what every page has.
func (s *server) base(v *recovery.AgentVisitor, path string, e entry) templates.ConsoleBase {
	b := templates.ConsoleBase{Links: s.MakeLink != nil || s.Macros != nil}
	b.Path, b.Problems = path, e.problems
	if v == nil {
		return b
	}
	b.FormToken = s.Keys.FormToken(v.Session.FormSeed)
	if v.Session.SignedIn() {
		b.Who = v.Session.Who
	}
	return b
}

// maxPage is the last page of a list; nobody turns more.
const maxPage = 1000

// pageOf is the page of a list that is asked for, counted from 0.
func pageOf(c *gin.Context) int {
	n, err := strconv.Atoi(c.Query("page"))
	if err != nil || n < 1 || n > maxPage {
		return 0
	}
	return n - 1
}

func paging(path string, page int, more bool) templates.Paging {
	p := templates.Paging{Path: path, Page: page + 1, Prev: page}
	if more && page+1 < maxPage {
		p.Next = page + 2
	}
	return p
}
