package mail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/recovery"
)

// recorder is a mail.Recorder in memory, with one transaction after the other.
type recorder struct {
	claims map[string]time.Time
	moves  []recovery.State
	fail   error // of SetState
}

func (r *recorder) Claim(_ context.Context, name string, now, until time.Time) (bool, error) {
	if taken, ok := r.claims[name]; ok && now.Before(taken) {
		return false, nil
	}
	if r.claims == nil {
		r.claims = map[string]time.Time{}
	}
	r.claims[name] = until
	return true, nil
}

func (r *recorder) SetState(
	_ context.Context, _ string, state recovery.State, _ recovery.Reason, _ time.Time,
) (recovery.Kind, error) {
	if r.fail != nil {
		return "", r.fail
	}
	r.moves = append(r.moves, state)
	return recovery.KindProve, nil
}

func event(kind, severity, reason string, code int) mailguntest.Event {
	return mailguntest.Event{
		ID: "e", Domain: ownDomain, Type: kind, Severity: severity, Reason: reason, Code: code, At: now,
		Recipient: customer, Variables: map[string]string{mail.DeliveryVariable: "0123abcd"},
	}
}

func TestWebhookEvents(t *testing.T) {
	tests := []struct {
		event  mailguntest.Event
		state  recovery.State
		reason recovery.Reason
	}{
		{event("accepted", "", "", 0), recovery.StateAccepted, ""},
		{event("delivered", "", "", 250), recovery.StateDelivered, ""},
		{event("failed", "temporary", "greylisted", 451), recovery.StateDelayed, "greylisted-451"},
		{event("failed", "permanent", "bounce", 550), recovery.StateFailed, "bounce-550"},
		{event("failed", "permanent", "suppress-bounce", 605), recovery.StateFailed, "suppress-bounce-605"},
		{event("failed", "permanent", "mailbox of "+customer, 550), recovery.StateFailed, "refused-550"},
		{event("rejected", "", "", 0), recovery.StateFailed, "refused"},
		{event("failed", "", "", 0), "", ""},
		{event("opened", "", "", 0), "", ""},
		{event("complained", "", "", 0), "", ""},
		{event("never-heard-of", "", "", 0), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.event.Type+" "+tt.event.Reason, func(t *testing.T) {
			body := mailguntest.WebhookBody(signingKey, tt.event, now)
			got, err := mail.VerifyWebhook(signingKey, body, now)
			if err != nil {
				t.Fatal(err)
			}
			wantID := "0123abcd"
			if tt.state == "" {
				wantID = ""
			}
			if got.State != tt.state || got.Reason != tt.reason || got.DeliveryID != wantID {
				t.Errorf("got %+v, want %q %q of %q", got, tt.state, tt.reason, wantID)
			}
		})
	}
}

func TestWebhooksOfOtherMailsAreIgnored(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"none":         nil,
		"of others":    {"campaign": "7"},
		"an odd id":    {mail.DeliveryVariable: "../" + customer},
		"an empty one": {mail.DeliveryVariable: ""},
	} {
		e := event("failed", "permanent", "bounce", 550)
		e.Variables = variables
		got, err := mail.VerifyWebhook(signingKey, mailguntest.WebhookBody(signingKey, e, now), now)
		if err != nil || got.State != "" || got.DeliveryID != "" {
			t.Errorf("%s: got %+v, %v; want nothing", name, got, err)
		}
	}
}

