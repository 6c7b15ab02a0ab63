package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// entering is a context that tells when its function waits for a group.
type entering struct {
	context.Context
	once    sync.Once
	entered func()
}

func (c *entering) Done() <-chan struct{} {
	c.once.Do(c.entered)
	return c.Context.Done()
}

// leaving is a context that ends as soon as its function waits.
func leaving(t *testing.T) context.Context {
	ctx, leave := context.WithCancel(t.Context())
	return &entering{Context: ctx, entered: leave}
}

// asking is one function for a group.
type asking struct {
	shared recovery.Shared
	fn     func(ctx context.Context, tx recovery.Tx) error
}

func counting(first, second string) recovery.Shared {
	return recovery.Shared{Counters: [2]string{first, second}}
}

// gathered has functions come together: a group is held until all of them wait for the next, or are over. It returns
// what each was told, and how often each was run.
func gathered(t *testing.T, s *sqlstore.Store, all ...asking) (errs []error, runs []int) {
	t.Helper()
	errs, runs = make([]error, len(all)), make([]int, len(all))
	held, come, refused := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var done sync.WaitGroup
	done.Go(func() {
		refused <- s.UpdateTogether(t.Context(), counting("holds", "holds"), func(tx recovery.Tx) error {
			if err := got(tx.Counted(t.Context(), "any", day(0))); err != nil {
				return err
			}
			close(held)
			<-come
			return nil
		})
	})
	select {
	case <-held:
	case err := <-refused:
		t.Fatal(err)
	}
	for i, a := range all { // one after another, so that the group has them in this order
		waits, over := make(chan struct{}), make(chan struct{})
		ctx := &entering{Context: t.Context(), entered: func() { close(waits) }}
		done.Go(func() {
			defer close(over)
			errs[i] = s.UpdateTogether(ctx, a.shared, func(tx recovery.Tx) error {
				runs[i]++
				return a.fn(ctx, tx)
			})
		})
		select {
		case <-waits:
		case <-over:
		case <-time.After(time.Minute):
			t.Fatal("did not come to wait")
		}
	}
	close(come)
	done.Wait()
	if err := <-refused; err != nil {
		t.Error(err)
	}
	return errs, runs
}

// countsAs is what a start does to counters: each of its own mailbox, all of one network.
func countsAs(mailbox string) asking {
	shared := counting(mailbox, "network")
	return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
		if err := tx.CountBoth(ctx, shared.Counters, day(1), 1, day(2)); err != nil {
			return err
		}
		n, err := tx.Counted(ctx, mailbox, day(0))
		if err == nil && n != 1 {
			err = fmt.Errorf("counted %d for %s", n, mailbox)
		}
		return err
	}}
}

func expectCounted(t *testing.T, s *sqlstore.Store, key string, want int) {
	t.Helper()
	if n, err := s.Counted(t.Context(), key, day(0)); n != want || err != nil {
		t.Errorf("%s: counted %d (%v), want %d", key, n, err, want)
	}
}

// Twenty that come together ask as often as one.
func TestPostgresTogetherSharesRoundTrips(t *testing.T) {
	url, wire := over(t, sqlstoretest.PostgresURL(t))
	store := sqlstoretest.Open(t, url)
	const n = 20
	for round := range 2 { // the first prepares the statements
		var met sync.WaitGroup // of functions that run side by side
		met.Add(n)
		all := make([]asking, n)
		for i := range all {
			counts := countsAs(fmt.Sprint("mailbox ", round, i))
			all[i] = asking{counts.shared, func(ctx context.Context, tx recovery.Tx) error {
				err := counts.fn(ctx, tx)
				met.Done()
				met.Wait()
				return err
			}}
		}
		wire.sent.Store(0)
		errs, _ := gathered(t, store, all...)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := wire.sent.Load(); round > 0 && got != 2+2 {
			t.Errorf("%d round trips, want two beside those of who holds the group", got)
		}
		expectCounted(t, store, "network", n*(round+1))
	}
}

