package gitlabtest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is how the service misbehaves. The zero value does not.
type Fault struct {
	Delay  time.Duration // before anything else
	Hang   bool          // no answer until the client gives up
	Reset  bool          // the connection breaks
	Status int           // answered instead
	Header map[string]string
	Body   string // answered instead, with Status or 200
	Huge   int    // so many bytes are answered instead
	Times  int    // for so many requests; 0 is until told otherwise
}

// Fail has every request meet the faults from now on, each as often as it says, one after the other;
// none ends that.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.Clone(faults)
}

func (s *Server) meet() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 {
		return Fault{}, false
	}
	f := s.faults[0]
	if f.Times > 0 {
		if s.faults[0].Times--; s.faults[0].Times == 0 {
			s.faults = s.faults[1:]
		}
	}
	return f, true
}

// misbehave answers as the fault says; false if the request is to be answered after all.
func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, f Fault) bool {
	if f.Delay > 0 && !s.wait(r, time.After(f.Delay)) {
		return true
	}
	switch {
	case f.Hang:
		s.wait(r, nil)
		return true
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Status == 0 && f.Body == "" && f.Huge == 0:
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(max(f.Status, http.StatusOK))
	_, _ = io.WriteString(w, f.Body+strings.Repeat(" ", f.Huge))
	return true
}

// wait lasts until done, and reports whether the client and the service outlived it.
func (s *Server) wait(r *http.Request, done <-chan time.Time) bool {
	select {
	case <-done:
		return true
	case <-r.Context().Done():
	case <-s.stop:
	}
	return false
}
