package limit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ulule/limiter/v3"

	"latchkey/internal/limit"
	"latchkey/internal/limit/redistest"
)

func openRedis(t *testing.T, url string, now func() time.Time) *limit.Redis {
	t.Helper()
	store, err := limit.NewRedis(limit.RedisConfig{URL: url, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// until waits for what happens in the background.
func until(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for range 3000 {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}

func TestReplicasShareALimit(t *testing.T) {
	server, c := redistest.Start(t), newClock(0)
	total := 0
	for range 3 {
		passed, _ := take(limit.New(limit.Config{Now: c.now, Store: openRedis(t, server.URL, c.now)}), limit.Starts, "client", 20)
		total += passed
	}
	if total != 30 {
		t.Errorf("three replicas let %d of 60 starts pass, want 30 in all", total)
	}
	if keys := server.Keys(); !strings.Contains(keys, "latchkey:limit:starts:client:") {
		t.Errorf("Redis keeps %s", keys)
	}
}

// What Redis says of a count's end goes by the clock that the store was given.
func TestRedisCountsByItsOwnClock(t *testing.T) {
	server, c := redistest.Start(t), newClock(0)
	counted, err := openRedis(t, server.URL, c.now).Increment(t.Context(), "starts:client:1", 1, limiter.Rate{Limit: 30, Period: time.Hour})
	if want := c.now().Add(time.Hour).Unix(); err != nil || counted.Reset != want {
		t.Errorf("the count ends at %d (%v), want %d", counted.Reset, err, want)
	}
}

// Redis is not there when the process starts, comes, goes, and comes back with nothing.
func TestRedisComesAndGoes(t *testing.T) {
	server, c := redistest.New(t), newClock(0)
	var faults, asked atomic.Int32
	l := limit.New(limit.Config{Now: c.now, Store: openRedis(t, server.URL, c.now), StoreAsked: faulted(func(err error) {
		faults.Add(1)
		if !errors.Is(err, limit.ErrAway) {
			asked.Add(1)
		}
	})})
	if passed, _ := take(l, limit.Starts, "client", 40); passed != 30 || faults.Load() != 40 || asked.Load() != 1 {
		t.Fatalf("without Redis %d pass, %d faults are heard and %d requests waited; want 30, 40 and 1",
			passed, faults.Load(), asked.Load())
	}
	back := func() bool {
		c.move(2 * time.Second)
		heard := faults.Load()
		take(l, limit.Starts, "probe", 1)
		return faults.Load() == heard
	}
	for round := range 2 {
		server.Start()
		until(t, "Redis is asked again", back)
		if passed, _ := take(l, limit.Starts, "client", 40); passed != 30 {
			t.Errorf("round %d: %d of 40 pass by an empty Redis, want 30", round, passed)
		}
		server.Stop()
		asked.Store(0)
		if passed, _ := take(l, limit.Starts, fmt.Sprintf("other%d", round), 40); passed != 30 || asked.Load() != 1 {
			t.Errorf("round %d: once Redis is gone %d pass and %d requests waited; want 30 and 1", round, passed, asked.Load())
		}
	}
}

// A Redis that takes connections and says nothing holds up the first request and no other, for no longer than it is
// given, and is not asked on a customer's time again. One with TLS is silent in the handshake already.
func TestASilentRedisHoldsNobodyUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for _, before := range []string{"redis://", "redis://:a-password@", "rediss://", "rediss://:a-password@"} {
		c := newClock(0)
		var asked atomic.Int32
		l := limit.New(limit.Config{
			Now: c.now, Store: openRedis(t, before+silent.Addr().String(), c.now), StoreAsked: faulted(func(err error) {
				if !errors.Is(err, limit.ErrAway) {
					asked.Add(1)
				}
			}),
		})
		begin := time.Now()
		for range 50 {
			if _, d := take(l, limit.Pages, "client", 1); !d.OK {
				t.Fatalf("%s: a request is refused", before)
			}
			c.move(time.Minute)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: it took %s", before, took)
		}
		if asked.Load() != 1 {
			t.Errorf("%s: %d requests waited for Redis, want the first alone", before, asked.Load())
		}
	}
}

// A customer who leaves says nothing of Redis.
func TestWhoLeavesDoesNotSendRedisAway(t *testing.T) {
	server := redistest.Start(t)
	l := limit.New(limit.Config{Store: openRedis(t, server.URL, nil), StoreAsked: faulted(func(err error) { t.Error(err) })})
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 3 {
		if d := l.Allow(gone, limit.Starts, "client"); !d.OK {
			t.Error("refused")
		}
	}
}

func TestABadRedisURLIsNotRepeated(t *testing.T) {
	for _, url := range []string{"http://:hunter2@localhost", "redis://:hunter2@localhost:port", "redis://:hunter2@:6379", "redis://:hunter2@h/notanumber"} {
		if _, err := limit.NewRedis(limit.RedisConfig{URL: url}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v, want one without the password", url, err)
		}
	}
	for _, url := range []string{"redis://h", "redis://:hunter2@h:6379/2", "rediss://h:6380"} {
		if _, err := limit.NewRedis(limit.RedisConfig{URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