var errOwn = errors.New("thought better of it")

// Whoever fails is told so, and everybody else is kept.
func TestPostgresTogetherFailuresAreOnesOwn(t *testing.T) {
	insert := func(ctx context.Context, tx recovery.Tx, id string) error {
		return tx.InsertCase(ctx, recovery.Case{ID: id, Reference: "LK-" + id})
	}
	for name, tt := range map[string]struct {
		session           string
		fn                func(ctx context.Context, tx recovery.Tx) error
		want              error // nil for any
		runs, othersTwice bool
	}{
		"before anything was said": {
			fn:   func(ctx context.Context, tx recovery.Tx) error { return errors.Join(insert(ctx, tx, "own"), errOwn) },
			want: errOwn,
		},
		"after it had an answer": {
			fn: func(ctx context.Context, tx recovery.Tx) error {
				return errors.Join(insert(ctx, tx, "own"), got(tx.Counted(ctx, "key", day(0))), errOwn)
			},
			want: errOwn, othersTwice: true,
		},
		"by a statement that is refused": {
			fn:   func(ctx context.Context, tx recovery.Tx) error { return insert(ctx, tx, "there") },
			runs: true, othersTwice: true,
		},
		"since its session has a row": {
			session: "hash",
			fn:      func(context.Context, recovery.Tx) error { return nil },
			want:    recovery.ErrSessionTaken,
		},
		"by a session of which it did not say that it makes it": {
			fn: func(ctx context.Context, tx recovery.Tx) error {
				return errors.Join(insert(ctx, tx, "own"), tx.PutSession(ctx, recovery.Session{Lineage: "other", IDHash: "hash"}))
			},
			want: recovery.ErrSessionTaken, runs: true, othersTwice: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			stores, _ := openPostgres(t, 1)
			putCase(t, stores[0], "there")
			if err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
				return tx.PutSession(t.Context(), recovery.Session{Lineage: "first", IDHash: "hash"})
			}); err != nil {
				t.Fatal(err)
			}
			own := asking{counting("b", "network"), tt.fn}
			own.shared.Session = tt.session
			errs, runs := gathered(t, stores[0], countsAs("a"), own, countsAs("c"))
			if errs[1] == nil || tt.want != nil && !errors.Is(errs[1], tt.want) {
				t.Errorf("told %v, want %v", errs[1], tt.want)
			}
			if again := runs[1] > 1; again != tt.runs {
				t.Errorf("run %d times", runs[1])
			}
			for _, i := range []int{0, 2} {
				if errs[i] != nil || (runs[i] == 2) != tt.othersTwice || runs[i] > 2 {
					t.Errorf("another was run %d times and told %v", runs[i], errs[i])
				}
			}
			expectCounted(t, stores[0], "network", 2)
			if _, err := stores[0].Case(t.Context(), "own"); !errors.Is(err, recovery.ErrNotFound) {
				t.Errorf("what failed was kept: %v", err)
			}
		})
	}
}

// crowd counts who is inside at once.
type crowd struct{ now, most atomic.Int64 }

// enters is a function that stays inside for a round trip, once it has a group.
func (c *crowd) enters(shared recovery.Shared) asking {
	return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
		if err := got(tx.Counted(ctx, "any", day(0))); err != nil {
			return err
		}
		n := c.now.Add(1)
		defer c.now.Add(-1)
		for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
		}
		return got(tx.Counted(ctx, "any", day(0)))
	}}
}

