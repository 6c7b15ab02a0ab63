package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/config"
	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

const webhookKey = "webhook-key"

// reported is Mailgun's reports over a store with one case and its deliveries.
type reported struct {
	mailgunReports
	t   *testing.T
	now time.Time
}

func newReported(t *testing.T) *reported {
	t.Helper()
	r := &reported{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	r.open(t.TempDir())
	err := r.store.Update(t.Context(), func(tx recovery.Tx) error {
		return tx.InsertCase(t.Context(), recovery.Case{ID: "case", Reference: "LK-7F3K-92QD", CreatedAt: r.now})
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open opens the database in a folder, as every start does.
func (r *reported) open(dir string) {
	r.t.Helper()
	o := options(r.t, "demo", "--data", dir)
	store, err := openStore(r.t.Context(), o.Storage)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = store.Close() })
	r.mailgunReports = mailgunReports{
		keys: []string{webhookKey}, store: store, now: func() time.Time { return r.now },
		log: slog.New(slog.NewTextHandler(io.Discard, nil)), metrics: ops.NewMetrics("test"),
	}
}

// sent is a mail that Mailgun took.
func (r *reported) sent(id string) {
	r.t.Helper()
	err := r.store.Update(r.t.Context(), func(tx recovery.Tx) error {
		return tx.InsertDelivery(r.t.Context(), recovery.Delivery{
			ID: id, Kind: recovery.KindProve, CaseID: "case", State: recovery.StateAccepted, CreatedAt: r.now, ChangedAt: r.now,
		})
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *reported) state(id string) recovery.State {
	r.t.Helper()
	all, err := r.store.Deliveries(r.t.Context(), "case")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, d := range all {
		if d.ID == id {
			return d.State
		}
	}
	return "none"
}

func (r *reported) event(id, kind, severity string) mailguntest.Event {
	return mailguntest.Event{
		ID: "e", Domain: "mg.example.com", Type: kind, Severity: severity, At: r.now, Recipient: "ann@example.com",
		Variables: map[string]string{mail.DeliveryVariable: id},
	}
}

func (r *reported) body(id, kind, severity string) []byte {
	return mailguntest.WebhookBody(webhookKey, r.event(id, kind, severity), r.now)
}

func TestReportsThatAreRefusedOrIgnoredMoveNothing(t *testing.T) {
	r := newReported(t)
	r.sent("d")
	delivered := r.event("d", "delivered", "")
	replayed := r.body("other", "delivered", "")
	if err := r.Report(t.Context(), replayed); err != nil {
		t.Fatal(err)
	}
	altered := []byte(strings.Replace(string(replayed), `"other"`, `"d"`, 1)) // event data is not signed
	for name, tt := range map[string]struct {
		body    []byte
		refused bool
	}{
		"wrong signature":        {mailguntest.WebhookBody("another-key", delivered, r.now), true},
		"old timestamp":          {mailguntest.WebhookBody(webhookKey, delivered, r.now.Add(-10*time.Hour)), true},
		"from the future":        {mailguntest.WebhookBody(webhookKey, delivered, r.now.Add(time.Hour)), true},
		"replayed":               {replayed, true},
		"replayed with new data": {altered, true},
		"not JSON":               {[]byte("d=delivered"), true},
		"nothing":                {nil, true},
		"an unknown event":       {r.body("d", "never-heard-of", ""), false},
		"an opened mail":         {r.body("d", "opened", ""), false},
		"a mail of another's":    {mailguntest.WebhookBody(webhookKey, mailguntest.Event{Type: "failed", Severity: "permanent"}, r.now), false},
		"an unknown mail":        {r.body("nowhere", "delivered", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := r.Report(t.Context(), tt.body); errors.Is(err, handlers.ErrReportRefused) != tt.refused || (err != nil) != tt.refused {
				t.Errorf("got %v, want it refused: %v", err, tt.refused)
			}
			if got := r.state("d"); got != recovery.StateAccepted {
				t.Errorf("the mail is %s", got)
			}
		})
	}
}

func TestReportsInAnyOrderEndRight(t *testing.T) {
	type event struct{ kind, severity string }
	accepted, delayed := event{"accepted", ""}, event{"failed", "temporary"}
	delivered, failed := event{"delivered", ""}, event{"failed", "permanent"}
	for name, tt := range map[string]struct {
		events []event
		want   recovery.State
	}{
		"as they happened":           {[]event{accepted, delayed, delivered}, recovery.StateDelivered},
		"delivered first":            {[]event{delivered, accepted, delayed}, recovery.StateDelivered},
		"delayed last":               {[]event{accepted, delivered, delayed, delayed}, recovery.StateDelivered},
		"failed first":               {[]event{failed, accepted, delayed}, recovery.StateFailed},
		"delayed and never again":    {[]event{delayed, accepted}, recovery.StateDelayed},
		"failed in the end":          {[]event{accepted, delayed, failed, delayed}, recovery.StateFailed},
		"a bounce after a delivery":  {[]event{accepted, delivered, failed}, recovery.StateFailed},
		"a bounce, and old news":     {[]event{delivered, failed, accepted, delayed, delivered}, recovery.StateFailed},
		"the same thing three times": {[]event{delayed, delayed, delayed}, recovery.StateDelayed},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReported(t)
			r.sent("d")
			for _, e := range tt.events {
				if err := r.Report(t.Context(), r.body("d", e.kind, e.severity)); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.state("d"); got != tt.want {
				t.Errorf("the mail is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAReplayIsRefusedAfterARestart(t *testing.T) {
	dir := t.TempDir()
	r := newReported(t)
	r.open(dir)
	body := r.body("nowhere", "delivered", "")
	if err := r.Report(t.Context(), body); err != nil {
		t.Fatal(err)
	}
	if err := r.store.Close(); err != nil {
		t.Fatal(err)
	}
	r.open(dir)
	r.now = r.now.Add(8 * time.Hour)
	if err := r.Report(t.Context(), body); !errors.Is(err, handlers.ErrReportRefused) {
		t.Errorf("got %v, want it refused", err)
	}
}

// stumbling loses the database when a state is to be set.
type stumbling struct{ recovery.Store }

func (s stumbling) Update(ctx context.Context, fn func(recovery.Tx) error) error {
	return s.Store.Update(ctx, func(tx recovery.Tx) error { return fn(stumblingTx{tx}) })
}

type stumblingTx struct{ recovery.Tx }

func (stumblingTx) SetState(context.Context, string, recovery.State, recovery.Reason, time.Time) (recovery.Kind, error) {
	return "", errors.New("database is away")
}

func TestAReportThatCouldNotBeRecordedMayComeAgain(t *testing.T) {
	r := newReported(t)
	r.sent("d")
	whole := r.store
	r.store = stumbling{whole}
	body := r.body("d", "delivered", "")
	if err := r.Report(t.Context(), body); err == nil || errors.Is(err, handlers.ErrReportRefused) {
		t.Fatalf("got %v, want an error that asks for another attempt", err)
	}
	r.store = whole
	if err := r.Report(t.Context(), body); err != nil || r.state("d") != recovery.StateDelivered {
		t.Errorf("the next attempt: %v, the mail is %s", err, r.state("d"))
	}
}

func TestTwoKeysWhileOneReplacesTheOther(t *testing.T) {
	r := newReported(t)
	r.sent("d")
	r.keys = []string{"new", webhookKey}
	if err := r.Report(t.Context(), r.body("d", "delivered", "")); err != nil || r.state("d") != recovery.StateDelivered {
		t.Errorf("by the old key: %v, the mail is %s", err, r.state("d"))
	}
	if (&app{parts: parts{}, options: config.Options{}}).newReports() != nil {
		t.Error("reports are taken without a key")
	}
}

func TestReportsAreCountedByKind(t *testing.T) {
	r := newReported(t)
	for _, id := range []string{"a", "b"} {
		r.sent(id)
		for _, kind := range []string{"accepted", "delivered", "delivered"} {
			if err := r.Report(t.Context(), r.body(id, kind, "")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := scrape(t, r.metrics), `latchkey_deliveries_total{kind="prove",state="delivered"} 2`; !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}

func scrape(t *testing.T, m *ops.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}
