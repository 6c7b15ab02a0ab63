package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// absent is a server without connections: it refuses them, or says nothing for as long as it is asked.
type absent struct {
	silent bool
	asked  chan struct{}
}

var errAbsent = errors.New("no connection")

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
	p := &postgres{db: sql.OpenDB(s)}
	t.Cleanup(func() { _ = p.db.Close() })
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
	if asked := len(server.asked); !errors.Is(err, errAbsent) || asked < 2 {
		t.Errorf("told %v, asked %d times; want the group to ask, and then whoever came", err, asked)
	}
	if err := queue.close(); err != nil {
		t.Error(err)
	}
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
	if err := queue.close(); err != nil {
		t.Error(err)
	}
}

// Who leaves when there is a group already is told what comes of that.
func TestAGroupIsNotLeft(t *testing.T) {
	queue := (&absent{}).queue(t)
	queue.conductor = &conductor{queue} // this test is
	ctx, leave := context.WithCancel(t.Context())
	told := make(chan error, 1)
	go func() {
		told <- queue.update(ctx, recovery.Shared{}, func(*txConn) error { return nil })
	}()
	var group *gathering
	for group == nil || len(group.members) == 0 {
		group = queue.begin()
		time.Sleep(time.Millisecond)
	}
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
