package outbox_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
)

const sendingDomain = "mail.vendor.example"

// house is a store, an outbox that sends through Mailgun's API, and the webhook that its reports go to.
type house struct {
	*outbox.Outbox
	store   *sqlstore.Store
	service *mailguntest.Server
	asked   int // so that no reference comes twice
}

func newHouse(t *testing.T) *house {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "latchkey.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	hook := httptest.NewServer(webhook(store))
	service := mailguntest.New(mailguntest.Options{
		Domains: map[string]string{sendingDomain: "key"}, SigningKey: "signing-key", WebhookURL: hook.URL,
	})
	api := httptest.NewServer(service)
	t.Cleanup(func() { service.Close(); api.Close(); hook.Close(); _ = store.Close() })
	sender, err := mail.NewMailgun(mail.MailgunConfig{
		Domain: sendingDomain, APIKey: "key", Base: api.URL + "/v3", From: "help@" + sendingDomain,
	})
	if err != nil {
		t.Fatal(err)
	}
	l, _ := letters(t)
	l.Renderer = codeOnly{}
	o, err := outbox.New(outbox.Config{
		Queue: store, Sender: sender, Composer: l, Finder: &finder{}, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &house{Outbox: o, store: store, service: service}
}

// webhook is the handler in short: verify, and record.
func webhook(store *sqlstore.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e, err := mail.VerifyWebhook("signing-key", body, time.Now())
		if err == nil {
			err = store.Update(r.Context(), func(tx recovery.Tx) error {
				_, err := e.Record(r.Context(), tx, time.Now())
				return err
			})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotAcceptable)
		}
	})
}

// ask queues a proof mail to an address and returns its case.
func (h *house) ask(t *testing.T, to string) string {
	t.Helper()
	id := secret.NewID()
	now := time.Now()
	h.asked++
	c := recovery.Case{
		ID: secret.NewID(), Reference: secret.NewReference(now.Add(time.Duration(h.asked) * time.Second)), CreatedAt: now,
		Language: "en", Address: to,
	}
	challenge := recovery.Challenge{
		ID: id, KeyID: "k1", Purpose: recovery.PurposeProve, CaseID: c.ID, Address: to, CreatedAt: now,
		ExpiresAt: now.Add(15 * time.Minute),
	}
	d := recovery.Delivery{
		ID: secret.NewID(), Kind: recovery.KindProve, CaseID: c.ID, ChallengeID: id,
		State: recovery.StateQueued, CreatedAt: now, DueAt: now,
	}
	err := h.store.Update(t.Context(), func(tx recovery.Tx) error {
		ctx := context.WithoutCancel(t.Context())
		for _, err := range []error{tx.InsertCase(ctx, c), tx.InsertChallenge(ctx, challenge), tx.InsertDelivery(ctx, d)} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func TestWhatBecomesOfAMailIsKnown(t *testing.T) {
	tests := map[string]struct {
		fate   mailguntest.Fate
		state  recovery.State
		reason recovery.Reason
	}{
		"delivered@example.com": {mailguntest.Delivered, recovery.StateDelivered, ""},
		"bounced@example.com":   {mailguntest.Bounced, recovery.StateFailed, "bounce-550"},
		"later@example.com":     {mailguntest.DelayedFirst, recovery.StateDelivered, ""},
		"slow@example.com":      {mailguntest.Delayed, recovery.StateDelayed, "greylisted-451"},
		"silent@example.com":    {mailguntest.Silent, recovery.StateAccepted, ""},
	}
	h := newHouse(t)
	cases := map[string]string{}
	for to, tt := range tests {
		h.service.SetFate(to, tt.fate)
		cases[to] = h.ask(t, to)
	}
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.service.Settle()
	for to, tt := range tests {
		deliveries, err := h.store.Deliveries(t.Context(), cases[to])
		if err != nil || len(deliveries) != 1 {
			t.Fatalf("%s: %v, %v", to, deliveries, err)
		}
		if d := deliveries[0]; d.State != tt.state || d.Reason != tt.reason {
			t.Errorf("%s: got %s %q, want %s %q", to, d.State, d.Reason, tt.state, tt.reason)
		}
	}
}

func TestAnAddressThatBouncedIsToldOfAgain(t *testing.T) {
	h := newHouse(t)
	h.service.SetFate("bounced@example.com", mailguntest.Bounced)
	h.ask(t, "bounced@example.com")
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.service.Settle()
	again := h.ask(t, "bounced@example.com")
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.service.Settle()
	deliveries, err := h.store.Deliveries(t.Context(), again)
	if err != nil || len(deliveries) != 1 || deliveries[0].Reason != "suppress-bounce-605" {
		t.Errorf("got %+v, %v; want a failure for the suppression", deliveries, err)
	}
}
