package demo

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"time"

	"latchkey/internal/customerportal"
)

// Fault is what goes wrong with one call of the API. The zero value is nothing.
type Fault struct {
	Delay  time.Duration // before anything else
	Hang   bool          // no answer until the caller gives up
	Reset  bool          // the connection breaks
	Status int           // an error with this status, as problem+json unless Body is set
	Body   string        // this instead of an answer, with Status or 200
	Media  string        // of Body; text/html if empty
	// After lets the call do its work first and loses only the answer.
	After bool
}

func (f Fault) none() bool { return !f.Hang && !f.Reset && f.Status == 0 && f.Body == "" }

// SetFault decides for every call of the API what goes wrong with it; nil for nothing.
func (p *Portal) SetFault(decide func(*http.Request) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = decide
}

// CallCount is how many calls the API has had, healthz and refused ones left out: enough to prove that
// something did not ask.
func (p *Portal) CallCount() int { return int(p.total.Load()) }

// Calls counts the calls of the API by what was asked, such as "accounts?email" or "sign-in-links".
func (p *Portal) Calls() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.calls)
}

func (p *Portal) count(what string) {
	p.total.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[what]++
}

// withFaults stands before the API, behind its bearer check.
func (p *Portal) withFaults(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		decide := p.fault
		p.mu.Unlock()
		var f Fault
		if decide != nil {
			f = decide(r)
		}
		if f.Delay > 0 && !p.wait(r, time.After(f.Delay)) {
			return
		}
		if f.none() {
			next.ServeHTTP(w, r)
			return
		}
		if f.After {
			next.ServeHTTP(httptest.NewRecorder(), r)
		}
		p.fail(w, r, f)
	})
}

func (p *Portal) fail(w http.ResponseWriter, r *http.Request, f Fault) {
	switch {
	case f.Hang:
		p.wait(r, nil)
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Body == "":
		writeProblem(w, customerportal.Problem{Type: "about:blank", Title: http.StatusText(f.Status), Status: f.Status})
	default:
		media := f.Media
		if media == "" {
			media = "text/html; charset=utf-8"
		}
		w.Header().Set("Content-Type", media)
		w.WriteHeader(max(f.Status, http.StatusOK))
		_, _ = w.Write([]byte(f.Body))
	}
}

// wait lasts until done, and reports whether the caller and the portal outlived it.
func (p *Portal) wait(r *http.Request, done <-chan time.Time) bool {
	select {
	case <-done:
		return true
	case <-r.Context().Done():
	case <-p.closing:
	}
	return false
}
