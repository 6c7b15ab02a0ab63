package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"testing"

	"latchkey/internal/recovery"
)

// silent is a server that is asked for connections and has none. It notes which callers would wait for ever.
type silent struct {
	mu      sync.Mutex
	bounded []bool
}

var errSilent = errors.New("no connection")

func (s *silent) Connect(ctx context.Context) (driver.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := ctx.Deadline()
	s.bounded = append(s.bounded, ok)
	return nil, errSilent
}

func (s *silent) Driver() driver.Driver { return nil }

// All that come wait for the connection of the group, so that it is not waited for without an end; whoever has a
// context of its own asks for one alone then.
func TestAGroupDoesNotWaitForEver(t *testing.T) {
	server := &silent{}
	p := &postgres{db: sql.OpenDB(server)}
	defer func() { _ = p.db.Close() }()
	queue := newTogether(p)
	defer func() { _ = queue.close() }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := queue.update(ctx, recovery.Shared{}, func(*txConn) error {
		t.Error("ran")
		return nil
	})
	if !errors.Is(err, errSilent) || len(server.bounded) < 2 || !server.bounded[0] || server.bounded[1] {
		t.Errorf("told %v, asked %v; want the group to ask with a limit, and then whoever came", err, server.bounded)
	}
}
