package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/recovery"
)

// absent is a server without connections: it refuses them, or says nothing for as long as it is asked.
type absent struct {
	silent bool
	asked  chan struct{}
}

var errAbsent = errors.New("no connection")

// asksAlone is how often a function that runs alone asks for a connection.
var asksAlone = failure{cause: errAbsent}.mayTry()

func (s *absent) Connect(ctx context.Context) (driver.Conn, error) {
	s.asked <- struct{}{}
	if s.silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, errAbsent
}

func (s *absent) Driver() driver.Driver { return nil }

func (s *absent) queue(t *testing.T) *together {
	s.asked = make(chan struct{}, 100)
	p := &postgres{db: sql.OpenDB(s), seats: sql.OpenDB(seats{})}
	t.Cleanup(func() { _ = errors.Join(p.seats.Close(), p.db.Close()) })
	return newTogether(p)
}

// Where a group is refused its connection, whoever came asks for one alone, and is told what that comes to.
func TestAGroupThatIsRefusedAConnection(t *testing.T) {
	server := &absent{}
	queue := server.queue(t)
	err := queue.update(t.Context(), recovery.Shared{}, func(tx *txConn) error {
		_, err := tx.ExecContext(t.Context(), "SELECT 1")
		if err == nil {
			t.Error("answered")
		}
		return err
	})
	if asked := len(server.asked); !errors.Is(err, errAbsent) || asked != 1+asksAlone {
		t.Errorf("told %v, asked %d times; want the group to ask, and then whoever came", err, asked)
	}
	queue.close()
}

// Where a group gets no answer, whoever waits may leave, and who closes the queue does not wait for it.
func TestAGroupThatGetsNoAnswer(t *testing.T) {
	server := &absent{silent: true}
	queue := server.queue(t)
	ctx, leave := context.WithCancel(t.Context())
	told := make(chan error, 1)
	go func() {
		told <- queue.update(ctx, recovery.Shared{}, func(*txConn) error { return nil })
	}()
	select {
	case <-server.asked:
	case <-time.After(time.Minute):
		t.Fatal("asked for no connection")
	}
	leave()
	if err := <-told; !errors.Is(err, context.Canceled) {
		t.Errorf("told %v", err)
	}
	queue.close()
}

// conducted is a queue whose groups the test takes.
func conducted(t *testing.T, s *absent) *together {
	queue := s.queue(t)
	queue.conductor = &conductor{queue}
	return queue
}

// nextGroup is the next group that has somebody.
func nextGroup(t *testing.T, queue *together) *gathering {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if group := queue.begin(); len(group.members) > 0 {
			return group
		}
	}
	t.Fatal("nobody comes")
	return nil
}

// Whose group is lost twice by another's fault is not lost a third time: it runs alone.
func TestAGroupThatIsLostByAnother(t *testing.T) {
	server := &absent{}
	queue, runs, told := conducted(t, server), 0, make(chan error, 1)
	go func() {
		told <- queue.update(t.Context(), recovery.Shared{}, func(*txConn) error { runs++; return nil })
	}()
	for range 2 {
		for _, m := range nextGroup(t, queue).members {
			m.end(ending{lost: true})
		}
	}
	select {
	case err := <-told:
		if !errors.Is(err, errAbsent) || runs != 2 || len(server.asked) != asksAlone {
			t.Errorf("told %v after %d runs, asked %d times; want %d, after two runs", err, runs, len(server.asked), asksAlone)
		}
	case <-time.After(time.Minute):
		t.Fatal("is run in groups for ever")
	}
}

// What goes wrong with who takes the groups goes on at those who came, and nobody waits for ever.
func TestAGroupWhoseConductorPanics(t *testing.T) {
	queue, told := conducted(t, &absent{}), make(chan any, 1)
	go func() {
		defer func() { told <- recover() }()
		_ = queue.update(t.Context(), recovery.Shared{}, func(tx *txConn) error {
			_, err := tx.ExecContext(t.Context(), "SELECT 1")
			return err
		})
	}()
	nextGroup(t, queue).conduct(nil, nil)
	select {
	case panicked := <-told:
		if _, ok := panicked.(*fault.Panic); !ok {
			t.Errorf("ended with %v, want the conductor's panic", panicked)
		}
	case <-time.After(time.Minute):
		t.Fatal("waits for a group that nobody takes")
	}
}

// Who leaves when there is a group already is told what comes of that.
func TestAGroupIsNotLeft(t *testing.T) {
	queue := conducted(t, &absent{})
	ctx, leave := context.WithCancel(t.Context())
	told := make(chan error, 1)
	go func() {
		told <- queue.update(ctx, recovery.Shared{}, func(*txConn) error { return nil })
	}()
	group := nextGroup(t, queue)
	leave()
	select {
	case err := <-told:
		t.Fatalf("told %v before it is known", err)
	case <-time.After(50 * time.Millisecond): // who leaves has left by then
	}
	kept := errors.New("not known")
	for _, m := range group.members {
		m.end(ending{err: kept})
	}
	if err := <-told; !errors.Is(err, kept) {
		t.Errorf("told %v, want %v", err, kept)
	}
}
