package handlers

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// Renderer is what this package asks of templates.Renderer.
type Renderer interface {
	// Page renders p into w in the language nearest to lang.
	Page(w *bytes.Buffer, lang string, p templates.Page) error
	// Match is the language nearest to an Accept-Language header.
	Match(acceptLanguage string) string
	// Text is one message; ok is false where it does not exist.
	Text(lang, id string, kv ...any) (text string, ok bool)
}

// Limits is what this package asks of limit.Limits.
type Limits = edge.Limits

// Metrics hears of every request, by its route's pattern.
type Metrics = edge.Metrics

// Config is what New works with; all is required but Previous, Reports, IdentityOrigins, Metrics,
// TrustedProxies and Demo.
type Config struct {
	Service  Recovery
	Renderer Renderer
	Limits   Limits
	Keys     *secret.Ring
	// PublicURL is scheme and host under which browsers reach Latchkey (R7).
	PublicURL string
	// TrustedProxies are the addresses or CIDR blocks whose X-Forwarded-For is believed.
	TrustedProxies []string
	// PortalOrigins are where a form's answer may redirect to, besides Latchkey itself (R7).
	PortalOrigins []string
	// IdentityOrigins are where it may redirect to for a sign-in at the identity provider (R7).
	IdentityOrigins []string
	// Previous is the installation that this one takes over from; nil for none.
	Previous *url.URL
	// Reports takes Mailgun's reports of mails; nil leaves the route out.
	Reports Reports
	// Demo redirects the other names of loopback to PublicURL.
	Demo    bool
	Log     *slog.Logger
	Metrics Metrics
	Now     func() time.Time
}

// server holds what handlers share; nothing of it changes after New.
type server struct {
	service  Recovery
	renderer Renderer
	reports  Reports
	previous *previous
	// everybodys are the routes without a session.
	everybodys map[string]bool
	keys       *secret.Ring
	sessions   *sessionStore
	guard      *edge.Guard
	frame      edge.Frame
	open       openPages
	log        *slog.Logger
	now        func() time.Time
}

// New builds the HTTP edge. Its error says what is missing, or which URL or proxy is none.
func New(c Config) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return s.engine(c.TrustedProxies)
}

func newServer(c Config) (*server, error) {
	public, err := edge.ParsePublicURL(c.PublicURL)
	if err != nil {
		return nil, err
	}
	if c.Service == nil || c.Renderer == nil || c.Limits == nil || c.Keys == nil ||
		c.Log == nil || c.Now == nil {
		return nil, errors.New("handlers: Service, Renderer, Limits, Keys, Log and Now are required")
	}
	guard, err := edge.NewGuard(c.Limits, c.Keys, public)
	if err != nil {
		return nil, err
	}
	s := &server{
		service: c.Service, renderer: c.Renderer, reports: c.Reports, keys: c.Keys,
		sessions: newSessionStore(c.Keys.CookieKeys(), public, c.Service.SessionByCookie),
		guard:    guard, previous: newPrevious(c.Previous), everybodys: map[string]bool{},
		log: c.Log, now: c.Now,
	}
	s.frame = edge.Frame{
		Log: c.Log, Metrics: c.Metrics, Now: c.Now, Hosts: edge.Hosts{Public: public, Loopback: c.Demo},
		Headers: edge.SecurityHeaders(public, slices.Concat(c.PortalOrigins, c.IdentityOrigins)),
		Fail:    s.fail, Panicked: s.panicked,
	}
	return s, nil
}

func (s *server) engine(proxies []string) (*gin.Engine, error) {
	e, err := s.frame.Engine(proxies)
	if err != nil {
		return nil, err
	}
	e.Use(s.handOver)
	s.routes(surface{server: s, engine: e})
	return e, nil
}
