package edge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/fault"
	"latchkey/internal/secret"
)

// requestTime is what one request may take. It is longer than all that a request asks of the customer
// portal and shorter than the server's write time-out (R13), so that a late answer is still a page.
const requestTime = 12 * time.Second

// The keys under which a request's context holds what is logged of it.
const (
	KeyRequestID = "request-id"
	KeyReference = "reference"
	KeyAddress   = "address" // its keyed hash
)

// Handler answers a request, or returns why it could not.
type Handler func(c *gin.Context) error

// Metrics hears of every request, by its route's pattern.
type Metrics interface {
	Request(route, method string, status int, took time.Duration)
}

// Frame is what stands around the handlers of one listener.
type Frame struct {
	Log     *slog.Logger
	Metrics Metrics // nil: nobody listens
	Now     func() time.Time
	Headers http.Header // of every answer
	Hosts   Hosts
	// Fail answers an error of a handler, or of this package.
	Fail func(c *gin.Context, err error)
	// Panicked answers a request whose handler panicked.
	Panicked func(c *gin.Context)

	proxyTold, hostTold atomic.Bool // what the operator was told of already
	outages             sync.Map    // *fault.Outage of what a page reads when a system that it needs is away
}

// Engine is Gin with its surprises off: it trusts no proxy but those named, hands on the request's
// context, and never redirects to a path of its own making.
func (f *Frame) Engine(proxies []string) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.ContextWithFallback = true
	e.RemoteIPHeaders = []string{"X-Forwarded-For"}
	e.RedirectTrailingSlash = false
	e.HandleMethodNotAllowed = true
	if err := e.SetTrustedProxies(proxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	e.Use(f.observe, f.secure, f.lookAtProxy, f.deadline, f.knownHost)
	e.NoRoute(f.Answer(func(*gin.Context) error { return ErrNotFound }))
	e.NoMethod(f.Answer(func(*gin.Context) error { return ErrMethod }))
	return e, nil
}

// Answer is the adapter of every handler: an error or a panic becomes a whole page.
func (f *Frame) Answer(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer f.recoverPanic(c)
		if err := h(c); err != nil {
			f.Fail(c, err)
		}
	}
}

// recoverPanic turns a panic into the page of a server error.
func (f *Frame) recoverPanic(c *gin.Context) {
	p := fault.Caught(recover())
	if p == nil {
		return
	}
	f.Log.Error("panic", slog.String("request", c.GetString(KeyRequestID)), p.Attr())
	f.Panicked(c)
}

// observe gives the request an id, and logs and measures it by its route. Nothing of the URL, the query
// or the client is logged: they can hold an address or a link. An address is known by its keyed hash (R11).
func (f *Frame) observe(c *gin.Context) {
	started := f.Now()
	c.Set(KeyRequestID, secret.NewID())
	c.Header("X-Request-Id", c.GetString(KeyRequestID))
	c.Next()
	route, took := c.FullPath(), f.Now().Sub(started)
	if route == "" {
		route = "none"
	}
	if f.Metrics != nil {
		f.Metrics.Request(route, method(c), c.Writer.Status(), took)
	}
	f.Log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
		slog.String("request", c.GetString(KeyRequestID)),
		slog.String("route", route),
		slog.String("method", method(c)),
		slog.Int("status", c.Writer.Status()),
		slog.Duration("took", took),
		slog.String("case", c.GetString(KeyReference)),
		slog.String("address", c.GetString(KeyAddress)),
	)
}

// method is the request's, or "other": a client may send any word, and metrics keep one row for each.
func method(c *gin.Context) string {
	switch c.Request.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return c.Request.Method
	}
	return "other"
}

// LogFailure tells of faults of ours and of the systems we ask; what a visitor does wrong is no news, and
// nobody waits any more for the answer to a request that was called off. A system that is away (status 503) is
// told now and then, by what the visitor reads of it: each request meets it.
func (f *Frame) LogFailure(c *gin.Context, r Reply, err error) {
	if r.Status < http.StatusInternalServerError || errors.Is(err, context.Canceled) {
		return
	}
	if r.Status != http.StatusServiceUnavailable {
		f.tellFailure(c, "request failed", err)
		return
	}
	outage, _ := f.outages.LoadOrStore(cmp.Or(string(r.Problem), string(r.Message)), &fault.Outage{})
	if requests, tell := outage.(*fault.Outage).Met(f.Now()); tell {
		f.tellFailure(c, "a system that pages need is away", err, slog.Int("requests", requests))
	}
}

func (f *Frame) tellFailure(c *gin.Context, message string, err error, more ...slog.Attr) {
	f.Log.LogAttrs(c.Request.Context(), slog.LevelError, message, append(more,
		slog.String("request", c.GetString(KeyRequestID)),
		slog.String("route", c.FullPath()),
		slog.String("case", c.GetString(KeyReference)),
		slog.String("error", err.Error()),
	)...)
}

// secure sets the headers that every answer has; pages that are the same for everybody replace
// Cache-Control.
func (f *Frame) secure(c *gin.Context) {
	maps.Copy(c.Writer.Header(), f.Headers)
}

// lookAtProxy makes one header of what proxies say of the client, and tells the operator of a proxy that is not named:
// whoever comes by it is limited as if they were one. It may be a client's own header as well, so that it is told once.
func (f *Frame) lookAtProxy(c *gin.Context) {
	joinForwardedFor(c.Request.Header)
	forwarded := c.GetHeader("X-Forwarded-For")
	if forwarded == "" || f.proxyTold.Load() {
		return
	}
	peer := c.RemoteIP()
	if c.ClientIP() == peer && !strings.HasSuffix(forwarded, peer) && f.proxyTold.CompareAndSwap(false, true) {
		f.Log.Warn("X-Forwarded-For of a peer that --trusted-proxies does not name is not believed: " +
			"if that is your proxy, all customers behind it share one limit")
	}
}

// deadline ends what a request waits for, so that an honest page can still be written.
func (f *Frame) deadline(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), requestTime)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// knownHost refuses a request that names another host (R7): behind a careless proxy such a name could
// end up in a link or a cache.
func (f *Frame) knownHost(c *gin.Context) {
	if f.Hosts.Known(c.Request.Host) {
		return
	}
	c.Abort()
	if to, ok := f.Hosts.Elsewhere(c.Request); ok {
		c.Redirect(http.StatusFound, to)
		return
	}
	if f.hostTold.CompareAndSwap(false, true) {
		f.Log.Warn("a request for a host other than that of the public URL was refused, as all such are: " +
			"a proxy has to hand on the Host that it was asked for")
	}
	f.Fail(c, ErrUnknownHost)
}
