package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers"
	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// Path is where the console is, on its listener.
const Path = "/console"

// CallbackPath is where a browser comes back to from the agents' provider.
const CallbackPath = Path + "/callback"

// Agents is what this package asks of recovery.Agents, whose comments are the contract.
type Agents interface {
	ByProvider() bool
	ByToken() bool
	Session(ctx context.Context, cookie string) (*recovery.AgentSession, error)
	BeginSignIn(ctx context.Context, v *recovery.AgentVisitor, back string) (string, error)
	FinishSignIn(ctx context.Context, v *recovery.AgentVisitor, answer recovery.IdentityAnswer) (back string, err error)
	SignInByToken(ctx context.Context, v *recovery.AgentVisitor, token, name string) error
	SignOut(ctx context.Context, v *recovery.AgentVisitor) error

	FindReference(ctx context.Context, v *recovery.AgentVisitor, typed string) (string, error)
	FindAddress(ctx context.Context, v *recovery.AgentVisitor, of account.Address) error
	Sought(ctx context.Context, v *recovery.AgentVisitor, page, size int) ([]recovery.FoundCase, bool, error)
	Newest(ctx context.Context, v *recovery.AgentVisitor, n int) ([]recovery.FoundCase, error)
	Story(ctx context.Context, v *recovery.AgentVisitor, reference string) (recovery.Story, error)
	Resend(ctx context.Context, v *recovery.AgentVisitor, reference string, kind recovery.Kind, accountID string) error
	Resolve(ctx context.Context, v *recovery.AgentVisitor, reference string) error
	DryRuns(ctx context.Context, v *recovery.AgentVisitor, typed account.Address, reference string) (account.Address, error)
	LinkMade(ctx context.Context, v *recovery.AgentVisitor, ticket string, of account.Address) error
	Trail(ctx context.Context, v *recovery.AgentVisitor, page, size int) ([]recovery.AuditEntry, bool, error)
}

var _ Agents = (*recovery.Agents)(nil)

// WantedLink is what a signed support link shall say; all but Ticket and Life may be empty.
type WantedLink struct {
	Ticket    string
	Address   account.Address
	Situation string
	Language  string
	Life      time.Duration
}

// ErrLinkRefused is wrapped by MakeLink for what no link can be made of.
var ErrLinkRefused = errors.New("link refused")

// Config is what New works with; all is required but TrustedProxies, ProviderOrigins, MakeLink, Macros and
// Metrics.
type Config struct {
	Agents   Agents
	Renderer handlers.Renderer
	// Languages are those that a link may ask for.
	Languages []string
	Limits    handlers.Limits
	Keys      *secret.Ring
	// URL is scheme and host under which agents' browsers reach the listener (R7).
	URL string
	// TrustedProxies are the addresses or CIDR blocks whose X-Forwarded-For is believed.
	TrustedProxies []string
	// ProviderOrigins are where a browser may be sent to sign in (R7).
	ProviderOrigins []string
	// DryRun asks everything about an address, and writes nothing.
	DryRun func(ctx context.Context, of account.Address) (dryrun.Result, error)
	// MakeLink makes the URL of a signed support link; nil: none are made.
	MakeLink func(ctx context.Context, wanted WantedLink) (string, error)
	// Macros are ready-made texts for replies, in a language; nil: there are none.
	Macros  func(lang string) []templates.MacroText
	Log     *slog.Logger
	Metrics handlers.Metrics
	Now     func() time.Time
}

// server holds what handlers share; nothing of it changes after New.
type server struct {
	Config
	cookie *edge.Cookie
	guard  *edge.Guard
	frame  edge.Frame
}

// New builds the console.
func New(c Config) (http.Handler, error) {
	public, err := edge.ParsePublicURL(c.URL)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if c.Agents == nil || c.Renderer == nil || c.Limits == nil || c.Keys == nil || c.DryRun == nil || c.Log == nil || c.Now == nil {
		return nil, errors.New("console: Agents, Renderer, Limits, Keys, DryRun, Log and Now are required")
	}
	guard, err := edge.NewGuard(c.Limits, c.Keys, public)
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	s := &server{
		Config: c, guard: guard, cookie: edge.NewCookie("latchkey-console", c.Keys.CookieKeys(), public),
	}
	s.frame = edge.Frame{
		Log: c.Log, Metrics: c.Metrics, Now: c.Now, Headers: edge.SecurityHeaders(public, c.ProviderOrigins),
		Hosts: edge.Hosts{Public: public, Loopback: loopback(public)}, Fail: s.fail, Panicked: s.panicked,
	}
	e, err := s.frame.Engine(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	s.routes(surface{server: s, engine: e})
	return e, nil
}

// loopback reports whether the console is for this machine: then its other names lead to the one.
func loopback(public *url.URL) bool { return public.Scheme == "http" }

// surface is the only way to add a route, so that none is without what its kind needs.
type surface struct {
	server *server
	engine *gin.Engine
}

// open adds a page, or a way back, that asks for no agent.
func (on surface) open(path string, h edge.Handler) {
	limited := on.server.frame.Answer(on.server.guard.Look(limit.ConsolePages, h))
	on.engine.GET(path, limited)
	on.engine.HEAD(path, limited)
}

// page adds a page for agents who are signed in.
func (on surface) page(path string, p page) { on.open(path, on.server.signedIn(on.server.show(p))) }

// post adds a form behind everything that R6, R8 and R10 ask of one; see protect.
func (on surface) post(path string, f form) {
	on.engine.POST(path, on.server.frame.Answer(on.server.protect(f)))
}
