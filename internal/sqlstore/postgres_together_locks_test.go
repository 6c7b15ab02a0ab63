package sqlstore_test

import (
	"context"
	"database/sql"
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

// await asks until there is a yes, and gives up after a minute.
func await(t *testing.T, ask func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		switch yes, err := ask(); {
		case err != nil:
			t.Fatal(err)
		case yes:
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			t.Fatal("waited in vain")
		}
	}
}

// awaitWaiting waits until that many transactions wait for a lock that has a name.
func awaitWaiting(t *testing.T, db *sql.DB, want int) {
	t.Helper()
	await(t, func() (bool, error) {
		n := 0
		err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "+
			"AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&n)
		return n >= want, err
	})
}

// holding is a transaction that has run a statement and not ended.
func holding(t *testing.T, db *sql.DB, statement string) *sql.Tx {
	t.Helper()
	held, err := db.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = held.ExecContext(t.Context(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Rollback() })
	return held
}

// A counter that another transaction does not let go of, as that of a replica that was stopped in the middle,
// keeps those waiting that count in it, and nobody else.
func TestPostgresTogetherCounterThatIsHeld(t *testing.T) {
	stores, url := openPostgres(t, 1, sqlstore.WithConnections(1)) // so that alone they come one after another
	held := holding(t, behind(t, url), "SELECT pg_advisory_xact_lock(hashtextextended('b', 0))")
	met, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, b, c := countsAs("a"), countsAs("b"), countsAs("c")
	inside := make(chan struct{})
	errs, runs := gathered(t, stores[0],
		asking{a.shared, func(ctx context.Context, tx recovery.Tx) error {
			err := a.fn(ctx, tx)
			select {
			case inside <- struct{}{}:
			case <-met.Done():
				err = errors.New("not in one group")
			}
			return err
		}},
		asking{b.shared, func(ctx context.Context, tx recovery.Tx) error { // which asks on, whatever it is told
			err := b.fn(ctx, tx)
			for range 10 {
				err = errors.Join(err, got(tx.Counted(ctx, "any", day(0))))
			}
			return err
		}},
		asking{c.shared, func(ctx context.Context, tx recovery.Tx) error {
			err := c.fn(ctx, tx)
			select {
			case <-inside:
			case <-met.Done():
			}
			return errors.Join(err, held.Commit())
		}})
	if err := errors.Join(errs...); err != nil || !slices.Equal(runs, []int{1, 2, 1}) {
		t.Errorf("run %v times and told %v, want each other once", runs, err)
	}
	expectCounted(t, stores[0], "network", 3)
}

// Whose session has a row is told so also where the group has to go on without somebody's counter, and nobody else is
// run again for either.
func TestPostgresTogetherSessionTakenBesideACounterThatIsHeld(t *testing.T) {
	stores, url := openPostgres(t, 1)
	db := behind(t, url)
	if err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		return tx.PutSession(t.Context(), recovery.Session{Lineage: "before", IDHash: "taken", ExpiresAt: day(2)})
	}); err != nil {
		t.Fatal(err)
	}
	held := holding(t, db, "SELECT pg_advisory_xact_lock(hashtextextended('b', 0))")
	d := putsSession("d", "d")
	errs, runs := gathered(t, stores[0], putsSession("a", "a"), putsSession("b", "b"), putsSession("taken", "c"),
		asking{d.shared, func(ctx context.Context, tx recovery.Tx) error { return errors.Join(d.fn(ctx, tx), held.Rollback()) }})
	if err := errors.Join(errs[0], errs[1], errs[3]); err != nil || !errors.Is(errs[2], recovery.ErrSessionTaken) {
		t.Errorf("told %v, and whose session is taken %v", err, errs[2])
	}
	if !slices.Equal(runs, []int{1, 2, 1, 1}) {
		t.Errorf("run %v times, want one twice", runs)
	}
	expectCounted(t, stores[0], "network", 3)
}

// Locks that are let go of one after another, each soon enough, do not add up for who needs none of them.
func TestPostgresTogetherWaitsBrieflyForAllItsLocks(t *testing.T) {
	stores, url := openPostgres(t, 1)
	db := behind(t, url)
	const held = 20
	var letGo []func()
	var gone atomic.Int64
	var all []asking
	for i := range held {
		tx := holding(t, db, fmt.Sprintf("SELECT pg_advisory_xact_lock(hashtextextended('mailbox %02d', 0))", i))
		release := sync.OnceFunc(func() {
			gone.Add(1)
			_ = tx.Rollback()
		})
		defer time.AfterFunc(time.Duration(i+1)*400*time.Millisecond, release).Stop()
		letGo = append(letGo, release)
		all = append(all, countsAs(fmt.Sprintf("mailbox %02d", i)))
	}
	innocent := countsAs("innocent")
	errs, _ := gathered(t, stores[0], append(all, asking{innocent.shared, func(ctx context.Context, tx recovery.Tx) error {
		err := innocent.fn(ctx, tx)
		if gone.Load() == held {
			t.Error("waited for all that it did not need")
		}
		for _, release := range letGo {
			release()
		}
		return err
	}})...)
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	expectCounted(t, stores[0], "network", held+1)
}