func TestWebhooksThatAreRefused(t *testing.T) {
	good := func(at time.Time) []byte {
		return mailguntest.WebhookBody(signingKey, event("delivered", "", "", 250), at)
	}
	unsigned := func() []byte {
		var body map[string]any
		_ = json.Unmarshal(good(now), &body)
		delete(body, "signature")
		out, _ := json.Marshal(body)
		return out
	}
	later := func() []byte { // a genuine signature with a newer timestamp
		at := strconv.FormatInt(now.Add(-24*time.Hour).Unix(), 10)
		return bytes.ReplaceAll(good(now.Add(-24*time.Hour)), []byte(`"`+at+`"`), []byte(`"`+strconv.FormatInt(now.Unix(), 10)+`"`))
	}
	tests := []struct {
		name string
		key  string
		body []byte
		want error
	}{
		{"another key", "other", good(now), mail.ErrWebhookSignature},
		{"no key configured", "", mailguntest.WebhookBody("", event("delivered", "", "", 250), now), mail.ErrWebhookSignature},
		{"no signature", signingKey, unsigned(), mail.ErrWebhookSignature},
		{"a forged timestamp", signingKey, later(), mail.ErrWebhookSignature},
		{"too old", signingKey, good(now.Add(-9*time.Hour - time.Second)), mail.ErrWebhookStale},
		{"from the future", signingKey, good(now.Add(6 * time.Minute)), mail.ErrWebhookStale},
		{"no JSON", signingKey, []byte("timestamp=1&token=2"), mail.ErrWebhookForm},
		{"a megabyte", signingKey, bytes.Repeat([]byte("["), 1<<20), mail.ErrWebhookForm},
		{"nothing", signingKey, nil, mail.ErrWebhookForm},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := mail.VerifyWebhook(tt.key, tt.body, now); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// record verifies and records a report at a time.
func record(t *testing.T, r *recorder, body []byte, at time.Time) (recovery.Kind, error) {
	t.Helper()
	e, err := mail.VerifyWebhook(signingKey, body, at)
	if err != nil {
		t.Fatal(err)
	}
	return e.Record(t.Context(), r, at)
}

func TestAReportCountsOnce(t *testing.T) {
	r := &recorder{}
	body := mailguntest.WebhookBody(signingKey, event("delivered", "", "", 250), now)
	if moved, err := record(t, r, body, now); err != nil || moved != recovery.KindProve || len(r.moves) != 1 {
		t.Fatalf("moved %q, %v; the states were %v", moved, err, r.moves)
	}
	for _, after := range []time.Duration{0, time.Hour, mail.WebhookMaxAge} {
		if _, err := record(t, r, body, now.Add(after)); !errors.Is(err, mail.ErrWebhookReplayed) || len(r.moves) != 1 {
			t.Errorf("%s later: got %v, want ErrWebhookReplayed", after, err)
		}
	}
}

// What a report says is not signed: whoever has heard one could say something else with its token.
func TestAReportThatMattersNotCountsOnceToo(t *testing.T) {
	r := &recorder{}
	body := mailguntest.WebhookBody(signingKey, event("opened", "", "", 0), now)
	if moved, err := record(t, r, body, now); err != nil || moved != "" {
		t.Errorf("moved %q, %v; want nothing", moved, err)
	}
	altered := bytes.Replace(body, []byte(`"opened"`), []byte(`"delivered"`), 1)
	if _, err := record(t, r, altered, now); !errors.Is(err, mail.ErrWebhookReplayed) || len(r.moves) != 0 {
		t.Errorf("got %v, moved to %v; want ErrWebhookReplayed and nothing", err, r.moves)
	}
}

func TestWhatCannotBeRecordedIsNoRefusal(t *testing.T) {
	away := errors.New("database is away")
	body := mailguntest.WebhookBody(signingKey, event("delivered", "", "", 250), now)
	if _, err := record(t, &recorder{fail: away}, body, now); !errors.Is(err, away) {
		t.Errorf("got %v, want the store's error", err)
	}
}

func FuzzVerifyWebhook(f *testing.F) {
	f.Add(mailguntest.WebhookBody(signingKey, event("failed", "permanent", "bounce", 550), now))
	f.Add([]byte(`{"event-data":{"user-variables":"{}"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := mail.VerifyWebhook(signingKey, body, now)
		if err == nil && e.State != "" && e.DeliveryID == "" {
			t.Errorf("a state of no delivery: %+v", e)
		}
	})
}
