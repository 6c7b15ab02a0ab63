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
	err := queue.update(t.Context(), recovery.Shared{}, func(*txConn) error {
		t.Error("ran")
		return nil
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
		told <- queue.update(ctx, recovery.Shared{}, func(*txConn) error { return errors.New("ran") })
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
