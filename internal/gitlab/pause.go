package gitlab

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// unknownPause is kept after a 429 that does not say how long: GitLab.com leaves the headers out at
	// some of its limits, and most of those are counted by the minute.
	unknownPause = time.Minute
	// longestPause bounds what a header may ask for; the longest limit on users is of ten minutes.
	longestPause = 15 * time.Minute
)

// pause is how GitLab's rate limit is kept: once it is spent, nothing is asked until it is over. The zero
// value asks.
type pause struct {
	mu    sync.Mutex
	until time.Time
}

// holds reports whether nothing may be asked at now.
func (p *pause) holds(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Before(p.until)
}

// note reads the limit from an answer: one that refuses, and one that says that it was the last.
func (p *pause) note(res *http.Response, now time.Time) {
	refused := res.StatusCode == http.StatusTooManyRequests ||
		res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") != ""
	last := res.Header.Get("RateLimit-Remaining") == "0"
	if !refused && !last {
		return
	}
	d, told := askedFor(res.Header, now)
	switch {
	case told:
		d = min(d, longestPause)
	case refused:
		d = unknownPause
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(d); until.After(p.until) {
		p.until = until
	}
}

// askedFor is the pause that the headers ask for. RateLimit-Reset is a time of the server's clock, so that
// the server's Date is what it is measured from.
func askedFor(h http.Header, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseInt(h.Get("Retry-After"), 10, 32); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return max(0, at.Sub(now)), true
	}
	if at, err := strconv.ParseInt(h.Get("RateLimit-Reset"), 10, 64); err == nil && at > 0 {
		return max(0, time.Unix(at, 0).Sub(now)), true
	}
	return 0, false
}
