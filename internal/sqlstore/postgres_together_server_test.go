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
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// A counter that another transaction does not let go of, as that of a replica that was stopped in the middle,
// keeps those waiting that count in it, and nobody else.
func TestPostgresTogetherCounterThatIsHeld(t *testing.T) {
	stores, url := openPostgres(t, 1, sqlstore.WithConnections(1)) // so that alone they come one after another
	held, err := behind(t, url).BeginTx(t.Context(), nil)
	if err == nil {
		_, err = held.ExecContext(t.Context(), "SELECT pg_advisory_xact_lock(hashtextextended('b', 0))")
	}
	if err != nil {
		t.Fatal(err)
	}
	met, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, c := countsAs("a"), countsAs("c")
	inside := make(chan struct{})
	errs, runs := gathered(t, stores[0],
		asking{a.shared, func(ctx context.Context, tx recovery.Tx) error {
			select {
			case inside <- struct{}{}:
			case <-met.Done():
				return errors.New("not in one group")
			}
			return a.fn(ctx, tx)
		}},
		countsAs("b"),
		asking{c.shared, func(ctx context.Context, tx recovery.Tx) error {
			select {
			case <-inside:
			case <-met.Done():
			}
			return errors.Join(c.fn(ctx, tx), held.Commit())
		}})
	if err := errors.Join(errs...); err != nil || !slices.Equal(runs, []int{1, 1, 1}) {
		t.Errorf("run %v times and told %v, want each once", runs, err)
	}
	expectCounted(t, stores[0], "network", 3)
}

// A connection that goes silent holds up the group that is on it, and nobody else.
func TestPostgresTogetherConnectionThatGoesSilent(t *testing.T) {
	url, wire := over(t, sqlstoretest.PostgresURL(t))
	store := sqlstoretest.Open(t, url)
	silent := make(chan struct{})
	var first sync.WaitGroup
	asked := make(chan struct{})
	first.Go(func() {
		a := countsAs("a")
		if err := store.UpdateTogether(t.Context(), a.shared, func(tx recovery.Tx) error {
			wire.gate.Store(&silent)
			close(asked)
			return a.fn(t.Context(), tx)
		}); err != nil {
			t.Error(err)
		}
	})
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := store.UpdateTogether(ctx, counting("b", "another"), func(tx recovery.Tx) error {
		return got(tx.Counted(t.Context(), "any", day(0)))
	})
	close(silent)
	first.Wait()
	if err != nil {
		t.Error(err)
	}
	expectCounted(t, store, "network", 1)
}

// Who closes the store waits for the group that runs.
func TestPostgresTogetherIsWaitedForAtTheEnd(t *testing.T) {
	url := sqlstoretest.PostgresURL(t)
	store, err := sqlstore.Open(t.Context(), url)
	if err == nil {
		err = store.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	begun, closing := make(chan struct{}), make(chan struct{})
	var customer sync.WaitGroup
	kept := false
	customer.Go(func() {
		err := store.UpdateTogether(t.Context(), counting("a", "network"), func(tx recovery.Tx) error {
			close(begun)
			<-closing
			return tx.CountBoth(t.Context(), [2]string{"a", "network"}, day(1), 1, day(2))
		})
		kept = err == nil
	})
	<-begun
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	for err == nil { // until the store takes nobody in any more
		err = store.UpdateTogether(leaving(t), counting("b", "network"), func(recovery.Tx) error { return nil })
		if errors.Is(err, context.Canceled) {
			err = nil
		}
	}
	select {
	case <-closed:
		close(closing)
		t.Error("did not wait")
	case <-time.After(50 * time.Millisecond): // a store that does not wait is closed by then
		close(closing)
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
	customer.Wait()
	if !kept || !errors.Is(err, recovery.ErrStore) {
		t.Errorf("kept: %v, and later ones were told %v", kept, err)
	}
	expectCounted(t, sqlstoretest.Open(t, url), "network", 1)
}

// Groups of two replicas that come to the same rows from both ends wait for each other, and never both.
func TestPostgresTogetherNeverDeadlocks(t *testing.T) {
	server := sqlstoretest.StartServer(t, "deadlock_timeout=50ms", "fsync=off")
	for name, tt := range map[string]struct {
		middle string // a statement that holds what both groups come to halfway
		locked string
		member func(replica, i int) asking
		kept   int // of each two that are the same
	}{
		"counters": {
			middle: "SELECT pg_advisory_xact_lock(hashtextextended('mailbox 3', 0))",
			locked: "advisory",
			kept:   2,
			member: func(_, i int) asking {
				shared := counting(fmt.Sprint("mailbox ", i), fmt.Sprint("network ", i%3))
				return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
					return errors.Join(
						tx.CountBoth(ctx, shared.Counters, day(1), 1, day(2)),
						got(tx.Counted(ctx, shared.Counters[0], day(0))))
				}}
			},
		},
		"sessions": {
			middle: "INSERT INTO sessions VALUES ('middle', '3', '', '', '', '', 0, 0, 0, '')",
			locked: "transactionid",
			kept:   1,
			member: func(replica, i int) asking {
				shared := counting(fmt.Sprint(replica, " ", i), fmt.Sprint(replica))
				shared.Session = fmt.Sprint(i)
				return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
					return tx.PutSession(ctx, recovery.Session{
						Lineage: shared.Counters[0], IDHash: shared.Session, ExpiresAt: day(2),
					})
				}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			const members = 6
			url := server.URL
			db := behind(t, url)
			stores := []*sqlstore.Store{sqlstoretest.Open(t, url), sqlstoretest.Open(t, url)}
			middle, err := db.BeginTx(t.Context(), nil)
			if err == nil {
				_, err = middle.ExecContext(t.Context(), tt.middle)
			}
			if err != nil {
				t.Fatal(err)
			}
			told := make([][]error, len(stores))
			var groups sync.WaitGroup
			for replica, s := range stores {
				var all []asking
				for i := range members {
					all = append(all, tt.member(replica, i))
				}
				if replica > 0 {
					slices.Reverse(all)
				}
				groups.Go(func() { told[replica], _ = gathered(t, s, all...) })
			}
			const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = $1 AND NOT granted"
			for n := 0; n < 2; time.Sleep(time.Millisecond) { // as long as it takes both to wait
				if err := db.QueryRowContext(t.Context(), waiting, tt.locked).Scan(&n); err != nil {
					t.Fatal(err)
				}
			}
			if err := middle.Rollback(); err != nil {
				t.Fatal(err)
			}
			groups.Wait()
			slices.Reverse(told[1])
			for i := range members {
				kept := 0
				for _, errs := range told {
					if errs[i] == nil {
						kept++
					} else if !errors.Is(errs[i], recovery.ErrSessionTaken) {
						t.Error(errs[i])
					}
				}
				if kept != tt.kept {
					t.Errorf("%d: %d kept, want %d", i, kept, tt.kept)
				}
			}
		})
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
		all = append(all, asking{counting(fmt.Sprint(i), "network"), func(ctx context.Context, tx recovery.Tx) error {
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
		return store.UpdateTogether(t.Context(), a.shared, func(tx recovery.Tx) error { return a.fn(t.Context(), tx) })
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
	breaks := asking{counting("b", "network"), func(ctx context.Context, tx recovery.Tx) error {
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
			return s.UpdateTogether(ctx, counting("key", "network"), fn)
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
