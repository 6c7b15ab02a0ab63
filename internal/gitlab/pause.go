package gitlab

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"latchkey/internal/wire"
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

// askedFor is the pause that the headers ask for.
func askedFor(h http.Header, now time.Time) (time.Duration, bool) {
	if d, told := wire.RetryAfter(h, now); told {
		return d, true
	}
	if at, err := strconv.ParseInt(h.Get("RateLimit-Reset"), 10, 64); err == nil && at > 0 {
		return wire.Until(time.Unix(at, 0), h, now), true
	}
	return 0, false
}
