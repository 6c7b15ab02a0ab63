package sqlstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

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
			if err := got(tx.Counted(t.Context(), "any", day(0))); err != nil {
				return err
			}
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

// Who closes the store waits for the group that runs, and for who has come and is to have one.
func TestPostgresTogetherIsWaitedForAtTheEnd(t *testing.T) {
	for name, first := range map[string]func(context.Context, recovery.Tx) error{
		"in a group": func(ctx context.Context, tx recovery.Tx) error { return got(tx.Counted(ctx, "any", day(0))) },
		"before it":  func(context.Context, recovery.Tx) error { return nil },
	} {
		t.Run(name, func(t *testing.T) { waitedForAtTheEnd(t, first) })
	}
}

func waitedForAtTheEnd(t *testing.T, first func(context.Context, recovery.Tx) error) {
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
	var told error
	customer.Go(func() {
		a := countsAs("a")
		var once sync.Once
		told = store.UpdateTogether(t.Context(), a.shared, func(tx recovery.Tx) error {
			err := first(t.Context(), tx)
			once.Do(func() { close(begun) })
			<-closing
			return errors.Join(err, a.fn(t.Context(), tx))
		})
	})
	<-begun
	closed := make(chan error, 1)
	go func() { closed <- store.Close() }()
	await(t, func() (bool, error) { // until the store takes nobody in any more
		err = store.UpdateTogether(leaving(t), counting("b", "network"), func(recovery.Tx) error { return nil })
		return err != nil && !errors.Is(err, context.Canceled), nil
	})
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
	if told != nil || !errors.Is(err, recovery.ErrStore) {
		t.Errorf("told %v, and later ones %v", told, err)
	}
	expectCounted(t, sqlstoretest.Open(t, url), "network", 1)
}

// Who closes the store does not wait for a connection that nobody needs any more, whether who waited for it leaves
// before or meanwhile.
func TestPostgresTogetherNobodyNeedsAConnection(t *testing.T) {
	nothing := func(recovery.Tx) error { return nil }
	for _, before := range []bool{true, false} {
		url := sqlstoretest.PostgresURL(t)
		store, err := sqlstore.Open(t.Context(), url, sqlstore.WithConnections(1))
		if err == nil {
			err = store.Migrate(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		err = store.Update(t.Context(), func(tx recovery.Tx) error { // has the only one
			if err := got(tx.Counted(t.Context(), "any", day(0))); err != nil {
				return err
			}
			waits, leave := context.WithCancel(t.Context())
			defer leave()
			come, left, closed := make(chan struct{}), make(chan error, 1), make(chan error, 1)
			go func() {
				ctx := &entering{Context: waits, entered: func() { close(come) }}
				left <- store.UpdateTogether(ctx, counting("a", "network"), nothing)
			}()
			<-come
			if before {
				time.Sleep(50 * time.Millisecond) // a group waits for its connection by then
				leave()
				left <- <-left
			}
			go func() { closed <- store.Close() }()
			if !before {
				await(t, func() (bool, error) { // until the store takes nobody in any more
					err := store.UpdateTogether(leaving(t), counting("b", "network"), nothing)
					return err != nil && !errors.Is(err, context.Canceled), nil
				})
				leave()
			}
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("who left is told %v", err)
			}
			select {
			case err := <-closed:
				return err
			case <-time.After(time.Minute):
				return errors.New("waits")
			}
		})
		if err != nil {
			t.Errorf("left before: %v: %v", before, err)
		}
	}
}

// A group comes to a statement that is refused once, and who asked for it twice alone, since that may be the fault of
// another transaction.
func TestPostgresTogetherIsRefusedOnce(t *testing.T) {
	server := sqlstoretest.StartServer(t, "fsync=off")
	store := sqlstoretest.Open(t, server.URL)
	putCase(t, store, "there")
	errs, _ := gathered(t, store, countsAs("a"), asking{counting("b", "network"), func(ctx context.Context, tx recovery.Tx) error {
		return tx.InsertCase(ctx, recovery.Case{ID: "there"})
	}}, countsAs("c"))
	if err := errors.Join(errs[0], errs[2]); err != nil || errs[1] == nil {
		t.Errorf("told %v, and the others %v", errs[1], err)
	}
	log, err := os.ReadFile(filepath.Join(server.Folder(), "log"))
	if refused := strings.Count(string(log), "duplicate key"); err != nil || refused != 1+2 {
		t.Errorf("refused %d times (%v), want 3", refused, err)
	}
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
			await(t, func() (bool, error) { // the server was not told to stop
				n, err := direct[0].Counted(t.Context(), "key", day(0))
				return n == 2, err
			})
			expectCounted(t, direct[0], "key", 2)
		})
	}
}
