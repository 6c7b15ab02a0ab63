package recovery_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// replicas are services on one store, with one clock.
func (h *house) replicas(n int) (all []*recovery.Service) {
	for range n {
		all = append(all, recovery.New(h.Deps))
	}
	return all
}

func TestOneReplicaHasATurn(t *testing.T) {
	h := newBusyHouse(t, 4)
	const every = time.Minute
	for round := int32(1); round <= 3; round++ {
		var ran, said atomic.Int32
		var all sync.WaitGroup
		for _, replica := range h.replicas(8) {
			all.Go(func() {
				had, err := replica.Turn(t.Context(), "sweep", every, func(context.Context) error {
					ran.Add(1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				if had {
					said.Add(1)
				}
			})
		}
		all.Wait()
		if ran.Load() != 1 || said.Load() != 1 {
			t.Errorf("round %d: of 8 replicas %d ran and %d say so, want 1", round, ran.Load(), said.Load())
		}
		h.clock.Pass(every)
	}
}

func TestATurn(t *testing.T) {
	const every = time.Minute
	fault := errors.New("fault")
	ends := func(ctx context.Context, end context.CancelFunc) error { end(); <-ctx.Done(); return ctx.Err() }
	for _, tt := range []struct {
		name  string
		work  func(ctx context.Context, end context.CancelFunc) error
		err   error
		again bool // whether another replica may at once
	}{
		{"done", func(context.Context, context.CancelFunc) error { return nil }, nil, false},
		{"failed", func(context.Context, context.CancelFunc) error { return fault }, fault, false},
		{"ended", ends, context.Canceled, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			both := h.replicas(2)
			ctx, end := context.WithCancel(t.Context())
			defer end()
			ran, err := both[0].Turn(ctx, "sweep", every, func(ctx context.Context) error { return tt.work(ctx, end) })
			if !ran || !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) {
				t.Errorf("ran %v, error %v; want true, %v", ran, err, tt.err)
			}
			nothing := func(context.Context) error { return nil }
			if ran, err := both[1].Turn(t.Context(), "sweep", every, nothing); ran != tt.again || err != nil {
				t.Errorf("another replica at once: ran %v, error %v; want %v", ran, err, tt.again)
			}
			if ran, err := both[1].Turn(t.Context(), "remind", every, nothing); !ran || err != nil {
				t.Errorf("another turn: ran %v, error %v", ran, err)
			}
		})
	}
}

// Work that takes longer than its turn is cut off, and goes on when its turn has come again.
func TestATurnIsNoLongerThanItsTime(t *testing.T) {
	h := newHouse(t)
	ran, err := h.Turn(t.Context(), "sweep", 20*time.Millisecond, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if !ran || err != nil {
		t.Errorf("ran %v, error %v; want true and none", ran, err)
	}
	// A replica that was killed has said nothing: its turn lapses.
	h.clock.Pass(20 * time.Millisecond)
	if ran, err := h.Turn(t.Context(), "sweep", time.Minute, func(context.Context) error { return nil }); !ran || err != nil {
		t.Errorf("after that: ran %v, error %v", ran, err)
	}
}