// What one that is refused gives back, nobody else finds spent: of one mailbox there is one at a time. So it is
// with the session of a browser that sends its form twice.
func TestPostgresTogetherIsOneToAMailboxAndASession(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	for name, shared := range map[string]func(i int) recovery.Shared{
		"mailbox": func(int) recovery.Shared { return counting("mailbox", "network") },
		"session": func(i int) recovery.Shared {
			return recovery.Shared{Session: "hash", Counters: [2]string{fmt.Sprint(i), "network"}}
		},
	} {
		var inside crowd
		errs, _ := gathered(t, stores[0], inside.enters(shared(0)), inside.enters(shared(1)), inside.enters(shared(2)))
		if err := errors.Join(errs...); err != nil || inside.most.Load() != 1 {
			t.Errorf("%s: %d at once (%v), want 1", name, inside.most.Load(), err)
		}
	}
}

// A group is no larger than 64, and whoever comes after it is of the next.
func TestPostgresTogetherIsBounded(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	var inside crowd
	var all []asking
	for i := range 70 {
		all = append(all, inside.enters(counting(fmt.Sprint(i), "network")))
	}
	errs, _ := gathered(t, stores[0], all...)
	if err := errors.Join(errs...); err != nil || inside.most.Load() > 64 {
		t.Errorf("%d at once (%v), want 64", inside.most.Load(), err)
	}
}

// That a customer leaves once a group has begun ends neither the group nor what was asked for.
func TestPostgresTogetherIsNotLeftHalfway(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	leaves := asking{counting("b", "network"), nil}
	gone, leave := context.WithCancel(t.Context())
	leaves.fn = func(_ context.Context, tx recovery.Tx) error {
		err := got(tx.Counted(gone, "b", day(0)))
		leave()
		return errors.Join(err,
			tx.CountBoth(gone, leaves.shared.Counters, day(1), 1, day(2)),
			got(tx.Counted(gone, "b", day(0))))
	}
	errs, runs := gathered(t, stores[0], countsAs("a"), leaves, countsAs("c"))
	if err := errors.Join(errs...); err != nil || !slices.Equal(runs, []int{1, 1, 1}) {
		t.Errorf("run %v times and told %v, want each once", runs, err)
	}
	expectCounted(t, stores[0], "network", 3)
}

// patient is a context that ends the first time that anybody waits on it, and is not to be waited on again.
type patient struct {
	context.Context
	asked bool
}

func (c *patient) Done() <-chan struct{} {
	if c.asked {
		return nil
	}
	c.asked = true
	gone := make(chan struct{})
	close(gone)
	return gone
}

func (c *patient) Err() error {
	if c.asked {
		return context.Canceled
	}
	return nil
}

// Who has left has left, also where its function goes on as though it had been answered.
func TestPostgresTogetherIsLeftForGood(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	b := counting("b", "network")
	err := stores[0].UpdateTogether(t.Context(), counting("a", "network"), func(tx recovery.Tx) error {
		if err := got(tx.Counted(t.Context(), "any", day(0))); err != nil {
			return err
		}
		err := stores[0].UpdateTogether(&patient{Context: t.Context()}, b, func(tx recovery.Tx) error {
			_, _ = tx.Counted(t.Context(), "any", day(0))
			return tx.CountBoth(t.Context(), b.Counters, day(1), 1, day(2))
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("told %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Who waits for a group may leave, whether it has to know something or has come to its end.
func TestPostgresTogetherIsLeft(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	for name, last := range map[string]func(tx recovery.Tx) error{
		"asking":     func(tx recovery.Tx) error { return got(tx.Counted(t.Context(), "any", day(0))) },
		"at its end": func(recovery.Tx) error { return nil },
	} {
		err := stores[0].UpdateTogether(t.Context(), counting("a", "network"), func(tx recovery.Tx) error {
			if err := got(tx.Counted(t.Context(), "any", day(0))); err != nil {
				return err
			}
			b := counting("b", "network")
			err := stores[0].UpdateTogether(leaving(t), b, func(tx recovery.Tx) error {
				return errors.Join(tx.CountBoth(t.Context(), b.Counters, day(1), 1, day(2)), last(tx))
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: told %v", name, err)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	expectCounted(t, stores[0], "network", 0)
}