// Where statements have less time than a group's locks, those of the others are had all the same.
func TestPostgresTogetherLocksOfShortStatements(t *testing.T) {
	_, url := openPostgres(t, 1)
	db := behind(t, url)
	s := sqlstoretest.Open(t, url+"&statement_timeout=300ms")
	held := holding(t, db, "SELECT pg_advisory_xact_lock(hashtextextended('b', 0))")
	c := countsAs("c")
	errs, runs := gathered(t, s, countsAs("a"), countsAs("b"), asking{c.shared, func(ctx context.Context, tx recovery.Tx) error {
		return errors.Join(c.fn(ctx, tx), held.Rollback())
	}})
	if err := errors.Join(errs...); err != nil || !slices.Equal(runs, []int{1, 2, 1}) {
		t.Errorf("run %v times and told %v, want each other once", runs, err)
	}
}

// Only locks are waited for so briefly: what a group writes may take its time, as on a disk that is busy.
func TestPostgresTogetherWritesTakeTheirTime(t *testing.T) {
	stores, url := openPostgres(t, 1)
	db := behind(t, url)
	for _, statement := range []string{
		"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NEW; END'",
		"CREATE TRIGGER slow BEFORE INSERT ON counters FOR EACH ROW WHEN (NEW.name = 'slow') EXECUTE FUNCTION slow()",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	errs, runs := gathered(t, stores[0], countsAs("a"), countsAs("slow"))
	if err := errors.Join(errs...); err != nil || !slices.Equal(runs, []int{1, 1}) {
		t.Errorf("run %v times and told %v, want each once", runs, err)
	}
}

// What is short for a group goes with it: whoever has its connection next waits for a lock, and for a statement,
// as long as any other.
func TestPostgresTogetherLeavesTheConnectionAsItWas(t *testing.T) {
	stores, url := openPostgres(t, 1, sqlstore.WithConnections(1))
	if errs, _ := gathered(t, stores[0], countsAs("a"), countsAs("b")); errors.Join(errs...) != nil {
		t.Fatal(errs)
	}
	held := holding(t, behind(t, url), "SELECT pg_advisory_xact_lock(hashtextextended('c', 0))")
	time.AfterFunc(1200*time.Millisecond, func() { _ = held.Rollback() })
	if err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		return tx.Count(t.Context(), "c", day(1), 1, day(2))
	}); err != nil {
		t.Error(err)
	}
}

