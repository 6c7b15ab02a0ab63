package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// openPostgres opens several stores on one schema, as replicas do.
func openPostgres(t *testing.T, n int, opts ...sqlstore.Option) (stores []*sqlstore.Store, url string) {
	t.Helper()
	url = sqlstoretest.PostgresURL(t)
	for range n {
		stores = append(stores, sqlstoretest.Open(t, url, opts...))
	}
	return stores, url
}

// behind is a connection that does what no Store does.
func behind(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestPostgresThatCannotBeReached(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	_ = closed.Close()
	for _, url := range []string{
		"postgres://latchkey:hunter2@" + address + "/latchkey",
		"postgresql://latchkey:hunter2@" + address + "/latchkey?sslmode=disable",
		"postgres://latchkey:hunter2@bad host/latchkey",
		"postgres://latchkey:hunter2@" + address + "/latchkey?pool_max_conns=many",
	} {
		_, err := sqlstore.Open(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got error %v, want one without the password", err)
		}
	}
}

// After a failover a process may be connected to what takes no writes any more. It says so, and finds the server that
// does as soon as there is one, not when its connections are half an hour old.
func TestPostgresThatTakesNoWrites(t *testing.T) {
	const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
	server := sqlstoretest.StartServer(t)
	store, db := sqlstoretest.Open(t, server.URL), behind(t, server.URL)
	db.SetMaxOpenConns(1)
	do := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	putCase(t, store, "1")
	do("ALTER DATABASE postgres SET default_transaction_read_only = on")
	do(end)
	err := store.Ping(t.Context())
	for i := 0; i < 30 && err != nil && strings.Contains(err.Error(), "57P01"); i++ { // a connection that has ended
		err = store.Ping(t.Context())
	}
	if !errors.Is(err, recovery.ErrStore) || !strings.Contains(err.Error(), "no writes") {
		t.Errorf("while nothing can be written: got %v", err)
	}
	err = store.Update(t.Context(), func(tx recovery.Tx) error {
		return tx.InsertCase(t.Context(), recovery.Case{ID: "2", Reference: "LK-2"})
	})
	if !errors.Is(err, recovery.ErrStore) {
		t.Errorf("a write meanwhile: got %v", err)
	}
	look := func() error {
		_, err := store.Case(t.Context(), "1")
		return err
	}
	var all sync.WaitGroup
	for range 8 { // each on a connection that takes no writes
		all.Go(func() {
			if err := look(); err != nil {
				t.Errorf("a look meanwhile: %v", err)
			}
		})
	}
	all.Wait()
	do("ALTER DATABASE postgres RESET default_transaction_read_only")
	putCase(t, store, "3")
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("when there is a server that takes writes: got %v", err)
	}

	do("ALTER DATABASE postgres SET default_transaction_read_only = on")
	do(end)
	for i := 0; i < 30 && (err == nil || !strings.Contains(err.Error(), "no writes")); i++ {
		err = store.Ping(t.Context())
	}
	do("ALTER DATABASE postgres RESET default_transaction_read_only")
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("of two pings the first finds that it takes no writes, the second where writes are taken; got %v", err)
	}
}

// Replicas that start at once migrate once.
func TestPostgresMigrateAtOnce(t *testing.T) {
	url := sqlstoretest.PostgresURL(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			s, err := sqlstore.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			if err := errors.Join(s.Migrate(t.Context()), s.Ping(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// A replica of this version starts while the next version has migrated already.
func TestPostgresOfTheNextVersion(t *testing.T) {
	stores, url := openPostgres(t, 1)
	db := behind(t, url)
	for _, statement := range []string{
		"INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, true)",
		"ALTER TABLE cases ADD COLUMN mood TEXT NOT NULL DEFAULT ''",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := stores[0].Migrate(t.Context()); err != nil {
		t.Error(err)
	}
	putCase(t, stores[0], "1")
	if _, err := stores[0].Case(t.Context(), "1"); err != nil {
		t.Error(err)
	}
}

func putCase(t *testing.T, s *sqlstore.Store, id string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx recovery.Tx) error {
		return tx.InsertCase(t.Context(), recovery.Case{ID: id, Reference: "LK-" + id})
	})
	if err != nil {
		t.Error(err)
	}
}

// At the edge of a bucket two replicas write different rows of one counter; still neither passes the other.
func TestPostgresBudgetAcrossBuckets(t *testing.T) {
	stores, _ := openPostgres(t, 2)
	var mu sync.Mutex
	taken := 0
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			var mine bool
			err := stores[i%2].Update(t.Context(), func(tx recovery.Tx) error {
				mine = false
				if err := tx.Count(t.Context(), "key", day(i), 1, day(99)); err != nil {
					return err
				}
				sum, err := tx.Counted(t.Context(), "key", day(-1))
				if mine = sum <= 12; mine || err != nil {
					return err
				}
				return tx.Count(t.Context(), "key", day(i), -1, day(99))
			})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if mine {
				taken++
			}
		})
	}
	all.Wait()
	if taken != 12 {
		t.Errorf("taken %d, want 12", taken)
	}
}

// Who counts aside gets by while another that has done so goes on.
func TestPostgresCountAside(t *testing.T) {
	stores, _ := openPostgres(t, 2, sqlstore.WithConnections(20))
	aside := func(tx recovery.Tx) error { return tx.CountAside(t.Context(), "key", day(1), 1, day(2)) }
	const others = 16
	past := make(chan error, others)
	err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		if err := aside(tx); err != nil {
			return err
		}
		if _, err := tx.Counted(t.Context(), "key", day(0)); err != nil { // it has been sent
			return err
		}
		for range others {
			go func() { past <- stores[1].Update(t.Context(), aside) }()
		}
		return <-past
	})
	for range others - 1 {
		err = errors.Join(err, <-past)
	}
	if err != nil {
		t.Error(err)
	}
	if n, err := stores[0].Counted(t.Context(), "key", day(0)); n != 1+others || err != nil {
		t.Errorf("counted %d (%v), want %d", n, err, 1+others)
	}
}

