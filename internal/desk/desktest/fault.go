package desktest

import (
	"net/http"
	"strconv"
	"time"
)

// Fault is how a request goes wrong.
type Fault struct {
	Status     int           // answer with it; 0: see the others
	RetryAfter string        // the header, with Status
	Delay      time.Duration // before anything is done, whether or not the client is still there
	// Acted: the request is done, and then goes wrong all the same.
	Acted bool
	// Hang: no answer comes until the client has gone. Reset: the connection breaks.
	Hang, Reset bool
}

// Request is one request as it came over the wire.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
	Faulty              bool // it met a fault
}

// faulty answers a request by a fault; false: it is to be answered in the usual way.
func faulty(w http.ResponseWriter, r *http.Request, f *Fault, act func(http.ResponseWriter)) bool {
	if f == nil {
		return false
	}
	time.Sleep(f.Delay)
	if f.Acted {
		act(discard{http.Header{}})
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		http.Error(w, strconv.Itoa(f.Status), f.Status)
	default:
		return false
	}
	return true
}

// discard takes the answer that the client will not see.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