// Groups of two replicas that come to the same rows from both ends wait for each other, and never both.
func TestPostgresTogetherNeverDeadlocks(t *testing.T) {
	server := sqlstoretest.StartServer(t, "deadlock_timeout=50ms", "fsync=off")
	for name, tt := range map[string]struct {
		middle string // a statement that holds what both groups come to halfway
		member func(replica, i int) asking
		kept   int // of each two that are the same
	}{
		"counters": {
			middle: "SELECT pg_advisory_xact_lock(hashtextextended('mailbox 3', 0))",
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
		"networks": { // of other mailboxes, which do not come in between
			middle: "SELECT pg_advisory_xact_lock(hashtextextended('network 1', 0))",
			kept:   2,
			member: func(replica, i int) asking {
				shared := counting(fmt.Sprint("mailbox ", replica, i), fmt.Sprint("network ", i%3))
				return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
					return errors.Join(
						tx.CountBoth(ctx, shared.Counters, day(1), 1, day(2)),
						got(tx.Counted(ctx, shared.Counters[0], day(0))))
				}}
			},
		},
		"sessions": {
			middle: "SELECT pg_advisory_xact_lock(hashtextextended('session:3', 0))",
			kept:   1,
			member: func(replica, i int) asking {
				shared := counting(fmt.Sprint(replica, " ", i), fmt.Sprint(replica))
				shared.Session = fmt.Sprint(i)
				return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
					return errors.Join(
						tx.PutSession(ctx, recovery.Session{
							Lineage: shared.Counters[0], IDHash: shared.Session, ExpiresAt: day(2),
						}),
						tx.CountAside(ctx, "all", day(1), 1, day(2)))
				}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			const members = 6
			url := server.URL
			db := behind(t, url)
			stores := []*sqlstore.Store{sqlstoretest.Open(t, url), sqlstoretest.Open(t, url)}
			middle := holding(t, db, tt.middle)
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
			awaitWaiting(t, db, 2)
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

// What a group counts aside in a bucket is one row, so that no two groups hold what the other waits for.
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

// putsSession is a start of a browser that is new: it makes its session and counts.
func putsSession(session, mailbox string) asking {
	shared := recovery.Shared{Session: session, Counters: [2]string{mailbox, "network"}}
	return asking{shared, func(ctx context.Context, tx recovery.Tx) error {
		return errors.Join(
			tx.PutSession(ctx, recovery.Session{Lineage: mailbox, IDHash: session, ExpiresAt: day(2)}),
			tx.CountBoth(ctx, shared.Counters, day(1), 1, day(2)),
			got(tx.Counted(ctx, mailbox, day(0))))
	}}
}

// A browser that sends two requests at once, of which one is of a group: whichever comes first, they do not wait
// for each other, the second is told so, and nobody else is run again.
func TestPostgresTogetherSessionOfTwoRequests(t *testing.T) {
	lone := func(s *sqlstore.Store, meanwhile func()) error {
		return s.Update(t.Context(), func(tx recovery.Tx) error {
			err := errors.Join(
				tx.PutSession(t.Context(), recovery.Session{Lineage: "lone", IDHash: "twice", ExpiresAt: day(2)}),
				got(tx.Counted(t.Context(), "any", day(0))))
			meanwhile()
			return errors.Join(err, tx.CountBoth(t.Context(), [2]string{"c", "network"}, day(1), 1, day(2)))
		})
	}
	t.Run("alone first", func(t *testing.T) {
		stores, url := openPostgres(t, 2)
		var group sync.WaitGroup
		var errs []error
		var runs []int
		err := lone(stores[1], func() {
			group.Go(func() {
				errs, runs = gathered(t, stores[0], putsSession("a", "a"), putsSession("twice", "b"), putsSession("c", "c"))
			})
			awaitWaiting(t, behind(t, url), 1)
		})
		group.Wait()
		if err := errors.Join(err, errs[0], errs[2]); err != nil || !errors.Is(errs[1], recovery.ErrSessionTaken) {
			t.Errorf("told %v, and its other request %v", err, errs[1])
		}
		if !slices.Equal(runs, []int{1, 1, 1}) {
			t.Errorf("run %v times, want each once", runs)
		}
		expectCounted(t, stores[0], "network", 3)
	})
	t.Run("in a group first", func(t *testing.T) {
		stores, url := openPostgres(t, 2)
		twice, told := putsSession("twice", "b"), make(chan error, 1)
		first := asking{twice.shared, func(ctx context.Context, tx recovery.Tx) error {
			err := twice.fn(ctx, tx)
			go func() { told <- lone(stores[1], func() {}) }()
			awaitWaiting(t, behind(t, url), 1)
			return err
		}}
		errs, runs := gathered(t, stores[0], putsSession("a", "a"), first, putsSession("c", "c"))
		if err := errors.Join(errs...); err != nil || !slices.Equal(runs, []int{1, 1, 1}) {
			t.Errorf("run %v times and told %v, want each once", runs, err)
		}
		if err := <-told; !errors.Is(err, recovery.ErrSessionTaken) {
			t.Errorf("its other request is told %v", err)
		}
		expectCounted(t, stores[0], "network", 3)
	})
}

// A session that begins anew under its id, as by a link from support, and another request of its browser: neither
// has what the other waits for.
func TestPostgresSessionThatBeginsAnew(t *testing.T) {
	stores, url := openPostgres(t, 2)
	put := func(s *sqlstore.Store, lineage string, first func(tx recovery.Tx) error) error {
		return s.Update(t.Context(), func(tx recovery.Tx) error {
			return errors.Join(first(tx), tx.PutSession(t.Context(), recovery.Session{
				Lineage: lineage, IDHash: "hash", ExpiresAt: day(2),
			}))
		})
	}
	nothing := func(recovery.Tx) error { return nil }
	if err := put(stores[0], "old", nothing); err != nil {
		t.Fatal(err)
	}
	told := make(chan error, 1)
	err := put(stores[0], "new", func(tx recovery.Tx) error {
		err := errors.Join(got(tx.EndSession(t.Context(), "old")), got(tx.Counted(t.Context(), "any", day(0))))
		go func() { told <- put(stores[1], "old", nothing) }()
		awaitWaiting(t, behind(t, url), 1)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-told; !errors.Is(err, recovery.ErrSessionTaken) {
		t.Errorf("the other request is told %v", err)
	}
	if s, err := stores[0].SessionByID(t.Context(), "hash", day(1)); err != nil || s.Lineage != "new" {
		t.Errorf("left is %+v (%v)", s, err)
	}
}

// The look at the sessions of a group is planned once, soon after the first have come, and has to remain good when a
// million have.
func TestPostgresTogetherLooksUpSessionsByTheirIndex(t *testing.T) {
	stores, url := openPostgres(t, 1)
	if err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		var errs []error
		for i := range 100 {
			errs = append(errs, tx.PutSession(t.Context(), recovery.Session{Lineage: fmt.Sprint(i), IDHash: fmt.Sprint("hash", i)}))
		}
		return errors.Join(errs...)
	}); err != nil {
		t.Fatal(err)
	}
	conn, err := behind(t, url).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE look AS " + sqlstore.TakenSessions} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.QueryContext(t.Context(), "EXPLAIN EXECUTE look ('{a,b,c}')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if rows.Err() != nil || strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "Index") {
		t.Errorf("reads all sessions (%v):\n%s", rows.Err(), plan)
	}
}

// Starts that have to wait for a counter, however many, leave connections to everybody else.
func TestPostgresTogetherWaitersLeaveConnections(t *testing.T) {
	stores, url := openPostgres(t, 1, sqlstore.WithConnections(4))
	db := behind(t, url)
	held := holding(t, db, "SELECT pg_advisory_xact_lock(hashtextextended('held', 0))")
	var group sync.WaitGroup
	var waited []error
	group.Go(func() {
		var all []asking
		for i := range 12 {
			shared := counting(fmt.Sprint(i), "held")
			all = append(all, asking{shared, func(ctx context.Context, tx recovery.Tx) error {
				return tx.CountBoth(ctx, shared.Counters, day(1), 1, day(2))
			}})
		}
		waited, _ = gathered(t, stores[0], all...)
	})
	awaitWaiting(t, db, 2)
	errs, _ := gathered(t, stores[0], countsAs("a"), countsAs("b"))
	met := make(chan struct{})
	for range 2 { // both at once
		group.Go(func() {
			if err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
				err := got(tx.Counted(t.Context(), "any", day(0)))
				select {
				case met <- struct{}{}:
				case <-met:
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
	await(t, func() (bool, error) {
		n, err := stores[0].Counted(t.Context(), "network", day(0))
		return n == 2, err
	})
	errs = append(errs, held.Commit())
	group.Wait()
	if err := errors.Join(append(errs, waited...)...); err != nil {
		t.Error(err)
	}
	expectCounted(t, stores[0], "held", 12)
}

// Who is alone in a group gives up as soon as a group of many would, and does the rest of the waiting apart.
func TestPostgresTogetherOneThatWaits(t *testing.T) {
	url := sqlstoretest.PostgresURL(t)
	db := behind(t, url)
	store := sqlstoretest.Open(t, url+"&application_name=waits&lock_timeout=0&statement_timeout=0", sqlstore.WithConnections(1))
	connection := func() (pid int) {
		if err := db.QueryRowContext(t.Context(),
			"SELECT pid FROM pg_stat_activity WHERE application_name = 'waits'").Scan(&pid); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	before := connection()
	held := holding(t, db, "SELECT pg_advisory_xact_lock(hashtextextended('b', 0))")
	b, runs := countsAs("b"), 0
	err := store.UpdateTogether(t.Context(), b.shared, func(tx recovery.Tx) (err error) {
		if runs++; runs == 2 {
			err = held.Commit()
		}
		return errors.Join(err, b.fn(t.Context(), tx))
	})
	if err != nil || runs != 2 || connection() != before { // a connection that waits for longer is given up
		t.Errorf("%d runs, told %v; want a second one while the counter is held", runs, err)
	}
}

// Whose browser has been here before is told so at once, also where nobody else comes.
func TestPostgresTogetherSessionOfOne(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	one, runs := putsSession("hash", "again"), 0
	for i, want := range []error{nil, recovery.ErrSessionTaken} {
		session := recovery.Session{Lineage: fmt.Sprint(i), IDHash: "hash", ExpiresAt: day(2)}
		err := stores[0].UpdateTogether(t.Context(), one.shared, func(tx recovery.Tx) error {
			runs++
			return errors.Join(tx.PutSession(t.Context(), session), got(tx.Counted(t.Context(), "any", day(0))))
		})
		if !errors.Is(err, want) || runs != i+1 {
			t.Errorf("%d runs, told %v; want one more and %v", runs, err, want)
		}
	}
}
