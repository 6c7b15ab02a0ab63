package gitlabtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options make a Server.
type Options struct {
	Users Source
	// Token is an administrator's. PlainToken is somebody else's; empty for none.
	Token, PlainToken string
	// PerMinute is the rate limit of a token; 0 is none.
	PerMinute int
	Now       func() time.Time // default time.Now
}

// Server is the service. It is an http.Handler for everything below /api/v4 and safe for concurrent use.
type Server struct {
	opts Options
	mux  *http.ServeMux

	mu     sync.Mutex
	wire   []Request
	faults []Fault
	window time.Time
	asked  int
	stop   chan struct{}
	once   sync.Once
}

// New returns a service.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{opts: o, mux: http.NewServeMux(), stop: make(chan struct{})}
	s.mux.HandleFunc("GET /api/v4/user", s.me)
	s.mux.HandleFunc("GET /api/v4/users", s.list)
	s.mux.HandleFunc("GET /api/v4/users/{id}", s.one)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "404 Not Found") })
	return s
}

// Close ends requests that a fault lets hang.
func (s *Server) Close() { s.once.Do(func() { close(s.stop) }) }

// Request is one request as it came over the wire.
type Request struct {
	Method     string
	URI        string // escaped as it was sent
	Authorized bool
}

// Wire returns every request so far, those that met a fault too.
func (s *Server) Wire() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wire)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := tokenOf(r)
	known := token != "" && (token == s.opts.Token || token == s.opts.PlainToken)
	s.mu.Lock()
	s.wire = append(s.wire, Request{Method: r.Method, URI: r.RequestURI, Authorized: known})
	s.mu.Unlock()
	if f, met := s.meet(); met && s.misbehave(w, r, f) {
		return
	}
	switch {
	case !known:
		refuse(w, http.StatusUnauthorized, "401 Unauthorized")
	case !s.within(w):
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("Retry later\n"))
	default:
		s.mux.ServeHTTP(w, r)
	}
}

func tokenOf(r *http.Request) string {
	if token := r.Header.Get("Private-Token"); token != "" {
		return token
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// within counts the request and says in headers what is left, as GitLab does at the limits that tell.
func (s *Server) within(w http.ResponseWriter) bool {
	if s.opts.PerMinute == 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	if now.Sub(s.window) >= time.Minute {
		s.window, s.asked = now, 0
	}
	s.asked++
	reset := s.window.Add(time.Minute)
	h := w.Header()
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("RateLimit-Limit", strconv.Itoa(s.opts.PerMinute))
	h.Set("RateLimit-Observed", strconv.Itoa(s.asked))
	h.Set("RateLimit-Remaining", strconv.Itoa(max(0, s.opts.PerMinute-s.asked)))
	h.Set("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	h.Set("RateLimit-ResetTime", reset.UTC().Format(http.TimeFormat))
	if s.asked <= s.opts.PerMinute {
		return true
	}
	h.Set("Retry-After", strconv.Itoa(int(reset.Sub(now).Seconds())))
	return false
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message})
}
