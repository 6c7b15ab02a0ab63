package handlers_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/assets"
	"latchkey/handlers"
	"latchkey/internal/customerportal"
	"latchkey/internal/demo"
	"latchkey/internal/desk"
	"latchkey/internal/limit"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
	"latchkey/templates"
)

// house is the whole of Latchkey behind one address, beside a demo customer portal, with a clock that
// the test moves and an outbox that the test empties.
type house struct {
	t        *testing.T
	data     string
	database string
	clock    *clock
	store    *countingStore
	service  *recovery.Service
	portal   *demo.Portal
	inbox    *demo.Inbox
	outbox   *outbox.Outbox
	desk     *outbox.Outbox // of hand-offs
	keyFile  string
	patience time.Duration // with the customer portal; zero is 5 s
	keys     *secret.Ring
	log      *logBook
	config   handlers.Config
	// renderer is that of the mails; a test may give the edge another one.
	renderer *templates.Renderer
	edge     *edge
	server   *httptest.Server
	shop     *httptest.Server // the customer portal
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

// countingStore counts transactions.
type countingStore struct {
	*sqlstore.Store
	updates atomic.Int64
}

func (s *countingStore) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	s.updates.Add(1)
	return s.Store.Update(ctx, fn)
}

func (s *countingStore) UpdateTogether(ctx context.Context, shared recovery.Shared, fn func(tx recovery.Tx) error) error {
	s.updates.Add(1)
	return s.Store.UpdateTogether(ctx, shared, fn)
}

// edge is the HTTP edge of the moment: a restart replaces it.
type edge struct{ atomic.Pointer[gin.Engine] }

func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.Load().ServeHTTP(w, r) }

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

// newHouse opens a house; change may alter the edge's configuration before it starts.
func newHouse(t *testing.T, change ...func(*handlers.Config)) *house {
	t.Helper()
	h := &house{
		t: t, data: t.TempDir(), database: sqlstoretest.URL(t), log: &logBook{},
		clock: &clock{now: time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)},
	}
	h.keyFile, h.keys = newKeys(t)
	h.openPortal()
	h.openService()
	h.openEdge(change...)
	return h
}

// newKeys makes a key file and its ring.
func newKeys(t *testing.T) (text string, keys *secret.Ring) {
	t.Helper()
	text, err := secret.Generate()
	must(t, err)
	keys, err = secret.Parse(text)
	must(t, err)
	return text, keys
}

