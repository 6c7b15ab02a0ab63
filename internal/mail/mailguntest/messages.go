package mailguntest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Message is a mail that the service took.
type Message struct {
	ID        string
	At        time.Time
	Domain    string
	From, To  string
	Subject   string
	Text      string
	HTML      string
	Headers   map[string]string // h:…
	Options   map[string]string // o:… but tags
	Variables map[string]string // v:…
	Tags      []string
}

// Fate is what becomes of a message after it was taken.
type Fate int

// The fates.
const (
	Delivered    Fate = iota
	Bounced           // refused by the mailbox's server for good; the address is suppressed from then on
	DelayedFirst      // put off once, then delivered
	Delayed           // put off, with no end seen
	Silent            // nothing is ever reported
)

// SetFate decides what becomes of later messages to recipient, in whatever case it is written.
func (s *Server) SetFate(recipient string, f Fate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fates[strings.ToLower(recipient)] = f
}

// Messages returns every message taken so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, domain string) {
	if err := r.ParseMultipartForm(4 << 20); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"message": "not a form"})
		return
	}
	m := s.read(r, domain)
	f, met := s.meet(m.To)
	if met && s.misbehave(w, r, f) {
		return
	}
	if !strings.Contains(m.To, "@") || m.From == "" || (m.Text == "" && m.HTML == "") {
		answer(w, http.StatusBadRequest, map[string]string{"message": "to parameter is not a valid address: " + m.To})
		return
	}
	s.take(m)
	if f.Late > 0 && !s.pause(r, f.Late) {
		return
	}
	answer(w, http.StatusOK, taken(m.ID))
}

func (s *Server) read(r *http.Request, domain string) Message {
	m := Message{
		ID: newID(domain), At: s.opts.Now(), Domain: domain,
		From: r.FormValue("from"), To: strings.Join(r.Form["to"], ", "), Subject: r.FormValue("subject"),
		Text: r.FormValue("text"), HTML: r.FormValue("html"),
		Headers: map[string]string{}, Options: map[string]string{}, Variables: map[string]string{},
		Tags: r.Form["o:tag"],
	}
	for field, values := range r.Form {
		kind, name, ok := strings.Cut(field, ":")
		if !ok || field == "o:tag" {
			continue
		}
		switch kind {
		case "h":
			m.Headers[name] = values[0]
		case "o":
			m.Options[name] = values[0]
		case "v":
			m.Variables[name] = values[0]
		}
	}
	if id := strings.Trim(m.Headers["Message-ID"], "<>"); id != "" {
		m.ID = id
	}
	return m
}

// take keeps the message and lets its fate run.
func (s *Server) take(m Message) {
	s.mu.Lock()
	s.messages = append(s.messages, m)
	fate := s.fates[strings.ToLower(m.To)]
	suppressed, why := s.suppressedLocked(m.Domain, m.To)
	s.mu.Unlock()
	if s.opts.OnMessage != nil && fate != Bounced && !suppressed {
		s.opts.OnMessage(m)
	}
	s.run(m, fate, why)
}

func taken(id string) map[string]string {
	return map[string]string{"id": "<" + id + ">", "message": "Queued. Thank you."}
}

func newID(domain string) string { return randomHex(12) + "@" + domain }
