package ops

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"latchkey/internal/wire"
)

// pingTimeout bounds the question whether the database answers.
const pingTimeout = 2 * time.Second

// Config is what New works with.
type Config struct {
	Metrics *Metrics
	// Ping reports whether the database answers and takes writes.
	Ping func(ctx context.Context) error
	// LoopbackNames refuses every Host that is no name of this machine, so that no web page elsewhere
	// can have a browser read the demo's inbox under a name of its own. For the demo.
	LoopbackNames bool
}

// Surface is the handler of the ops listener: /healthz, /readyz, /metrics, and what is mounted besides.
type Surface struct {
	config Config
	mux    *http.ServeMux
	ready  atomic.Bool
}

// New returns the surface; it is not ready until SetReady says so.
func New(c Config) *Surface {
	s := &Surface{config: c, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.mux.Handle("GET /metrics", c.Metrics.Handler())
	return s
}

// Mount adds a route, by a pattern of http.ServeMux. It is called before anything is served.
func (s *Surface) Mount(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// SetReady says whether requests are welcome: true once all is up, false when the end begins, so that a
// load balancer looks elsewhere while the last answers are written.
func (s *Surface) SetReady(ready bool) { s.ready.Store(ready) }

// closed are the headers of an answer that is no page and loads nothing (R9). A page that is mounted sets its own.
var closed = map[string]string{
	"Content-Security-Policy":    "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":     "nosniff",
	"Referrer-Policy":            "same-origin",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cache-Control":              "no-store",
}

// ServeHTTP implements http.Handler.
func (s *Surface) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range closed {
		w.Header().Set(name, value)
	}
	if s.config.LoopbackNames && !loopbackName(r.Host) {
		answer(w, http.StatusMisdirectedRequest, "this listener answers to localhost and loopback addresses")
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Surface) readyz(w http.ResponseWriter, r *http.Request) {
	if !s.ready.Load() {
		answer(w, http.StatusServiceUnavailable, "starting or stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := s.config.Ping(ctx); err != nil {
		answer(w, http.StatusServiceUnavailable, "the database does not answer, or takes no writes")
		return
	}
	answer(w, http.StatusOK, "ready")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

func loopbackName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return wire.Loopback(strings.Trim(host, "[]"))
}
