package mailguntest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is how the service misbehaves when a message is sent.
type Fault struct {
	Delay      time.Duration // before anything else
	Late       time.Duration // between taking the message and answering
	Status     int           // answered instead of taking the message; 0 takes it
	RetryAfter time.Duration // the header's value, in whole seconds; 0 leaves it out
	Reset      bool          // the connection is cut without an answer
	Lose       bool          // answers 200 and forgets the message
	Times      int           // for that many messages; 0 is until told otherwise
}

// Fail has every message meet the fault from now on; nil ends it.
func (s *Server) Fail(f *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// FailFor is Fail for one recipient.
func (s *Server) FailFor(recipient string, f *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faultFor[recipient] = f; f == nil {
		delete(s.faultFor, recipient)
	}
}

// meet returns the fault that the next message to recipient meets, if any, and counts it.
func (s *Server) meet(recipient string) (f Fault, met bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range []*Fault{s.faultFor[recipient], s.fault} {
		if p == nil {
			continue
		}
		f = *p
		if p.Times == 1 {
			if s.fault == p {
				s.fault = nil
			}
			delete(s.faultFor, recipient)
		}
		p.Times--
		return f, true
	}
	return Fault{}, false
}

// misbehave answers as the fault says; false if the message is to be taken after all.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, f Fault) bool {
	if f.Delay > 0 && !s.pause(r, f.Delay) {
		return true
	}
	switch {
	case f.Reset:
		cut(w)
	case f.Status != 0:
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
		}
		// The real service repeats what it was sent, addresses and all.
		answer(w, f.Status, map[string]string{"message": "refused: " + strings.Join(r.Form["to"], ", ")})
	case f.Lose:
		answer(w, http.StatusOK, taken(newID("lost.example")))
	default:
		return false
	}
	return true
}

// pause waits; false if the client or the service left meanwhile.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.Context().Done():
	case <-s.stop:
	}
	return false
}

func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0) // a reset, not an end
	}
	_ = conn.Close()
}
