package handlers

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/gin-gonic/gin"

	"latchkey/assets"
	"latchkey/internal/recovery"
)

// errPrevious is a page of the installation before this one, which does not answer.
var errPrevious = errors.New("handlers: the previous installation does not answer")

// previous is the installation that this one takes over from, on another database and with the same keys. It
// gets no new cases: those begin here. What it has begun it finishes: its links, and the journeys of browsers
// whose session it has.
type previous struct{ proxy *httputil.ReverseProxy }

// handed is what the proxy is told of a request, and tells of it.
type handed struct {
	client string
	err    error
}

type handedKey struct{}

func newPrevious(to *url.URL) *previous {
	if to == nil {
		return nil
	}
	return &previous{&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			if h, ok := r.In.Context().Value(handedKey{}).(*handed); ok {
				r.Out.Header.Set("X-Forwarded-For", h.client)
			}
		},
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			if h, ok := r.Context().Value(handedKey{}).(*handed); ok {
				h.err = err
			}
		},
	}}
}

// handOver answers a request by the previous installation where it is of a case there.
func (s *server) handOver(c *gin.Context) {
	if s.previous == nil {
		return
	}
	theirs, err := s.theirs(c)
	if err == nil && !theirs {
		return
	}
	c.Abort()
	if err == nil {
		err = s.previous.answer(c, s.frame.Headers)
	}
	if err != nil {
		s.fail(c, err)
	}
}

// theirs reports whether a request is of a case there. Whoever starts, starts here, and has a session here
// from then on.
func (s *server) theirs(c *gin.Context) (bool, error) {
	path := c.FullPath()
	if path == "" || s.everybodys[path] {
		return false, nil
	}
	switch path {
	case "/", recovery.SupportLinkPath + ":token": // where one starts
		return false, nil
	case "/assets/*file":
		return !assets.Has(c.Request.URL.Path), nil
	case recovery.LinkPath + ":token":
		return s.theirLink(c)
	}
	if s.sessions.cookie.Open(c.Request) == "" {
		return false, nil
	}
	v, err := s.visitor(c)
	return err == nil && !v.Session.Stored(), err
}

// theirLink reports whether a link is genuine and its challenge is not here. A browser that has a session here
// leaves it behind: what it does with the link has to be one session's.
func (s *server) theirLink(c *gin.Context) (bool, error) {
	elsewhere, err := s.service.LinkElsewhere(c.Request.Context(), c.Param("token"))
	if err != nil || !elsewhere {
		return false, err
	}
	v, err := s.visitor(c)
	if err == nil && v.Session.Stored() {
		dropCookie(c.Request, s.sessions.cookie.Name)
	}
	return true, err
}

func dropCookie(r *http.Request, name string) {
	all := r.Cookies()
	r.Header.Del("Cookie")
	for _, cookie := range all {
		if cookie.Name != name {
			r.AddCookie(cookie)
		}
	}
}

// answer passes the request on as it came, with the client that it came from. The headers are theirs.
func (p *previous) answer(c *gin.Context, ours http.Header) error {
	for name := range ours {
		c.Writer.Header().Del(name)
	}
	h := &handed{client: c.ClientIP()}
	p.proxy.ServeHTTP(c.Writer, c.Request.WithContext(context.WithValue(c.Request.Context(), handedKey{}, h)))
	if h.err == nil {
		return nil
	}
	maps.Copy(c.Writer.Header(), ours)
	return errPrevious // what the network says of it may name the client
}
