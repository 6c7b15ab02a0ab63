package limit

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/ulule/limiter/v3"
)

// Store counts. One store may serve many processes.
type Store = limiter.Store

// Config is what New works with. The zero value is good: R10's rates, in memory.
type Config struct {
	Scale float64       // multiplies every count, never below one; zero is 1. For load tests.
	Rates map[Name]Rate // those that differ from DefaultRates
	Store Store         // nil: memory alone
	Now   func() time.Time
	// StoreAsked hears of every request how the store took it: an error says that memory had to take over. nil is fine.
	StoreAsked func(err error)
}

// Decision is the answer to one request.
type Decision struct {
	OK bool
	// RetryAfter, where not OK, is when the next request will pass: whole seconds, at least one.
	RetryAfter time.Duration
	Limit      int
	Remaining  int // requests that would pass now
}

// Limits decides. It is safe for concurrent use.
type Limits struct {
	rates  map[Name]Rate
	store  Store
	memory *Memory
	now    func() time.Time
	asked  func(error)
}

// New returns the limits of a configuration.
func New(c Config) *Limits {
	l := &Limits{
		rates:  scaled(c),
		store:  c.Store,
		memory: NewMemory(c.Now),
		now:    c.Now,
		asked:  c.StoreAsked,
	}
	if l.store == nil {
		l.store = l.memory
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.asked == nil {
		l.asked = func(error) {}
	}
	return l
}

func scaled(c Config) map[Name]Rate {
	rates := DefaultRates()
	maps.Copy(rates, c.Rates)
	for name, r := range rates {
		if c.Scale != 0 {
			r.Count = int(float64(r.Count) * c.Scale)
		}
		r.Count = max(1, r.Count)
		r.Period = max(time.Second, r.Period)
		rates[name] = r
	}
	return rates
}

// Allow counts one request of key against the limit and says whether it may go on. An error of the store
// is not the customer's: memory decides then. A name that New does not know is refused.
func (l *Limits) Allow(ctx context.Context, name Name, key string) Decision {
	r, known := l.rates[name]
	if !known {
		return Decision{RetryAfter: time.Second}
	}
	l.memory.Tidy() // also where it has not counted since the store is back
	w := windowAt(l.now(), r)
	d, err := l.take(ctx, l.store, w, string(name)+":"+key)
	if err == nil {
		l.asked(nil)
		return d
	}
	l.asked(fmt.Errorf("limit %s: store: %w", name, err))
	d, err = l.take(ctx, l.memory, w, string(name)+":"+key)
	if err != nil { // memory has no way to fail; if it finds one, people come before limits
		return Decision{OK: true, Limit: r.Count}
	}
	return d
}

// take counts the request in this window, and gives it back if the sliding sum says no.
func (l *Limits) take(ctx context.Context, s Store, w window, key string) (Decision, error) {
	// A window's count is needed until the next one is over.
	rate := limiter.Rate{Limit: int64(w.count), Period: 2 * w.period}
	here := key + ":" + strconv.FormatInt(w.number, 10)
	current, err := s.Increment(ctx, here, 1, rate)
	if err != nil {
		return Decision{}, err
	}
	before, err := s.Peek(ctx, key+":"+strconv.FormatInt(w.number-1, 10), rate)
	if err != nil {
		return Decision{}, err
	}
	taken, previous := w.count-int(current.Remaining), w.count-int(before.Remaining)
	left := w.left(previous, taken)
	if !current.Reached && left >= 0 {
		return Decision{OK: true, Limit: w.count, Remaining: left}, nil
	}
	if _, err := s.Increment(ctx, here, -1, rate); err != nil {
		return Decision{}, err
	}
	if !current.Reached {
		taken--
	}
	return Decision{Limit: w.count, RetryAfter: w.wait(previous, taken)}, nil
}
