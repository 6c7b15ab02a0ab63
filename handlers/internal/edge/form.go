package edge

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
)

// maxBody is the longest body of a form, in bytes (R13).
const maxBody = 16 << 10

// Fields are a form's values; each name has exactly one (R6).
type Fields map[string]string

// readForm takes a body that is a URL-encoded form, at most maxBody long, and nothing else.
func readForm(c *gin.Context) (Fields, error) {
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || c.GetHeader("Content-Encoding") != "" {
		return nil, ErrUnsupported
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return nil, ErrUnsupported
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
		return ErrSlow
	}
	return ErrBrokenOff
}

// parseForm takes names that have one value. Brackets are how other servers write a list or a map: such a
// name beside the plain one would be a second value of it (R6).
func parseForm(body string) (Fields, error) {
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, ErrBadForm
	}
	f := make(Fields, len(values))
	for name, all := range values {
		if len(all) != 1 || strings.ContainsAny(name, "[]") {
			return nil, ErrBadForm
		}
		f[name] = all[0]
	}
	return f, nil
}

// foreign reports whether a browser says that the form is not one of ours. What it says of the site comes
// first: the check of the origin would let our own origin outweigh it.
func foreign(origin *http.CrossOriginProtection, r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return origin.Check(r) != nil
	}
	return true
}