// Two transactions that wait for each other both end well.
func TestPostgresDeadlock(t *testing.T) {
	stores, _ := openPostgres(t, 2)
	var met, all sync.WaitGroup
	met.Add(2)
	for i, keys := range [][2]string{{"a", "b"}, {"b", "a"}} {
		all.Go(func() {
			runs := 0
			err := stores[i].Update(t.Context(), func(tx recovery.Tx) error {
				runs++
				err := tx.Count(t.Context(), keys[0], day(1), 1, day(2))
				if runs == 1 {
					met.Done()
					met.Wait()
				}
				return errors.Join(err, tx.Count(t.Context(), keys[1], day(1), 1, day(2)))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range []string{"a", "b"} {
		if n, err := stores[0].Counted(t.Context(), key, day(0)); n != 2 || err != nil {
			t.Errorf("%s: counted %d (%v), want 2", key, n, err)
		}
	}
}

const endOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE application_name = 'latchkey' AND pid <> pg_backend_pid()
	AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'counters'::regclass)`

// A connection that is lost before the commit costs the caller nothing.
func TestPostgresConnectionLost(t *testing.T) {
	stores, url := openPostgres(t, 1)
	runs := 0
	err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		runs++
		if err := tx.Count(t.Context(), "key", day(1), 1, day(2)); err != nil {
			return err
		}
		if n, err := tx.Counted(t.Context(), "key", day(0)); n != 1 || err != nil {
			return errors.Join(errors.New("not counted"), err)
		}
		if runs == 1 {
			if _, err := behind(t, url).ExecContext(t.Context(), endOthers); err != nil {
				t.Error(err)
			}
		}
		return tx.Count(t.Context(), "key", day(1), 1, day(2))
	})
	if err != nil || runs != 2 {
		t.Errorf("%d runs, error %v; want 2 and none", runs, err)
	}
	if n, err := stores[0].Counted(t.Context(), "key", day(0)); n != 2 || err != nil {
		t.Errorf("counted %d (%v), want 2", n, err)
	}
}

// What belongs to a case waits for whoever counts its mails, so that a double press is one mail.
func TestPostgresDeliveriesLockTheirCase(t *testing.T) {
	stores, _ := openPostgres(t, 2)
	putCase(t, stores[0], "1")
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			err := stores[i%2].Update(t.Context(), func(tx recovery.Tx) error {
				have, err := tx.Deliveries(t.Context(), "1")
				if err != nil || len(have) > 0 {
					return err
				}
				return tx.InsertDelivery(t.Context(), recovery.Delivery{ID: string(rune('a' + i)), CaseID: "1"})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if have, err := stores[0].Deliveries(t.Context(), "1"); len(have) != 1 || err != nil {
		t.Errorf("%d deliveries (%v), want 1", len(have), err)
	}
}

// Requests beyond the pool wait for their turn and do not hang.
func TestPostgresSmallPool(t *testing.T) {
	stores, _ := openPostgres(t, 1, sqlstore.WithConnections(2))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			err := stores[0].Update(ctx, func(tx recovery.Tx) error {
				return tx.Count(ctx, "key", day(1), 1, day(2))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// What was told to be kept is on the disk, although the commit itself does not wait for it.
func TestPostgresIsFlushed(t *testing.T) {
	server := sqlstoretest.StartServer(t, "wal_writer_delay=10s", "autovacuum=off") // nobody else flushes soon
	store, db := sqlstoretest.Open(t, server.URL), behind(t, server.URL)
	a := countsAs("a")
	for name, update := range map[string]func(fn func(tx recovery.Tx) error) error{
		"alone":    func(fn func(tx recovery.Tx) error) error { return store.Update(t.Context(), fn) },
		"together": func(fn func(tx recovery.Tx) error) error { return store.UpdateTogether(t.Context(), a.shared, fn) },
	} {
		const times = 5
		onDisk := 0
		for range times {
			var flushed bool
			err := update(func(tx recovery.Tx) error {
				return errors.Join(
					tx.CountBoth(t.Context(), a.shared.Counters, day(1), 1, day(2)),
					got(tx.Counted(t.Context(), "a", day(0))))
			})
			err = errors.Join(err, db.QueryRowContext(t.Context(),
				"SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()").Scan(&flushed))
			if err != nil {
				t.Fatal(err)
			}
			if flushed {
				onDisk++
			}
		}
		if onDisk < times-1 { // the server may write something of its own, once
			t.Errorf("%s: %d of %d were on the disk", name, onDisk, times)
		}
	}
}

// A customer's text may hold what PostgreSQL cannot keep.
func TestPostgresOddText(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	putCase(t, stores[0], "1")
	h := recovery.HandOff{CaseID: "1", Kind: recovery.HandOffSupport, Message: "a\x00b\xffc"}
	if err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		_, err := tx.InsertHandOff(t.Context(), h)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got, err := stores[0].HandOff(t.Context(), "1", recovery.HandOffSupport)
	if want := "ab\uFFFDc"; got.Message != want || err != nil {
		t.Errorf("got %q (%v), want %q", got.Message, err, want)
	}
}