// rotateKeys puts a new key above the one in use and restarts.
func (h *house) rotateKeys() {
	h.t.Helper()
	fresh, _ := newKeys(h.t)
	line := func(text, word string) string {
		for l := range strings.Lines(text) {
			if strings.HasPrefix(l, word+" ") {
				return strings.TrimSpace(l)
			}
		}
		h.t.Fatalf("no line %q in the key file", word)
		return ""
	}
	h.keyFile = strings.Join([]string{
		line(h.keyFile, "address"), line(fresh, "key"), line(h.keyFile, "key") + " retired",
	}, "\n")
	keys, err := secret.Parse(h.keyFile)
	must(h.t, err)
	h.keys, h.config.Keys = keys, keys
	h.restart()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const portalToken = "portal-token"

func (h *house) openPortal() {
	inbox, err := demo.OpenInbox(h.t.Context(), demo.InboxConfig{
		DataDir: h.data, From: "Customers Portal <help@example.com>", Now: h.clock.Now,
	})
	must(h.t, err)
	h.inbox = inbox
	h.shop = httptest.NewUnstartedServer(nil)
	h.portal, err = demo.OpenPortal(h.t.Context(), demo.Config{
		DataDir: h.data, Token: portalToken, Now: h.clock.Now, Inbox: inbox,
		PublicURL: func() string { return h.shop.URL },
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
	h.store = &countingStore{Store: sqlstoretest.Open(h.t, h.database)}
	client, err := customerportal.New(customerportal.Config{
		BaseURL: h.shop.URL, Token: portalToken, Timeout: h.patience,
	})
	must(h.t, err)
	policy := recovery.DefaultPolicy()
	policy.ConfirmHere = true
	policy.PortalOrigins = []string{h.shop.URL}
	policy.AddressNetHour, policy.AddressNetDay = policy.AddressHour, policy.AddressDay
	h.service = recovery.New(recovery.Deps{
		Store: h.store, Portal: client, MailLog: h.portal, Suppressions: h.portal.Suppressions(), Keys: h.keys, Now: h.clock.Now, Policy: policy,
	})
}

// openEdge starts the HTTP edge and what renders mail, both of which need its address.
func (h *house) openEdge(change ...func(*handlers.Config)) {
	h.edge = &edge{}
	h.server = httptest.NewUnstartedServer(h.edge)
	url := "http://" + h.server.Listener.Addr().String()
	renderer, err := templates.New(templates.Options{
		Site: templates.Site{
			Vendor: "Acme", Portal: "Customers Portal", PortalURL: h.shop.URL, Identity: "GitLab.com",
			SupportContact: "support@example.com",
		},
		Asset: assets.Path,
	})
	must(h.t, err)
	h.config = handlers.Config{
		Service: h.service, Renderer: renderer, Limits: limit.New(limit.Config{Now: h.clock.Now}),
		Keys: h.keys, PublicURL: url, PortalOrigins: []string{h.shop.URL}, Now: h.clock.Now,
		Log: slog.New(slog.NewJSONHandler(h.log, nil)),
	}
	for _, f := range change {
		f(&h.config)
	}
	h.build()
	h.server.Start()
	h.t.Cleanup(h.server.Close)
	h.renderer = renderer
	h.openOutbox()
}

func (h *house) openOutbox() {
	var err error
	letters := &outbox.Letters{
		Renderer: h.renderer, Keys: h.keys, PublicURL: h.server.URL, ReplyTo: "help@example.com",
		Support: "support@example.com", MessageIDDomain: "example.com",
	}
	h.outbox, err = outbox.New(outbox.Config{
		Queue: h.store, Sender: h.inbox, Finder: h.service, Now: h.clock.Now, Workers: 2, Composer: letters,
	})
	must(h.t, err)
	h.desk, err = outbox.New(outbox.Config{
		Queue: h.store, Channel: recovery.ChannelDesk, Sender: desk.Sender{Desk: desk.Email{Mail: h.inbox}, Filed: h.service.Filed},
		Finder: h.service, Now: h.clock.Now, Composer: letters,
	})
	must(h.t, err)
}

// build makes the edge from its configuration.
func (h *house) build() {
	h.t.Helper()
	built, err := handlers.New(h.config)
	must(h.t, err)
	engine, ok := built.(*gin.Engine)
	if !ok {
		h.t.Fatal("the edge is no Gin engine: how are its routes to be walked?")
	}
	h.edge.Store(engine)
}

// restart replaces everything that lives in the process: the store is opened anew from its file.
func (h *house) restart() {
	h.t.Helper()
	must(h.t, h.store.Close())
	h.openService()
	h.config.Service, h.config.Limits = h.service, limit.New(limit.Config{Now: h.clock.Now})
	h.build()
	h.openOutbox()
}

// as is the house for a subtest.
func (h *house) as(t *testing.T) *house {
	mine := *h
	mine.t = t
	return &mine
}

// mails sends what is due and returns the mails to an address, newest first.
func (h *house) mails(to string) []demo.Mail {
	h.t.Helper()
	for range 3 { // a blind job queues mails
		must(h.t, h.outbox.Flush(h.t.Context()))
	}
	must(h.t, h.desk.Flush(h.t.Context()))
	found, err := h.inbox.Mails(h.t.Context(), to, 100)
	must(h.t, err)
	return found
}

// mail is the newest mail to an address.
func (h *house) mail(to string) demo.Mail {
	h.t.Helper()
	found := h.mails(to)
	if len(found) == 0 {
		h.t.Fatalf("no mail to %s", to)
	}
	return found[0]
}
