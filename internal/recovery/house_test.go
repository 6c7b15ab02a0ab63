package recovery_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// house is a service over a real database, with a clock and a portal that the test holds.
type house struct {
	*recovery.Service
	t      *testing.T
	clock  *clock
	portal *portal
	keys   *secret.Ring
	store  recovery.Store
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

const portalURL = "https://portal.example"

// newHouse has one connection: a step that asked for a second one within its transaction would hang.
func newHouse(t *testing.T, change ...func(*recovery.Policy)) *house {
	t.Helper()
	return newBusyHouse(t, 1, change...)
}

func newBusyHouse(t *testing.T, connections int, change ...func(*recovery.Policy)) *house {
	t.Helper()
	store := sqlstoretest.Open(t, sqlstoretest.URL(t), sqlstore.WithConnections(connections))
	text, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	policy := recovery.DefaultPolicy()
	policy.ConfirmHere = true
	policy.PortalOrigins = []string{portalURL}
	for _, f := range change {
		f(&policy)
	}
	h := &house{
		t: t, keys: keys, store: store, portal: &portal{accounts: map[string][]account.Account{}},
		clock: &clock{now: time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)},
	}
	h.Service = recovery.New(recovery.Deps{
		Store: store, Portal: h.portal, Keys: keys, Now: h.clock.Now, Policy: policy,
	})
	return h
}

// browser is one browser: it keeps its cookie between steps, as the HTTP edge does.
type browser struct {
	h      *house
	cookie string
	net    string
	client string
	name   string
}

func (h *house) browser() *browser {
	return &browser{h: h, net: "192.0.2.0/24", client: "192.0.2.7", name: "Firefox on Windows"}
}

// visitor is the browser's next request.
func (b *browser) visitor() *recovery.Visitor {
	b.h.t.Helper()
	session, err := b.h.SessionByCookie(b.h.t.Context(), b.cookie)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return &recovery.Visitor{
		Session: session, Network: recovery.Network{Client: b.client, Wide: b.net},
		Browser: b.name, Language: "en",
	}
}

// do makes one request and keeps the cookie that came back.
func (b *browser) do(step func(context.Context, *recovery.Visitor) error) error {
	b.h.t.Helper()
	v := b.visitor()
	err := step(b.h.t.Context(), v)
	if v.Session.NewCookie != "" {
		b.cookie = v.Session.NewCookie
	}
	return err
}

func (b *browser) start(typed string) {
	b.h.t.Helper()
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		return b.h.Start(ctx, v, parse(b.h.t, typed))
	}))
}

func (b *browser) enter(code string) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.EnterCode(ctx, v, code) })
}

// open opens a link from a mail and presses its button.
func (b *browser) open(token string) {
	b.h.t.Helper()
	b.must(b.hold(token))
}

func (b *browser) hold(token string) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := b.h.HoldLink(ctx, v, token)
		return err
	})
}

func (b *browser) next() recovery.Step {
	b.h.t.Helper()
	p, err := b.h.Progress(b.h.t.Context(), b.visitor())
	b.must(err)
	return p.Next()
}

func (b *browser) theCase() recovery.Case {
	b.h.t.Helper()
	p, err := b.h.Progress(b.h.t.Context(), b.visitor())
	b.must(err)
	if p.Case == nil {
		b.h.t.Fatal("the browser has no case")
	}
	return *p.Case
}

func (b *browser) diagnose() recovery.Diagnosis {
	b.h.t.Helper()
	var d recovery.Diagnosis
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) (err error) {
		d, err = b.h.Diagnose(ctx, v)
		return err
	}))
	return d
}

func (b *browser) must(err error) {
	b.h.t.Helper()
	if err != nil {
		b.h.t.Fatal(err)
	}
}

// prove goes from the start page to a proven mailbox.
func (h *house) prove(typed string) *browser {
	h.t.Helper()
	b := h.browser()
	b.start(typed)
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	return b
}

// mails are the case's deliveries of a kind, newest first.
func (b *browser) mails(kind recovery.Kind) []recovery.Delivery {
	b.h.t.Helper()
	return b.h.mails(b.theCase().ID, kind)
}

func (h *house) mails(caseID string, kind recovery.Kind) []recovery.Delivery {
	h.t.Helper()
	all, err := h.store.Deliveries(h.t.Context(), caseID)
	if err != nil {
		h.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(d recovery.Delivery) bool { return d.Kind != kind })
}

