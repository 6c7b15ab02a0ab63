package mailguntest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// sign is the signature of a webhook: HMAC-SHA-256 over timestamp and token, in hex.
func sign(signingKey, timestamp, token string) string {
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write([]byte(timestamp + token))
	return hex.EncodeToString(mac.Sum(nil))
}

// WebhookBody is what is posted to report an event at a time, with a token of its own.
func WebhookBody(signingKey string, e Event, at time.Time) []byte {
	timestamp, token := strconv.FormatInt(at.Unix(), 10), randomHex(25)
	body, _ := json.Marshal(map[string]any{
		"signature": map[string]string{
			"timestamp": timestamp, "token": token, "signature": sign(signingKey, timestamp, token),
		},
		"event-data": e.JSON(),
	})
	return body
}

// post posts a report to the webhook and returns the status that it answers.
func (s *Server) post(ctx context.Context, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("mailguntest: webhook: %w", err)
	}
	req.Host = s.opts.WebhookHost
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("mailguntest: webhook: %w", err)
	}
	return resp.StatusCode, resp.Body.Close()
}

// run lets a message's fate happen: events, and their reports one after the other.
func (s *Server) run(m Message, fate Fate, suppressed string) {
	events := fateOf(m, fate, suppressed)
	for i := range events {
		events[i].At = s.opts.Now()
		s.addEvent(events[i])
	}
	if fate == Bounced && suppressed == "" {
		s.Suppress("bounces", m.Domain, Suppression{
			Address: m.To, Code: "550", Error: "5.1.1 no such mailbox", At: s.opts.Now(),
		})
	}
	if s.opts.WebhookURL == "" {
		return
	}
	s.reports.Go(func() {
		for _, e := range events {
			if !s.later(s.opts.WebhookDelay) {
				return
			}
			s.tell(e)
		}
	})
}

// tell reports an event as the real service does: again after a failure, but not after a 406.
func (s *Server) tell(e Event) {
	body := WebhookBody(s.opts.SigningKey, e, s.opts.Now())
	for wait := 100 * time.Millisecond; wait < 2*time.Second; wait *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		status, err := s.post(ctx, body)
		cancel()
		if (err == nil && status < 300) || status == http.StatusNotAcceptable || !s.later(wait) {
			return
		}
	}
}

// later waits; false if the server was closed meanwhile.
func (s *Server) later(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.stop:
		return false
	}
}

func fateOf(m Message, fate Fate, suppressed string) []Event {
	base := Event{
		Domain: m.Domain, Recipient: m.To, Subject: m.Subject, MessageID: m.ID, Tags: m.Tags, Variables: m.Variables,
	}
	event := func(kind, severity, reason string, code int) Event {
		e := base
		e.ID, e.Type, e.Severity, e.Reason, e.Code = randomHex(8), kind, severity, reason, code
		return e
	}
	accepted := event("accepted", "", "", 0)
	delivered := event("delivered", "", "", 250)
	delayed := event("failed", "temporary", "greylisted", 451)
	switch {
	case fate == Silent:
		return []Event{accepted}
	case suppressed != "":
		return []Event{accepted, event("failed", "permanent", suppressed, 605)}
	case fate == Bounced:
		return []Event{accepted, event("failed", "permanent", "bounce", 550)}
	case fate == DelayedFirst:
		return []Event{accepted, delayed, delivered}
	case fate == Delayed:
		return []Event{accepted, delayed}
	}
	return []Event{accepted, delivered}
}
