package sqlstore

import (
	"context"
	"database/sql"
	"time"
)

// migrationLock lets one process at a time migrate; replicas that start at once wait for the first.
type migrationLock struct{}

// lockPoll is how often the lock is asked for. Waiting within PostgreSQL would hold a snapshot, for which an
// index that is built concurrently would wait in turn.
const lockPoll = 100 * time.Millisecond

const lockName = "hashtextextended('latchkey migration of ' || current_schema(), 0)"

// SessionLock waits for the lock until ctx ends.
func (migrationLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for {
		var got bool
		err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock("+lockName+")").Scan(&got)
		if err != nil || got {
			return err
		}
		if err := pause(ctx, lockPoll); err != nil {
			return err
		}
	}
}

// SessionUnlock lets the next one go on.
func (migrationLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock("+lockName+")")
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