// code and token are what the mail of a delivery would hold.
func (h *house) code(d recovery.Delivery) string {
	h.t.Helper()
	c := h.challenge(d.ChallengeID)
	code, err := h.keys.Code(c.KeyID, c.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

func (h *house) token(challengeID string) string {
	h.t.Helper()
	c, err := h.store.Challenge(h.t.Context(), challengeID)
	if errorIs(err, recovery.ErrNotFound) { // the link to stop mail has no row of its own
		c = h.challenge(secret.SiblingID(challengeID))
	}
	token, err := h.keys.LinkToken(c.KeyID, challengeID)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func (h *house) challenge(id string) recovery.Challenge {
	h.t.Helper()
	c, err := h.store.Challenge(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// sendAll does what the outbox would: every queued mail is accepted, or refused where it must be.
func (h *house) sendAll() {
	h.t.Helper()
	now := h.clock.Now()
	var jobs []recovery.Job
	for _, channel := range []recovery.Channel{recovery.ChannelMail, recovery.ChannelDesk} {
		more, err := h.store.Lease(h.t.Context(), channel, "test", now, now.Add(time.Minute), 1000)
		if err != nil {
			h.t.Fatal(err)
		}
		jobs = append(jobs, more...)
	}
	results := map[string]recovery.Result{}
	for _, job := range jobs {
		results[job.Delivery.ID] = recovery.Result{State: recovery.StateAccepted}
		if job.Delivery.Refusal != "" {
			results[job.Delivery.ID] = recovery.Result{State: recovery.StateFailed, Reason: job.Delivery.Refusal}
		}
		if job.Delivery.Kind == recovery.KindFindOther {
			if err := h.FindOthers(h.t.Context(), job); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	if err := h.store.Finish(h.t.Context(), "test", now, results); err != nil {
		h.t.Fatal(err)
	}
}

func wrongCode(right string) string {
	if right[0] == '9' {
		return "0" + right[1:]
	}
	return "9" + right[1:]
}

func parse(t *testing.T, typed string) account.Address {
	t.Helper()
	a, err := account.ParseAddress(typed)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got error %v, want %v", got, want)
	}
}

// portal is a customer portal whose answers and failures the test decides.
type portal struct {
	mu       sync.Mutex
	accounts map[string][]account.Account // by address
	similar  []account.Account
	// contacts and invitations are billing accounts by the address that they know.
	contacts, invitations map[string][]account.BillingRelation
	fail                  error
	failSubject           error         // by identity alone
	block                 chan struct{} // sign-in links wait for it,
	waiting               chan struct{} // and say here that they do
	meanwhile             func()        // what happens while it is asked next
	url                   string        // answered instead of the right one
	patience              time.Duration // what the last look-up was given
	calls                 int
	links                 int
	confirmations         int
}

func (p *portal) called() error {
	p.mu.Lock()
	meanwhile := p.meanwhile
	p.meanwhile = nil
	p.mu.Unlock()
	if meanwhile != nil {
		meanwhile()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	return p.fail
}

func (p *portal) AccountsByEmail(ctx context.Context, a account.Address) ([]account.Account, error) {
	if until, ok := ctx.Deadline(); ok {
		p.mu.Lock()
		p.patience = time.Until(until)
		p.mu.Unlock()
	}
	return p.accounts[a.Canonical()], p.called()
}

func (p *portal) AccountsByIdentityEmail(_ context.Context, a account.Address) ([]account.Account, error) {
	var found []account.Account
	for _, accounts := range p.accounts {
		for _, candidate := range accounts {
			if candidate.Identity != nil && strings.EqualFold(candidate.Identity.Email, a.Canonical()) {
				found = append(found, candidate)
			}
		}
	}
	return found, p.called()
}

func (p *portal) AccountsByIdentitySubject(_ context.Context, subject string) ([]account.Account, error) {
	var found []account.Account
	for _, accounts := range p.accounts {
		for _, candidate := range accounts {
			if candidate.Identity != nil && candidate.Identity.Subject == subject {
				found = append(found, candidate)
			}
		}
	}
	return found, errors.Join(p.failSubject, p.called())
}

func (p *portal) AccountsSimilarTo(context.Context, account.Address) ([]account.Account, error) {
	return p.similar, p.called()
}

func (p *portal) BillingAccountsByContact(_ context.Context, a account.Address) ([]account.BillingRelation, error) {
	return p.contacts[a.Canonical()], p.called()
}

func (p *portal) BillingAccountsByInvitation(_ context.Context, a account.Address) ([]account.BillingRelation, error) {
	return p.invitations[a.Canonical()], p.called()
}

func (p *portal) SignInLink(ctx context.Context, id string) (string, error) {
	if err := p.called(); err != nil {
		return "", err
	}
	if p.block != nil {
		p.waiting <- struct{}{}
		select {
		case <-p.block:
		case <-ctx.Done():
			return "", errors.Join(recovery.ErrPortal, ctx.Err())
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.links++
	if p.url != "" {
		return p.url, nil
	}
	return portalURL + "/in/" + id, nil
}

func (p *portal) ConfirmationLink(_ context.Context, id string) (string, error) {
	return portalURL + "/confirm/" + id, p.called()
}

func (p *portal) SendConfirmation(context.Context, string) error {
	p.mu.Lock()
	p.confirmations++
	p.mu.Unlock()
	return p.called()
}

func (p *portal) has(a account.Account) {
	if a.ID == "" {
		a.ID = "acc-" + a.Email
	}
	key := strings.ToLower(a.Email)
	p.accounts[key] = append(p.accounts[key], a)
}

func legacyAccount(email string) account.Account {
	long := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	return account.Account{
		Email: email, CreatedAt: long, ConfirmedAt: long, SignInEnabled: true, Origin: account.OriginLegacy,
		BillingAccounts: []account.Membership{{ID: "b-1", Name: "Acme", Role: "manager"}},
	}
}
