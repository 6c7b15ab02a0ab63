package limit_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ulule/limiter/v3"

	"latchkey/internal/limit"
	"latchkey/internal/limit/redistest"
)

// clock stands still until it is moved. It is safe for concurrent use.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

func newClock(into time.Duration) *clock {
	return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(into)}
}

// take asks n times and counts what passes.
func take(l *limit.Limits, name limit.Name, key string, n int) (passed int, last limit.Decision) {
	for range n {
		if last = l.Allow(context.Background(), name, key); last.OK {
			passed++
		}
	}
	return passed, last
}

// opener makes the limits of a configuration, none of them used yet.
type opener func(limit.Config) *limit.Limits

// everywhere runs a test in memory and on a real Redis.
func everywhere(t *testing.T, test func(t *testing.T, open opener)) {
	t.Run("memory", func(t *testing.T) { test(t, limit.New) })
	t.Run("Redis", func(t *testing.T) {
		server := redistest.Start(t)
		store := openRedis(t, server.URL, nil)
		test(t, func(c limit.Config) *limit.Limits {
			server.Empty()
			c.Store, c.StoreAsked = store, faulted(func(err error) { t.Error(err) })
			return limit.New(c)
		})
	})
}

func TestThirtyStartsInTenMinutes(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		for _, into := range []time.Duration{0, time.Second, 5 * time.Minute, 599 * time.Second} {
			c := newClock(into)
			l := open(limit.Config{Now: c.now})
			passed, last := take(l, limit.Starts, "client", 40)
			if passed != 30 || last.OK {
				t.Errorf("%s into the window: %d of 40 starts pass, want 30", into, passed)
			}
			if last.RetryAfter < time.Second || last.RetryAfter > 601*time.Second || last.RetryAfter%time.Second != 0 {
				t.Errorf("RetryAfter = %s, want whole seconds within ten minutes", last.RetryAfter)
			}
			if last.Limit != 30 || last.Remaining != 0 {
				t.Errorf("Limit %d, Remaining %d, want 30 and 0", last.Limit, last.Remaining)
			}
		}
	})
}

func TestAnEdgeLetsNoMoreThrough(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		c := newClock(595 * time.Second)
		l := open(limit.Config{Now: c.now})
		before, _ := take(l, limit.Starts, "client", 40)
		c.move(10 * time.Second) // over the edge of the window
		after, _ := take(l, limit.Starts, "client", 40)
		if got := before + after; before != 30 || after > 1 {
			t.Errorf("%d starts pass in ten seconds over an edge, want 30, and one for the time gone by", got)
		}
	})
}

// Who asks all the time gets a first thirty at once and from then on one for every twenty seconds, wherever
// the windows' edges are: no more than thirty for each ten minutes that go by, besides the first.
func TestWhoNeverStopsAskingGetsTheRate(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		c := newClock(431 * time.Second)
		l := open(limit.Config{Now: c.now})
		passed, _ := take(l, limit.Starts, "client", 31)
		for second := 5; second <= 3600; second += 5 {
			c.move(5 * time.Second)
			n, _ := take(l, limit.Starts, "client", 1)
			passed += n
			if most := 30 + second/20 + 1; passed > most {
				t.Fatalf("after %d s %d starts have passed, want %d at most", second, passed, most)
			}
		}
		if passed < 30+3600/20-20 {
			t.Errorf("%d starts pass in an hour, want about 30 and 180", passed)
		}
	})
}

func TestRetryAfterIsTheTruth(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		for _, into := range []time.Duration{0, 17 * time.Second, 300 * time.Second, 590 * time.Second} {
			c := newClock(into)
			l := open(limit.Config{Now: c.now})
			take(l, limit.Starts, "client", 30)
			for range 40 {
				_, d := take(l, limit.Starts, "client", 1)
				if d.OK {
					t.Fatalf("%s into the window: a start passes before RetryAfter", into)
				}
				c.move(d.RetryAfter - 2*time.Second)
				if _, early := take(l, limit.Starts, "client", 1); d.RetryAfter > 2*time.Second && early.OK {
					t.Fatalf("%s into the window: a start passes two seconds before RetryAfter", into)
				}
				c.move(2 * time.Second)
				if _, d := take(l, limit.Starts, "client", 1); !d.OK {
					t.Fatalf("%s into the window: no start passes after RetryAfter, wait %s more", into, d.RetryAfter)
				}
			}
		}
	})
}

func TestRefusedRequestsCountForNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		c := newClock(0)
		l := open(limit.Config{Now: c.now})
		take(l, limit.Starts, "client", 5_000)
		c.move(20 * time.Minute)
		if passed, _ := take(l, limit.Starts, "client", 30); passed != 30 {
			t.Errorf("twenty minutes after a flood %d starts pass, want 30", passed)
		}
	})
}

func TestRemainingCountsDown(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		l := open(limit.Config{Now: newClock(0).now})
		for want := 29; want >= 0; want-- {
			if _, d := take(l, limit.Starts, "client", 1); d.Remaining != want || d.RetryAfter != 0 {
				t.Fatalf("Remaining = %d, RetryAfter = %s, want %d and 0", d.Remaining, d.RetryAfter, want)
			}
		}
	})
}

func TestKeysAndNamesDoNotMeet(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		l := open(limit.Config{Now: newClock(0).now})
		take(l, limit.Starts, "client", 30)
		if _, d := take(l, limit.Starts, "another", 1); !d.OK {
			t.Error("one client spends another's limit")
		}
		if _, d := take(l, limit.Pages, "client", 1); !d.OK {
			t.Error("one limit spends another's")
		}
		if _, d := take(l, "no such limit", "client", 1); d.OK || d.RetryAfter == 0 {
			t.Error("an unknown limit lets a request pass")
		}
	})
}

func TestScaleAndRates(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		for _, tt := range []struct {
			name   string
			config limit.Config
			want   int
		}{
			{"default", limit.Config{}, 30},
			{"ten times", limit.Config{Scale: 10}, 300},
			{"half", limit.Config{Scale: 0.5}, 15},
			{"never off", limit.Config{Scale: 0.001}, 1},
			{"own rate", limit.Config{Rates: map[limit.Name]limit.Rate{limit.Starts: {Count: 3, Period: time.Hour}}}, 3},
			{"no rate is one", limit.Config{Rates: map[limit.Name]limit.Rate{limit.Starts: {}}}, 1},
		} {
			tt.config.Now = newClock(0).now
			if got, _ := take(open(tt.config), limit.Starts, "client", tt.want+20); got != tt.want {
				t.Errorf("%s: %d starts pass, want %d", tt.name, got, tt.want)
			}
		}
	})
}

func TestParallelRequestsGetNoMore(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		l := open(limit.Config{Now: newClock(0).now})
		var passed atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				n, _ := take(l, limit.Starts, "client", 50)
				passed.Add(int32(n))
			})
		}
		wg.Wait()
		if got := passed.Load(); got > 30 || got < 1 {
			t.Errorf("%d of 400 parallel starts pass, want 30 at most", got)
		}
	})
}

// broken fails while down is set.
type broken struct {
	limiter.Store
	down atomic.Bool
}

var errDown = errors.New("connection refused")

func (b *broken) Increment(ctx context.Context, key string, n int64, r limiter.Rate) (limiter.Context, error) {
	if b.down.Load() {
		return limiter.Context{}, errDown
	}
	return b.Store.Increment(ctx, key, n, r)
}

func TestMemoryTakesOverWhileTheStoreIsDown(t *testing.T) {
	store := &broken{Store: limit.NewMemory(nil)}
	var heard []error
	answered := 0
	l := limit.New(limit.Config{
		Now: newClock(0).now, Store: store, StoreAsked: func(err error) {
			if err == nil {
				answered++
				return
			}
			heard = append(heard, err)
		},
	})
	if got, _ := take(l, limit.Starts, "client", 10); got != 10 || len(heard) != 0 || answered != 10 {
		t.Fatalf("with the store up %d of 10 pass, %d answers and %d faults are heard", got, answered, len(heard))
	}
	store.down.Store(true)
	if got, _ := take(l, limit.Starts, "client", 40); got != 30 {
		t.Errorf("with the store down %d of 40 pass, want 30 by memory", got)
	}
	if len(heard) != 40 || !errors.Is(heard[0], errDown) {
		t.Errorf("%d faults heard, want 40 that wrap the store's", len(heard))
	}
	store.down.Store(false)
	if got, _ := take(l, limit.Starts, "client", 40); got != 20 {
		t.Errorf("with the store up again %d of 40 pass, want the 20 left there", got)
	}
}

