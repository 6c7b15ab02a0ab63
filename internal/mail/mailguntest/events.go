package mailguntest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Event is something that happened to a message.
type Event struct {
	ID        string
	Domain    string
	Type      string // accepted, delivered, failed, …
	Severity  string // of failed: permanent or temporary
	Reason    string // of failed
	Code      int    // of the mailbox's server; 0 where none was reached
	At        time.Time
	Recipient string
	Subject   string
	MessageID string
	Tags      []string
	Variables map[string]string
}

// AddSent records that a domain, such as the identity provider's, once sent a mail.
func (s *Server) AddSent(domain, recipient, subject string, at time.Time, tags ...string) {
	e := Event{
		ID: randomHex(8), Domain: domain, At: at, Recipient: recipient, Subject: subject,
		MessageID: newID(domain), Tags: tags,
	}
	for _, kind := range []string{"accepted", "delivered"} {
		e.Type = kind
		if kind == "delivered" {
			e.Code = 250
		}
		s.addEvent(e)
	}
}

func (s *Server) addEvent(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

// JSON is the event as the service writes it.
func (e Event) JSON() map[string]any {
	out := map[string]any{
		"event": e.Type, "id": e.ID, "timestamp": float64(e.At.UnixMicro()) / 1e6,
		"recipient": e.Recipient, "tags": e.Tags, "user-variables": e.Variables,
		"domain": map[string]string{"name": e.Domain}, "log-level": "info",
		"message": map[string]any{"headers": map[string]string{
			"to": e.Recipient, "message-id": e.MessageID, "subject": e.Subject,
		}},
	}
	if e.Type == "failed" {
		out["severity"], out["reason"] = e.Severity, e.Reason
	}
	if e.Code != 0 {
		out["delivery-status"] = map[string]any{
			"code": e.Code, "attempt-no": 1, "message": "mailbox of " + e.Recipient, "tls": true,
		}
	}
	return out
}

// listEvents is GET /v3/DOMAIN/events, in pages, oldest first.
func (s *Server) listEvents(w http.ResponseWriter, r *http.Request, domain string) {
	q := r.URL.Query()
	from, to := parseTime(q.Get("begin")), parseTime(q.Get("end"))
	kinds := strings.Split(q.Get("event"), " OR ")
	found := s.find(domain, func(e Event) bool {
		return (q.Get("event") == "" || slices.Contains(kinds, e.Type)) &&
			(q.Get("recipient") == "" || strings.EqualFold(q.Get("recipient"), e.Recipient)) &&
			!e.At.Before(from) && (to.IsZero() || !e.At.After(to))
	})
	skip, _ := strconv.Atoi(q.Get("page"))
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit > 300 {
		limit = 100
	}
	page := paged(found, skip, limit)
	items := make([]map[string]any, 0, len(page))
	for _, e := range page {
		items = append(items, e.JSON())
	}
	q.Set("page", strconv.Itoa(skip+len(page)))
	next := fmt.Sprintf("http://%s%s?%s", r.Host, r.URL.Path, q.Encode())
	answer(w, http.StatusOK, map[string]any{"items": items, "paging": map[string]string{"next": next}})
}

func (s *Server) find(domain string, fits func(Event) bool) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Event
	for _, e := range s.events {
		if e.Domain == domain && fits(e) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b Event) int { return a.At.Compare(b.At) })
	return found
}

func paged(all []Event, skip, limit int) []Event {
	skip = min(max(skip, 0), len(all))
	return all[skip:min(skip+limit, len(all))]
}

func parseTime(s string) time.Time {
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
