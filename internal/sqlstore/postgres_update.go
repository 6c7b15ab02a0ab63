package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// update runs fn until it was kept, or refused for a reason that would be the same the next time. Only what
// is certain not to be kept is run again.
func (p *postgres) update(ctx context.Context, fn func(*txConn) error) error {
	for tries := 1; ; tries++ {
		f := p.once(ctx, fn)
		if f.err == nil || tries >= f.mayTry() {
			return f.err
		}
		if err := pause(ctx, backOff(tries)); err != nil {
			return f.err
		}
	}
}

// backOff is long enough for the other transaction, and for a server that is restarting some of the time.
func backOff(tries int) time.Duration {
	most := 5 * time.Millisecond << (2 * (tries - 1))
	return most/2 + rand.N(most)
}

// failure is how a transaction ended without being kept: err is for the caller, cause for whether it is
// worth another try.
type failure struct {
	err   error
	cause error
}

// once runs fn in a transaction of its own. Whatever comes of fn, the connection goes back without it.
func (p *postgres) once(ctx context.Context, fn func(*txConn) error) (f failure) {
	if err := ctx.Err(); err != nil {
		return failure{err: err}
	}
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return begun(ctx, err)
	}
	defer func() { _ = conn.Close() }()
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return begun(ctx, err)
	}
	stmts := &pgStatements{tx: tx, variants: &p.variants}
	on, kept := &txConn{on: stmts}, false
	defer func() {
		on.ended = true
		if !kept {
			_ = tx.Rollback()
		}
	}()
	if err := fn(on); err != nil || stmts.failed != nil {
		return failure{err: orElse(err, stmts.failed), cause: stmts.failed}
	}
	kept = true
	if f := commit(tx); f.err != nil || !stmts.wrote || !p.flushes {
		return f
	}
	return flush(conn)
}

func begun(ctx context.Context, err error) failure {
	if ctx.Err() != nil {
		return failure{err: ctx.Err()}
	}
	return failure{err: fmt.Errorf("sqlstore: begin: %w", err), cause: err}
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// commit tells a commit that was refused from one whose answer was lost: that one may have been kept, and
// running it again could do everything twice.
func commit(tx *sql.Tx) failure {
	err := tx.Commit()
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return failure{}
	case errors.Is(err, pgx.ErrTxCommitRollback), pgconn.SafeToRetry(err),
		errors.As(err, &refused) && refused.SeverityUnlocalized == "ERROR":
		return failure{err: fmt.Errorf("sqlstore: commit: %w", err), cause: err}
	}
	return failure{err: fmt.Errorf("sqlstore: commit: whether it was kept is not known: %w", err)}
}

// flushStatement is a transaction of its own whose commit waits for the disk, and with it for every commit
// before it.
const flushStatement = `SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'latchkey', '')`

// flush waits until what was committed on conn survives the loss of power. The commit itself does not wait,
// so that the locks of a counter that everybody counts on are free while the disk is busy: otherwise there
// would be one start to a flush. What builds on a commit that is not on the disk yet is flushed after it.
func flush(conn *sql.Conn) failure {
	if _, err := conn.ExecContext(context.Background(), flushStatement); err != nil {
		return failure{err: fmt.Errorf("sqlstore: flush: whether it was kept is not known: %w", err)}
	}
	return failure{}
}

// How often a transaction is run, by what was in its way.
const (
	triesOfConflict   = 6
	triesOfConnection = 4
	triesOfDuplicate  = 2
)

// mayTry is how often the transaction may be run in all.
func (f failure) mayTry() int {
	var refused *pgconn.PgError
	switch {
	case f.cause == nil: // fn's own decision, or a commit that may have been kept
		return 1
	case !errors.As(f.cause, &refused): // the connection was lost before the commit
		return triesOfConnection
	}
	switch code := refused.Code; {
	case code == "40001", code == "40P01": // serialization, deadlock
		return triesOfConflict
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), code == "25P03": // the server ends the session
		return triesOfConnection
	case code == "23505", code == "23503": // another transaction was first: seen, the next time
		return triesOfDuplicate
	}
	return 1
}
