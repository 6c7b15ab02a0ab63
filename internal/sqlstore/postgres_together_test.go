package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// asking is one function for a group.
type asking struct {
	counters [2]string
	fn       func(ctx context.Context, tx recovery.Tx) error
}

// gathered has functions come together: a group is held until all of them wait for the next. It returns what
// each was told, and how often each was run.
func gathered(t *testing.T, s *sqlstore.Store, all ...asking) (errs []error, runs []int) {
	t.Helper()
	errs, runs = make([]error, len(all)), make([]int, len(all))
	held, come := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.UpdateTogether(t.Context(), [2]string{"holds", "holds"}, func(recovery.Tx) error {
			close(held)
			<-come
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
	<-held
	for i, a := range all { // one after another, so that the group has them in this order
		waits := make(chan struct{})
		ctx := &entering{Context: t.Context(), entered: func() { close(waits) }}
		done.Go(func() {
			errs[i] = s.UpdateTogether(ctx, a.counters, func(tx recovery.Tx) error {
				runs[i]++
				return a.fn(ctx, tx)
			})
		})
		<-waits
	}
	close(come)
	done.Wait()
	return errs, runs
}

// countsAs is what a start does to counters: each of its own mailbox, all of one network.
func countsAs(mailbox string) asking {
	counters := [2]string{mailbox, "network"}
	return asking{counters, func(ctx context.Context, tx recovery.Tx) error {
		if err := tx.CountBoth(ctx, counters, day(1), 1, day(2)); err != nil {
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
			all[i] = asking{counts.counters, func(ctx context.Context, tx recovery.Tx) error {
				met.Done()
				met.Wait()
				return counts.fn(ctx, tx)
			}}
		}
		wire.sent.Store(0)
		errs, _ := gathered(t, store, all...)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := wire.sent.Load(); round > 0 && got != 1+2 {
			t.Errorf("%d round trips, want one of who held them and two of the group", got)
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
		"by a session that has a row": {
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
			errs, runs := gathered(t, stores[0], countsAs("a"), asking{[2]string{"b", "network"}, tt.fn}, countsAs("c"))
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

// What one that is refused gives back, nobody else finds spent: of one mailbox there is one at a time.
func TestPostgresTogetherIsOneToAMailbox(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	var inside atomic.Int64
	one := asking{[2]string{"mailbox", "network"}, func(ctx context.Context, tx recovery.Tx) error {
		if n := inside.Add(1); n != 1 {
			t.Errorf("%d at once, want 1", n)
		}
		defer inside.Add(-1)
		return got(tx.Counted(ctx, "mailbox", day(0)))
	}}
	errs, _ := gathered(t, stores[0], one, one, one)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// Who waits for a group may leave.
func TestPostgresTogetherIsLeft(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	waits, leave := context.WithCancel(t.Context())
	ctx := &entering{Context: waits, entered: leave}
	err := stores[0].UpdateTogether(t.Context(), [2]string{"a", "network"}, func(recovery.Tx) error {
		err := stores[0].UpdateTogether(ctx, [2]string{"b", "network"}, func(recovery.Tx) error {
			t.Error("ran")
			return nil
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

// Groups of two replicas that come to the same counters from both ends wait for each other, and never both.
func TestPostgresTogetherNeverDeadlocks(t *testing.T) {
	server := sqlstoretest.StartServer(t, "deadlock_timeout=50ms", "fsync=off")
	var all []asking
	for i := range 6 {
		counters := [2]string{fmt.Sprint("mailbox ", i), fmt.Sprint("network ", i%3)}
		all = append(all, asking{counters, func(ctx context.Context, tx recovery.Tx) error {
			return errors.Join(
				tx.CountBoth(ctx, counters, day(1), 1, day(2)), got(tx.Counted(ctx, counters[0], day(0))))
		}})
	}
	first, second := sqlstoretest.Open(t, server.URL), sqlstoretest.Open(t, server.URL)
	db := behind(t, server.URL)
	middle, err := db.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = middle.ExecContext(t.Context(), "SELECT pg_advisory_xact_lock(hashtextextended('mailbox 3', 0))")
	}
	if err != nil {
		t.Fatal(err)
	}
	var groups sync.WaitGroup
	run := func(s *sqlstore.Store, group []asking) {
		errs, _ := gathered(t, s, group...)
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	}
	back := slices.Clone(all)
	slices.Reverse(back)
	groups.Go(func() { run(first, all) })
	groups.Go(func() { run(second, back) })
	const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
	for n := 0; n < 2; time.Sleep(time.Millisecond) { // as long as it takes both to come to what is held
		if err := db.QueryRowContext(t.Context(), waiting).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if err := middle.Commit(); err != nil {
		t.Fatal(err)
	}
	groups.Wait()
	for i := range 3 {
		expectCounted(t, first, fmt.Sprint("network ", i), 4)
	}
	log, err := os.ReadFile(filepath.Join(server.Folder(), "log"))
	if err != nil || strings.Contains(string(log), "deadlock detected") {
		t.Errorf("the server's log (%v):\n%s", err, log)
	}
}

// What a group counts aside is one row, so that no two groups hold what the other waits for.
func TestPostgresTogetherHoldsOneRowAside(t *testing.T) {
	stores, url := openPostgres(t, 1)
	var all []asking
	for i := range 20 {
		all = append(all, asking{[2]string{fmt.Sprint(i), "network"}, func(ctx context.Context, tx recovery.Tx) error {
			return tx.CountAside(ctx, "all", day(1), 1, day(2))
		}})
	}
	errs, _ := gathered(t, stores[0], all...)
	rows := 0
	err := behind(t, url).QueryRowContext(t.Context(), "SELECT count(*) FROM counters WHERE name = 'all'").Scan(&rows)
	if err := errors.Join(append(errs, err)...); err != nil || rows != 1 {
		t.Errorf("%d rows (%v), want 1", rows, err)
	}
	expectCounted(t, stores[0], "all", len(all))
}

// Where the server is away everybody is told so, and when it is back everybody is kept again.
func TestPostgresTogetherServerAway(t *testing.T) {
	server := sqlstoretest.StartServer(t, "fsync=off")
	store := sqlstoretest.Open(t, server.URL)
	ask := func(mailbox string) error {
		a := countsAs(mailbox)
		return store.UpdateTogether(t.Context(), a.counters, func(tx recovery.Tx) error { return a.fn(t.Context(), tx) })
	}
	if err := ask("before"); err != nil {
		t.Fatal(err)
	}
	server.Halt()
	if err := ask("meanwhile"); !errors.Is(err, recovery.ErrStore) {
		t.Errorf("told %v, want %v", err, recovery.ErrStore)
	}
	server.Resume()
	if err := ask("after"); err != nil {
		t.Error(err)
	}
	expectCounted(t, store, "network", 2)
}

// A group that loses its connection is run again, and everybody is kept once.
func TestPostgresTogetherConnectionLost(t *testing.T) {
	stores, url := openPostgres(t, 1)
	var once sync.Once
	breaks := asking{[2]string{"b", "network"}, func(ctx context.Context, tx recovery.Tx) error {
		err := countsAs("b").fn(ctx, tx)
		once.Do(func() { _, err = behind(t, url).ExecContext(t.Context(), endOthers) })
		return errors.Join(err, got(tx.Counted(ctx, "key", day(0))))
	}}
	errs, runs := gathered(t, stores[0], countsAs("a"), breaks, countsAs("c"))
	if err := errors.Join(errs...); err != nil || runs[1] != 2 {
		t.Errorf("%d runs, told %v; want 2 and nothing", runs[1], err)
	}
	expectCounted(t, stores[0], "network", 3)
}

// Where the answer of the commit is lost it is not known whether anything was kept: nothing is run again, which
// could do it twice.
func TestPostgresCommitWithoutAnAnswer(t *testing.T) {
	for name, update := range map[string]func(*sqlstore.Store, context.Context, func(recovery.Tx) error) error{
		"alone": (*sqlstore.Store).Update,
		"together": func(s *sqlstore.Store, ctx context.Context, fn func(recovery.Tx) error) error {
			return s.UpdateTogether(ctx, [2]string{"key", "network"}, fn)
		},
	} {
		t.Run(name, func(t *testing.T) {
			direct, url := openPostgres(t, 1)
			way, wire := over(t, url)
			store, runs := sqlstoretest.Open(t, way), 0
			count := func(tx recovery.Tx) error {
				err := tx.CountBoth(t.Context(), [2]string{"key", "network"}, day(1), 1, day(2))
				return errors.Join(err, got(tx.Counted(t.Context(), "key", day(0))))
			}
			if err := update(store, t.Context(), count); err != nil { // it prepares its statements
				t.Fatal(err)
			}
			err := update(store, t.Context(), func(tx recovery.Tx) error {
				runs++
				err := count(tx)
				wire.cut.Store(true)
				return err
			})
			if err == nil || runs != 1 {
				t.Errorf("%d runs, told %v; want 1 and an error", runs, err)
			}
			for n := 0; n < 2; time.Sleep(time.Millisecond) { // the server was not told to stop
				if n, err = direct[0].Counted(t.Context(), "key", day(0)); err != nil {
					t.Fatal(err)
				}
			}
			expectCounted(t, direct[0], "key", 2)
		})
	}
}
