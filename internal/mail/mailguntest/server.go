package mailguntest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options make a Server. Domains is required.
type Options struct {
	Domains    map[string]string // API key by domain
	SigningKey string            // of webhooks
	WebhookURL string            // where events are reported; "" is nowhere
	// WebhookHost is the Host that reports name, where it is not the URL's.
	WebhookHost string
	// WebhookDelay is how long after a message its fate is reported.
	WebhookDelay time.Duration
	Now          func() time.Time // default time.Now
	OnMessage    func(Message)    // told of every message that reaches a mailbox
	NoLogs       bool             // the plan has no Logs API: it answers 403
}

// Server is the service. It is an http.Handler and safe for concurrent use.
type Server struct {
	opts Options

	mu       sync.Mutex
	wire     []Request
	messages []Message
	events   []Event
	lists    map[string]map[string]Suppression // by list and domain, then address
	fault    *Fault
	faultFor map[string]*Fault // by recipient
	fates    map[string]Fate   // by recipient, in lower case
	stop     chan struct{}
	stopped  sync.Once
	reports  sync.WaitGroup
}

// New returns a service on which nothing has happened yet.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{
		opts: o, lists: map[string]map[string]Suppression{}, faultFor: map[string]*Fault{},
		fates: map[string]Fate{}, stop: make(chan struct{}),
	}
}

// Close ends reports that are still to be sent and waits for those under way.
func (s *Server) Close() {
	s.stopped.Do(func() { close(s.stop) })
	s.reports.Wait()
}

// Settle waits until every report due so far was sent.
func (s *Server) Settle() { s.reports.Wait() }

// Request is one request as it came over the wire.
type Request struct {
	At         time.Time
	Method     string
	URI        string // escaped as it was sent
	Authorized bool
}

// Wire returns every request so far.
func (s *Server) Wire() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wire)
}

// ServeHTTP implements http.Handler. It routes by the path as it was escaped, as the real service does:
// an address with a slash in it that is not escaped leads elsewhere.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.EscapedPath(), "/"), "/")
	domain := ""
	if len(parts) > 1 && parts[0] == "v3" {
		domain = parts[1]
	}
	authorized := s.authorized(r, domain)
	s.note(r, authorized)
	switch {
	case !authorized:
		answer(w, http.StatusUnauthorized, map[string]string{"message": "Forbidden"})
	case r.URL.Path == "/v1/analytics/logs" && r.Method == http.MethodPost:
		s.logs(w, r)
	case len(parts) == 3 && parts[2] == "messages" && r.Method == http.MethodPost:
		s.send(w, r, domain)
	case len(parts) >= 3 && parts[2] == "events" && r.Method == http.MethodGet:
		s.listEvents(w, r, domain)
	case len(parts) >= 3 && slices.Contains(Lists, parts[2]):
		s.suppressions(w, r, parts)
	default:
		answer(w, http.StatusNotFound, map[string]string{"message": "Not Found"})
	}
}

// authorized checks the domain's key; the Logs API is the account's and takes any.
func (s *Server) authorized(r *http.Request, domain string) bool {
	user, key, _ := r.BasicAuth()
	if user != "api" || key == "" {
		return false
	}
	if domain != "" {
		return s.opts.Domains[domain] == key
	}
	for _, k := range s.opts.Domains {
		if k == key {
			return true
		}
	}
	return false
}

func (s *Server) note(r *http.Request, authorized bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wire = append(s.wire, Request{At: s.opts.Now(), Method: r.Method, URI: r.RequestURI, Authorized: authorized})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func unescape(part string) string {
	s, err := url.PathUnescape(part)
	if err != nil {
		return part
	}
	return s
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
