package console_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/assets"
	"latchkey/handlers"
	"latchkey/handlers/console"
	"latchkey/internal/account"
	"latchkey/internal/customerportal"
	"latchkey/internal/demo"
	"latchkey/internal/limit"
	"latchkey/internal/oidc"
	"latchkey/internal/oidc/oidctest"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
	"latchkey/templates"
)

const consoleToken = "the-token-of-this-console"

var (
	grace   = oidctest.Person{Subject: "42", Username: "grace", Groups: []string{"staff", "support"}}
	mallory = oidctest.Person{Subject: "666", Username: "mallory", Groups: []string{"staff"}}
)

// house is the console and all that stands behind it: a database, a demo customer portal, and a real OpenID
// provider. Customers take their steps by the rules, without pages.
type house struct {
	t        *testing.T
	clock    *clock
	log      *logBook
	keys     *secret.Ring
	store    *sqlstore.Store
	service  *recovery.Service
	outbox   *outbox.Outbox
	inbox    *demo.Inbox
	portal   *demo.Portal
	provider *oidctest.Provider
	agents   recovery.AgentDeps
	config   console.Config
	engine   *gin.Engine
	server   *httptest.Server
	shop     *httptest.Server
	linked   int // how often a link was to be made
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logBook keeps what is logged.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newHouse opens a house; change may alter the console's configuration before it starts.
func newHouse(t *testing.T, change ...func(*house)) *house {
	t.Helper()
	h := &house{t: t, log: &logBook{}, clock: &clock{now: time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)}}
	text, err := secret.Generate()
	must(t, err)
	h.keys, err = secret.Parse(text)
	must(t, err)
	h.openPortal()
	h.openService()
	h.server = httptest.NewUnstartedServer(nil)
	h.openConsole(change...)
	h.server.Config.Handler = h.engine
	h.server.Start()
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) openPortal() {
	data := h.t.TempDir()
	inbox, err := demo.OpenInbox(h.t.Context(), demo.InboxConfig{DataDir: data, From: "Help <help@example.com>", Now: h.clock.Now})
	must(h.t, err)
	h.inbox = inbox
	h.shop = httptest.NewUnstartedServer(nil)
	h.portal, err = demo.OpenPortal(h.t.Context(), demo.Config{
		DataDir: data, Token: "portal-token", Now: h.clock.Now, Inbox: inbox, PublicURL: func() string { return h.shop.URL },
	})
	must(h.t, err)
	h.shop.Config.Handler = h.portal.Handler()
	h.shop.Start()
	h.t.Cleanup(func() {
		_ = h.portal.Close()
		h.shop.Close()
		_ = inbox.Close()
	})
}

func (h *house) openService() {
	h.store = sqlstoretest.Open(h.t, sqlstoretest.URL(h.t))
	client, err := customerportal.New(customerportal.Config{BaseURL: h.shop.URL, Token: "portal-token"})
	must(h.t, err)
	policy := recovery.DefaultPolicy()
	policy.ConfirmHere = true
	policy.PortalOrigins = []string{h.shop.URL}
	h.service = recovery.New(recovery.Deps{Store: h.store, Portal: client, MailLog: h.portal, Suppressions: h.portal.Suppressions(), Keys: h.keys, Now: h.clock.Now, Policy: policy})
}

