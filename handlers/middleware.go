package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// requestTime is what one request may take. It is longer than all that a request asks of the customer
// portal and shorter than the server's write time-out (R13), so that a late answer is still a page.
const requestTime = 12 * time.Second

// The keys under which a request's context holds what one step leaves for another.
const (
	keyRequestID = "request-id"
	keyReference = "reference"
	keyAddress   = "address"
	keyVisitor   = "visitor"
	keyAttempt   = "attempt"
)

// observe gives the request an id, and logs and measures it by its route. Nothing of the URL, the query
// or the client is logged: they can hold an address or a link. An address is known by its keyed hash (R11).
func (s *server) observe(c *gin.Context) {
	started := s.now()
	c.Set(keyRequestID, secret.NewID())
	c.Header("X-Request-Id", c.GetString(keyRequestID))
	c.Next()
	route, took := c.FullPath(), s.now().Sub(started)
	if route == "" {
		route = "none"
	}
	s.metrics.Request(route, method(c), c.Writer.Status(), took)
	s.log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
		slog.String("request", c.GetString(keyRequestID)),
		slog.String("route", route),
		slog.String("method", method(c)),
		slog.Int("status", c.Writer.Status()),
		slog.Duration("took", took),
		slog.String("case", c.GetString(keyReference)),
		slog.String("address", c.GetString(keyAddress)),
	)
}

// about notes the case that a request is about, for the log.
func about(c *gin.Context, a *recovery.Case) {
	if a != nil {
		c.Set(keyReference, a.Reference)
		c.Set(keyAddress, a.AddressHash)
	}
}

// aboutAddress notes the address that a request is about, as a row has it.
func (s *server) aboutAddress(c *gin.Context, stored string) {
	if a, err := account.ParseAddress(stored); err == nil {
		c.Set(keyAddress, s.keys.HashAddress(a.Canonical()))
	}
}

// aboutVisitor notes the case of who calls, where an act ends at another site.
func (s *server) aboutVisitor(c *gin.Context, v *recovery.Visitor) {
	if p, err := s.service.Progress(c.Request.Context(), v); err == nil {
		about(c, p.Case)
	}
}

// aboutLink notes the case of a link and the address that it was mailed to. A dead one is about nobody.
func (s *server) aboutLink(c *gin.Context, v *recovery.Visitor, p recovery.Purpose) {
	if subject, err := s.service.LinkSubject(c.Request.Context(), v, p); err == nil {
		about(c, &subject)
	}
}

// method is the request's, or "other": a client may send any word, and metrics keep one row for each.
func method(c *gin.Context) string {
	switch c.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return c.Request.Method
	}
	return "other"
}

// secure sets the headers that every answer has; pages that are the same for everybody replace
// Cache-Control.
func (s *server) secure(c *gin.Context) {
	h := c.Writer.Header()
	for name, values := range s.headers {
		h[name] = values
	}
	joinForwardedFor(c.Request.Header)
}

// deadline ends what a request waits for, so that an honest page can still be written.
func (s *server) deadline(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), requestTime)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// knownHost refuses a request that names another host (R7): behind a careless proxy such a name could
// end up in a link or a cache.
func (s *server) knownHost(c *gin.Context) {
	if s.hosts.known(c.Request.Host) {
		return
	}
	c.Abort()
	if to, ok := s.hosts.elsewhere(c.Request); ok {
		c.Redirect(http.StatusFound, to)
		return
	}
	s.fail(c, errUnknownHost)
}
