package fault

import (
	"cmp"
	"sync"
	"time"
)

// Outage is what the log was told of a fault that lasts, such as a database that is away: each request meets it,
// and a line for each would bury the rest. One that comes and goes is told no more often than one that stays. The
// zero value is ready; it is safe for concurrent use.
type Outage struct {
	// Every is how often it is told while it lasts; 0 is a minute.
	Every time.Duration

	mu          sync.Mutex
	since, told time.Time
	untold      int
}

// Met is called each time that the fault is met. It reports whether to tell, and how many times it was met since
// it was last told, this time included.
func (o *Outage) Met(now time.Time) (times int, tell bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		o.since = now
	}
	o.untold++
	if !o.told.IsZero() && now.Sub(o.told) < cmp.Or(o.Every, time.Minute) {
		return 0, false
	}
	times, o.untold, o.told = o.untold, 0, now
	return times, true
}

// Over is called when all is well. It reports whether that ends an outage that was told, and how long that was.
func (o *Outage) Over(now time.Time) (lasted time.Duration, was bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0, false
	}
	lasted, was = now.Sub(o.since), !o.told.Before(o.since)
	o.since = time.Time{}
	return lasted, was
}
