package sqlstore_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// wire is the way to a database.
type wire struct {
	came atomic.Int64                  // how many connections there were
	sent atomic.Int64                  // how often a client said something
	cut  atomic.Bool                   // what a client says next still arrives, and gets no answer
	gate atomic.Pointer[chan struct{}] // what a client says next arrives once this is closed
}

// over is the URL of a database by a wire.
func over(t *testing.T, database string) (string, *wire) {
	t.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	w := new(wire)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			w.came.Add(1)
			network, address := pgconn.NetworkAddress(config.Host, config.Port)
			server, err := net.Dial(network, address)
			if err != nil {
				_ = client.Close()
				return
			}
			go pass(client, server, func() bool { return true })
			go pass(server, client, func() bool {
				w.sent.Add(1)
				if gate := w.gate.Swap(nil); gate != nil {
					<-*gate
				}
				return !w.cut.Swap(false)
			})
		}
	}()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	q := u.Query()
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable")
	u.RawQuery = q.Encode()
	return u.String(), w
}

// pass passes on until either end closes, or more says no.
func pass(to, from net.Conn, more func() bool) {
	defer func() { _ = errors.Join(to.Close(), from.Close()) }()
	for b := make([]byte, 64<<10); ; {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		goOn := more()
		if _, err := to.Write(b[:n]); err != nil && !errors.Is(err, io.ErrClosedPipe) || !goOn {
			return
		}
	}
}

// What nobody looks at goes with the query after it, and the end of the transaction with the last of it.
func TestPostgresRoundTrips(t *testing.T) {
	url, wire := over(t, sqlstoretest.PostgresURL(t))
	store := sqlstoretest.Open(t, url)
	transaction := func(tx recovery.Tx) error {
		return errors.Join(
			tx.Count(t.Context(), "a", day(1), 1, day(2)),
			tx.Count(t.Context(), "b", day(1), 1, day(2)),
			got(tx.Counted(t.Context(), "a", day(0))), // 1
			got(tx.Proofs(t.Context(), "l", day(0))),  // 2
			tx.Count(t.Context(), "b", day(1), 1, day(2)),
		) // 3
	}
	for _, want := range []int64{0, 3} { // the first prepares its statements
		wire.sent.Store(0)
		if err := store.Update(t.Context(), transaction); err != nil {
			t.Fatal(err)
		}
		if n := wire.sent.Load(); want > 0 && n != want {
			t.Errorf("%d round trips, want %d", n, want)
		}
	}
}

// What is certain to find its row waits as well: typing a code looks three times, and commits.
func TestPostgresRoundTripsOfACode(t *testing.T) {
	url, wire := over(t, sqlstoretest.PostgresURL(t))
	store := sqlstoretest.Open(t, url)
	putCase(t, store, "1")
	c := recovery.Case{ID: "1", Reference: "LK-1", LastAct: recovery.ActProven}
	for i, id := range []string{"first", "second"} { // the first prepares the statements
		err := store.Update(t.Context(), func(tx recovery.Tx) error {
			return tx.InsertChallenge(t.Context(), recovery.Challenge{
				ID: id, CaseID: "1", Purpose: recovery.PurposeProve, ExpiresAt: day(2),
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		wire.sent.Store(0)
		err = store.Update(t.Context(), func(tx recovery.Tx) error {
			_, _, missing := tx.CaseAndProofs(t.Context(), "1", "l", day(1)) // 1
			tried := got(tx.CountTry(t.Context(), "1", 5, day(1)))           // 2
			wrong := tx.Count(t.Context(), "key", day(1), 1, day(2))
			_, _, spent := tx.CodeSpent(t.Context(), "hash", day(1), "key", day(0)) // 3
			used := tx.UseCounted(t.Context(), id, day(1))
			return errors.Join(missing, tried, wrong, spent, used, tx.UpdateCase(t.Context(), c)) // 4
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := wire.sent.Load(); i > 0 && n != 4 {
			t.Errorf("%d round trips, want 4", n)
		}
	}
}

func got[T any](_ T, err error) error { return err }

// A statement that waited and failed fails the query that it went with, and the transaction is run again if
// that may help.
func TestPostgresWaitingStatementFails(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	runs := 0
	err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
		if runs++; runs == 2 {
			putCase(t, stores[0], "1")
		}
		if err := tx.InsertDelivery(t.Context(), recovery.Delivery{ID: "d", CaseID: "1"}); err != nil {
			return err
		}
		n, err := tx.Counted(t.Context(), "key", day(0))
		if (err == nil) != (runs == 2) || n != 0 {
			t.Errorf("run %d: counted %d, error %v", runs, n, err)
		}
		return nil // whoever overlooks it keeps nothing
	})
	if err != nil || runs != 2 {
		t.Errorf("%d runs, error %v; want 2 and none", runs, err)
	}
	if have, err := stores[0].Deliveries(t.Context(), "1"); len(have) != 1 || err != nil {
		t.Errorf("%d deliveries (%v), want 1", len(have), err)
	}
}

// A server that has gone silent, as behind a network that is lost, is not waited for beyond the time that a request
// has; who leaves before costs no connection.
func TestPostgresGoneSilent(t *testing.T) {
	url, w := over(t, sqlstoretest.PostgresURL(t))
	store := sqlstoretest.Open(t, url, sqlstore.WithConnections(1))
	silent, later := make(chan struct{}), make(chan struct{})
	defer close(silent)

	w.gate.Store(&later)
	gone, leave := context.WithTimeout(t.Context(), time.Hour)
	left := make(chan error, 1)
	go func() { left <- store.Ping(gone) }()
	for w.gate.Load() != nil {
		time.Sleep(time.Millisecond)
	}
	leave()
	close(later)
	if err := <-left; err != nil && !errors.Is(err, context.Canceled) { // it may be told that it left
		t.Errorf("who left before the answer is told: %v", err)
	}
	before := w.came.Load()
	if err := store.Ping(t.Context()); err != nil || w.came.Load() != before {
		t.Errorf("who left before the answer cost the connection: %d more (%v)", w.came.Load()-before, err)
	}

	w.gate.Store(&silent)
	timed, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if err := store.Ping(timed); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time is over", err)
	}
}
