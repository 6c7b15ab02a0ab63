package handlers

import (
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// maxBody is the longest body of a form, in bytes (R13).
const maxBody = 16 << 10

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
type fields map[string]string

// protect runs a form's act behind all its protection, cheapest first: the browser says that the form is
// ours, the client is within its limit, the body is a small form with scalar fields, and it carries the
// token of the cookie's session.
func (s *server) protect(f form) handler {
	if f.limit == "" {
		f.limit = limit.Pages
	}
	return func(c *gin.Context) error {
		if s.foreign(c.Request) {
			return errForeignOrigin
		}
		if err := s.allow(c, f.limit); err != nil {
			return err
		}
		values, err := readForm(c)
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

// foreign reports whether a browser says that the form is not one of ours. What it says of the site comes
// first: the check of the origin would let our own origin outweigh it.
func (s *server) foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return s.origin.Check(r) != nil
	}
	return true
}

// allow counts the request against a limit, by client (R10).
func (s *server) allow(c *gin.Context, name limit.Name) error {
	client := cutNetwork(c.ClientIP()).Client
	d := s.limits.Allow(c.Request.Context(), name, s.keys.HashLimit(string(name), client))
	if d.OK {
		return nil
	}
	return &tooManyError{after: d.RetryAfter}
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

// readForm takes a body that is a URL-encoded form, at most maxBody long, and nothing else.
func readForm(c *gin.Context) (fields, error) {
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || c.GetHeader("Content-Encoding") != "" {
		return nil, errUnsupported
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return nil, errUnsupported
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	if err != nil {
		return nil, unread(err)
	}
	return parseForm(string(body))
}

// unread is why a body could not be read: too long, or its client's connection. What the network says of
// the latter names the client (R11).
func unread(err error) error {
	var tooLarge *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &tooLarge):
		return tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return errSlow
	}
	return errBrokenOff
}

// parseForm takes names that have one value. Brackets are how other servers write a list or a map: such a
// name beside the plain one would be a second value of it (R6).
func parseForm(body string) (fields, error) {
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, errBadForm
	}
	f := make(fields, len(values))
	for name, all := range values {
		if len(all) != 1 || strings.ContainsAny(name, "[]") {
			return nil, errBadForm
		}
		f[name] = all[0]
	}
	return f, nil
}
