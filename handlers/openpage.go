package handlers

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"latchkey/assets"
	"latchkey/internal/limit"
)

// openPages are the pages that are the same for everybody, as they were rendered and compressed once: there
// are as many as situations and languages.
type openPages struct{ byKey sync.Map }

type openPage struct {
	language    string
	plain, gzip []byte
}

// showOpen serves such a page: no session, kept by browsers for a while, and compressed, since it holds no
// secret. One that was asked for with words of somebody's own is kept by nobody, and made each time: so it counts as a
// look (R10).
func (s *server) showOpen(p page) handler {
	return func(c *gin.Context) error {
		if c.Request.URL.RawQuery != "" {
			return s.guard.Look(limit.Looks, func(c *gin.Context) error { return s.showOnce(c, p) })(c)
		}
		key := s.language(c) + " " + c.Request.URL.Path
		if kept, ok := s.open.byKey.Load(key); ok {
			kept.(*openPage).write(c)
			return nil
		}
		made, err := s.makeOpen(c, p)
		if err != nil {
			return err
		}
		s.open.byKey.Store(key, made)
		made.write(c)
		return nil
	}
}

func (s *server) showOnce(c *gin.Context, p page) error {
	built, err := p(c, entry{})
	if err != nil {
		return err
	}
	return s.rendered(c, built, func(body []byte) error {
		c.Data(http.StatusOK, contentType, body)
		return nil
	})
}

func (s *server) makeOpen(c *gin.Context, p page) (*openPage, error) {
	built, err := p(c, entry{})
	if err != nil {
		return nil, err
	}
	made := &openPage{language: s.language(c)}
	return made, s.rendered(c, built, func(body []byte) error {
		made.plain = bytes.Clone(body)
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(body); err != nil {
			return err
		}
		err := w.Close()
		made.gzip = b.Bytes()
		return err
	})
}

func (p *openPage) write(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Language", p.language)
	h.Set("Vary", "Accept-Language, Accept-Encoding")
	h.Set("Cache-Control", "public, max-age=300")
	body := p.plain
	if assets.TakesGzip(c.GetHeader("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = p.gzip
	}
	c.Data(http.StatusOK, contentType, body)
}