func (h *house) openConsole(change ...func(*house)) {
	url := "http://" + h.server.Listener.Addr().String()
	renderer, err := templates.New(templates.Options{
		Site:  templates.Site{Vendor: "Acme", Portal: "Customers Portal", PortalURL: h.shop.URL, Identity: "GitLab.com"},
		Asset: assets.Path,
	})
	must(h.t, err)
	h.provider = oidctest.Start(h.t, url+console.CallbackPath, grace, mallory)
	p, err := oidc.New(oidc.Config{
		Issuer: h.provider.URL, Name: "agents", ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret,
		RedirectURL: url + console.CallbackPath, Origins: []string{h.provider.URL}, Scopes: []string{"profile"}, GroupsClaim: "groups",
		Timeout: 5 * time.Second, Now: time.Now, // its tokens are as old as its own clock says
	})
	must(h.t, err)
	h.agents = recovery.AgentDeps{Provider: p, Groups: []string{"support"}, Token: consoleToken, Policy: recovery.DefaultAgentPolicy()}
	h.config = console.Config{
		Renderer: renderer, Languages: []string{"en"}, Limits: limit.New(limit.Config{Now: h.clock.Now}), Keys: h.keys, URL: url,
		ProviderOrigins: []string{h.provider.URL}, Log: slog.New(slog.NewJSONHandler(h.log, nil)), Now: h.clock.Now,
		DryRun: func(ctx context.Context, of account.Address) (dryrun.Result, error) {
			return dryrun.Run(ctx, h.service.Deps, of, func(d recovery.Diagnosis) (dryrun.Page, error) {
				title, text, err := handlers.PreviewText(renderer, "en", d)
				return dryrun.Page{Title: title, Text: text}, err
			})
		},
	}
	for _, f := range change {
		f(h)
	}
	if h.config.Agents == nil {
		h.config.Agents = recovery.NewAgents(h.service, h.agents)
	}
	built, err := console.New(h.config)
	must(h.t, err)
	h.engine = built.(*gin.Engine)
	h.openOutbox(renderer)
}

func (h *house) openOutbox(renderer *templates.Renderer) {
	var err error
	h.outbox, err = outbox.New(outbox.Config{
		Queue: h.store, Sender: h.inbox, Finder: h.service, Now: h.clock.Now, Workers: 2,
		Composer: &outbox.Letters{
			Renderer: renderer, Keys: h.keys, PublicURL: "https://help.example.com", ReplyTo: "help@example.com",
			Support: "support@example.com", MessageIDDomain: "example.com",
		},
	})
	must(h.t, err)
}

// customer is one browser of a customer.
type customer struct {
	h       *house
	session *recovery.Session
}

func (h *house) customer() *customer {
	h.t.Helper()
	s, err := h.service.SessionByCookie(h.t.Context(), "")
	must(h.t, err)
	return &customer{h, s}
}

func (c *customer) do(step func(context.Context, *recovery.Visitor) error) {
	c.h.t.Helper()
	must(c.h.t, step(c.h.t.Context(), &recovery.Visitor{
		Session: c.session, Network: recovery.Network{Client: "192.0.2.7", Wide: "192.0.2.0/24"}, Browser: "Firefox on Windows", Language: "en",
	}))
}

func (c *customer) start(address string) {
	c.h.t.Helper()
	a, err := account.ParseAddress(address)
	must(c.h.t, err)
	c.do(func(ctx context.Context, v *recovery.Visitor) error { return c.h.service.Start(ctx, v, a) })
}

// situation proves the mailbox and looks at what was found.
func (c *customer) situation(address string) {
	c.h.t.Helper()
	c.start(address)
	c.do(func(ctx context.Context, v *recovery.Visitor) error {
		ds, err := c.h.store.Deliveries(ctx, c.session.CaseID)
		if err != nil {
			return err
		}
		challenge, err := c.h.store.Challenge(ctx, ds[0].ChallengeID)
		if err != nil {
			return err
		}
		code, err := c.h.keys.Code(challenge.KeyID, challenge.ID)
		if err != nil {
			return err
		}
		if err := c.h.service.EnterCode(ctx, v, code); err != nil {
			return err
		}
		_, err = c.h.service.Diagnose(ctx, v)
		return err
	})
}

func (c *customer) reference() string {
	c.h.t.Helper()
	found, err := c.h.store.Case(c.h.t.Context(), c.session.CaseID)
	must(c.h.t, err)
	return found.Reference
}

// trail is what agents did, newest first, as "who: act (detail) reference".
func (h *house) trail() []string {
	h.t.Helper()
	entries, err := h.store.AgentAudit(h.t.Context(), 0, 1000)
	must(h.t, err)
	var lines []string
	for _, e := range entries {
		lines = append(lines, e.Actor+": "+e.Act+" ("+e.Detail+") "+e.Reference)
	}
	return lines
}

// ask makes a request of no browser.
func (h *house) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, h.config.URL+path, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", h.config.URL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.engine.ServeHTTP(w, r)
	return w
}

func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}
