package mail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/recovery"
)

// claims is a replay store in memory.
type claims map[string]time.Time

func (c claims) claim(name string, until time.Time) (bool, error) {
	if _, taken := c[name]; taken {
		return false, nil
	}
	c[name] = until
	return true, nil
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
			got, err := mail.VerifyWebhook(signingKey, body, now, claims{}.claim)
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
		got, err := mail.VerifyWebhook(signingKey, mailguntest.WebhookBody(signingKey, e, now), now, claims{}.claim)
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
			store := claims{}
			if _, err := mail.VerifyWebhook(tt.key, tt.body, now, store.claim); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if len(store) != 0 {
				t.Errorf("a refused report claimed its token")
			}
		})
	}
}

func TestAReportCountsOnce(t *testing.T) {
	store := claims{}
	body := mailguntest.WebhookBody(signingKey, event("delivered", "", "", 250), now)
	got, err := mail.VerifyWebhook(signingKey, body, now, store.claim)
	if err != nil {
		t.Fatal(err)
	}
	if until := store[got.Claim]; until.Before(now.Add(mail.WebhookMaxAge)) {
		t.Errorf("the token is kept until %v, less than a report may be old", until)
	}
	if _, err := mail.VerifyWebhook(signingKey, body, now.Add(time.Hour), store.claim); !errors.Is(err, mail.ErrWebhookReplayed) {
		t.Errorf("got %v, want ErrWebhookReplayed", err)
	}
	// The event could not be recorded: its token is free for Mailgun's next attempt.
	delete(store, got.Claim)
	if _, err := mail.VerifyWebhook(signingKey, body, now.Add(8*time.Hour), store.claim); err != nil {
		t.Errorf("the next attempt: %v", err)
	}
}

func TestAReplayStoreThatIsAwayIsNoRefusal(t *testing.T) {
	away := errors.New("database is away")
	body := mailguntest.WebhookBody(signingKey, event("delivered", "", "", 250), now)
	_, err := mail.VerifyWebhook(signingKey, body, now, func(string, time.Time) (bool, error) { return false, away })
	if !errors.Is(err, away) || errors.Is(err, mail.ErrWebhookReplayed) {
		t.Errorf("got %v, want the store's error", err)
	}
}

func FuzzVerifyWebhook(f *testing.F) {
	f.Add(mailguntest.WebhookBody(signingKey, event("failed", "permanent", "bounce", 550), now))
	f.Add([]byte(`{"event-data":{"user-variables":"{}"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := mail.VerifyWebhook(signingKey, body, now, claims{}.claim)
		if err == nil && e.State != "" && e.DeliveryID == "" {
			t.Errorf("a state of no delivery: %+v", e)
		}
	})
}