// What a crowd has left behind is forgotten once no window needs it, and what was given back at once.
func TestMemoryForgets(t *testing.T) {
	c := newClock(0)
	l := limit.New(limit.Config{Now: c.now})
	crowd := func(of string) {
		for i := range 1000 {
			l.Allow(t.Context(), limit.Starts, fmt.Sprint(of, i))
		}
	}
	crowd("first")
	for range 40 { // of which ten are given back
		l.Allow(t.Context(), limit.Starts, "one")
	}
	if got := l.Kept(); got != 1001 {
		t.Errorf("%d counts for 1001 clients", got)
	}
	c.move(19 * time.Minute)
	crowd("second")
	if got := l.Kept(); got != 2001 {
		t.Errorf("%d counts within two periods, want 2001", got)
	}
	c.move(2 * time.Minute)
	crowd("second")
	if got := l.Kept(); got != 2000 {
		t.Errorf("%d counts, want those of the second crowd in two windows", got)
	}
	const years = 10 * 365 * 24 * time.Hour
	c.move(years) // a clock that is set wrong, and right again
	crowd("third")
	c.move(-years)
	for range 2 {
		c.move(time.Hour)
		crowd("fourth")
	}
	if got := l.Kept(); got != 1000 {
		t.Errorf("%d counts after the clock went wrong, want those of the last crowd", got)
	}
}

// A clock that is set right by a little gives nobody their requests back.
func TestMemoryOfAClockThatIsSetBack(t *testing.T) {
	c := newClock(5 * time.Minute)
	l := limit.New(limit.Config{Now: c.now})
	take(l, limit.Starts, "client", 30)
	c.move(-2 * time.Second)
	for i := range 1000 { // which tidies every part
		l.Allow(t.Context(), limit.Starts, strconv.Itoa(i))
	}
	if passed, _ := take(l, limit.Starts, "client", 1); passed != 0 {
		t.Error("passed")
	}
}

// Memory forgets what it has counted while the store was away also once nobody counts in it any more.
func TestMemoryForgetsOnceTheStoreIsBack(t *testing.T) {
	c := newClock(0)
	store := &broken{Store: limit.NewMemory(c.now)}
	l := limit.New(limit.Config{Now: c.now, Store: store})
	store.down.Store(true)
	crowd := func() {
		for i := range 1000 {
			l.Allow(t.Context(), limit.Starts, strconv.Itoa(i))
		}
	}
	crowd()
	store.down.Store(false)
	if got := l.Kept(); got != 1000 {
		t.Errorf("%d counts of 1000 clients", got)
	}
	c.move(time.Hour)
	crowd()
	if got := l.Kept(); got != 0 {
		t.Errorf("still %d counts", got)
	}
}

func TestMemoryIsAStore(t *testing.T) {
	c := newClock(0)
	m := limit.NewMemory(c.now)
	rate := limiter.Rate{Limit: 2, Period: time.Minute}
	for i, ask := range []struct {
		do      func(context.Context, string, limiter.Rate) (limiter.Context, error)
		pass    time.Duration
		left    int64
		reached bool
	}{
		{do: m.Peek, left: 2},
		{do: m.Get, left: 1},
		{do: m.Get, left: 0},
		{do: m.Get, left: 0, reached: true},
		{do: m.Peek, pass: 59 * time.Second, left: 0, reached: true},
		{do: m.Peek, pass: time.Second, left: 2},
		{do: m.Get, left: 1},
		{do: m.Reset, left: 2},
		{do: m.Peek, left: 2},
	} {
		c.move(ask.pass)
		got, err := ask.do(t.Context(), "key", rate)
		if err != nil || got.Remaining != ask.left || got.Reached != ask.reached || got.Limit != 2 ||
			got.Reset != c.now().Add(time.Minute).Unix() {
			t.Errorf("%d: %+v (%v), want %d left", i, got, err, ask.left)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	l := limit.New(limit.Config{})
	for b.Loop() {
		l.Allow(context.Background(), limit.Pages, "client")
	}
}

// What each client of a crowd costs, and what it costs to collect garbage behind it.
func BenchmarkCrowd(b *testing.B) {
	l := limit.New(limit.Config{})
	kept := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, n := kept(), 0
	for b.Loop() {
		n++
		l.Allow(context.Background(), limit.Starts, strconv.Itoa(n))
	}
	after := kept()
	begun := time.Now()
	runtime.GC()
	b.ReportMetric(float64(time.Since(begun).Microseconds()), "µs/collection")
	b.ReportMetric((float64(after)-float64(before))/float64(n), "B/client")
	runtime.KeepAlive(l)
}

// faulted hears of what the store failed to answer alone.
func faulted(hear func(error)) func(error) {
	return func(err error) {
		if err != nil {
			hear(err)
		}
	}
}
