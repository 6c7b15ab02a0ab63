package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"latchkey/internal/recovery"
)

// update runs fn until it was kept, or refused for a reason that would be the same the next time. Only what
// is certain not to be kept is run again.
func (p *postgres) update(ctx context.Context, fn func(*txConn) error) error {
	for tries := 1; ; tries++ {
		f := p.once(ctx, fn)
		if f.err == nil || tries >= f.mayTry() {
			return cmp.Or(taken(f.cause), f.err)
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
	stmts := newPGStatements(conn, p)
	on, kept := &txConn{on: stmts}, false
	defer func() {
		on.ended = true
		if !kept {
			stmts.rollback()
		}
	}()
	if err := fn(on); err != nil || stmts.failed != nil {
		return failure{err: cmp.Or(err, stmts.failed), cause: stmts.failed}
	}
	f, kept = p.commit(stmts)
	return f
}

func begun(ctx context.Context, err error) failure {
	if ctx.Err() != nil {
		return failure{err: ctx.Err()}
	}
	return failure{err: fmt.Errorf("sqlstore: begin: %w", err), cause: err}
}

// flushStatement is a transaction of its own whose commit waits for the disk, and with it for every commit
// before it. The commit of the transaction itself does not wait, so that the locks of a counter that
// everybody counts on are free while the disk is busy: otherwise there would be one start to a flush. What
// builds on a commit that is not on the disk yet is flushed after it.
const flushStatement = `SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'latchkey', '')`

// commit sends what waits, the commit and the flush in one round trip; ended says that no rollback is due.
// It tells a commit that was refused from one whose answer was lost: that one may have been kept, and running
// it again could do everything twice.
func (p *postgres) commit(s *pgStatements) (f failure, ended bool) {
	if s.idle() {
		return failure{}, true
	}
	before := s.waiting.Len()
	s.waiting.Queue("commit")
	if p.flushes && (s.wrote || before > 0) {
		s.waiting.Queue(flushStatement)
	}
	err := s.ask(make([]*saying, s.waiting.Len()))
	switch {
	case err == nil:
		return failure{}, true
	case s.answered <= before && certain(err):
		return failure{err: fmt.Errorf("sqlstore: commit: %w", err), cause: err}, false
	}
	return failure{err: fmt.Errorf("sqlstore: commit: whether it was kept is not known: %w", err)}, false
}

// certain reports whether err is an answer in place of that of the commit. A session that is ended in good
// order (57P01, or 25P03 when it was idle too long) says so between two statements; one that dies of a crash
// may do so within the commit.
func certain(err error) bool {
	var refused *pgconn.PgError
	return pgconn.SafeToRetry(err) || errors.As(err, &refused) &&
		(refused.SeverityUnlocalized == "ERROR" || refused.Code == "57P01" || refused.Code == "25P03")
}

// taken is ErrSessionTaken where that is what was in the way: the write that broke the rule may have been sent
// with others, and another statement have got the answer.
func taken(cause error) error {
	if err := sessionTaken(cause); errors.Is(err, recovery.ErrSessionTaken) {
		return err
	}
	return nil
}

// How often a transaction is run, by what was in its way.
const (
	triesOfConflict   = 6
	triesOfConnection = 4
	triesOfDuplicate  = 2
)

// mayTry is how often the transaction may be run in all.
func (f failure) mayTry() int {
	switch code := sqlState(f.cause); {
	case f.cause == nil: // fn's own decision, or a commit that may have been kept
		return 1
	case code == "": // the connection was lost before the commit
		return triesOfConnection
	case code == "40001", code == "40P01": // serialization, deadlock
		return triesOfConflict
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), code == "25P03", code == readOnly: // the server ends the session, or is the standby
		return triesOfConnection
	case taken(f.cause) != nil: // the caller has to know
		return 1
	case code == "23505", code == "23503": // another transaction was first: seen, the next time
		return triesOfDuplicate
	}
	return 1
}
