package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
)

// maxGroup is how many functions share a commit at most, so that the first does not wait long for the
// last.
const maxGroup = 256

// errClosed is returned to functions that come after Close.
var errClosed = errors.New("sqlstore: closed")

// writer runs functions one at a time on the only connection that writes. A commit costs a flush of the
// disk, which is most of what a small transaction costs; so functions that wait for their turn while
// another has it share one: each runs in a savepoint of the open transaction, the last of them commits,
// and all are answered together. One that is alone commits at once.
type writer struct {
	db      *sql.DB
	waiting atomic.Int64  // have asked for a turn and not had it: each of them will end one
	turn    chan struct{} // full while somebody has the turn

	// For the holder of the turn alone.
	conn   *sql.Conn
	stmts  *statements
	group  *group // the open transaction, nil for none
	closed bool
}

// group is the functions that share a commit. done is closed once err says how it went.
type group struct {
	size int
	done chan struct{}
	err  error
}

func newWriter(db *sql.DB) *writer {
	db.SetMaxOpenConns(1)
	return &writer{db: db, turn: make(chan struct{}, 1)}
}

// update runs fn and returns when what it wrote is on the disk, or when it is certain that nothing is.
func (w *writer) update(ctx context.Context, fn func(*txConn) error) error {
	if err := w.takeTurn(ctx); err != nil {
		return err
	}
	g, err := w.run(ctx, fn)
	if g == nil {
		return err
	}
	<-g.done
	if g.err != nil {
		return g.err
	}
	return err
}

// takeTurn waits. Whoever stops waiting still has to pass its turn on, since a group may stay open for it.
func (w *writer) takeTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.waiting.Add(1)
	select {
	case w.turn <- struct{}{}:
		w.waiting.Add(-1)
		return nil
	case <-ctx.Done():
		go func() {
			w.turn <- struct{}{}
			w.waiting.Add(-1)
			w.endTurn()
		}()
		return ctx.Err()
	}
}

// endTurn commits for all if nobody waits to join them.
func (w *writer) endTurn() {
	if w.group != nil && (w.waiting.Load() == 0 || w.group.size >= maxGroup) {
		w.commit()
	}
	<-w.turn
}

// run has the turn and ends it, however fn ends.
func (w *writer) run(ctx context.Context, fn func(*txConn) error) (*group, error) {
	defer w.endTurn()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := w.begin(); err != nil {
		return nil, err
	}
	g := w.group
	g.size++
	return g, w.inSavepoint(fn)
}

// begin opens a group unless there is one to join.
func (w *writer) begin() error {
	switch {
	case w.closed:
		return errClosed
	case w.group != nil:
		return nil
	}
	if w.conn == nil {
		conn, err := w.db.Conn(context.Background())
		if err != nil {
			return fmt.Errorf("sqlstore: connect: %w", err)
		}
		w.conn, w.stmts = conn, newStatements(conn)
	}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("sqlstore: begin: %w", err)
	}
	w.group = &group{done: make(chan struct{})}
	return nil
}

// inSavepoint leaves in the group's transaction all that fn wrote or, if fn failed, panicked or left its
// goroutine, nothing.
func (w *writer) inSavepoint(fn func(*txConn) error) error {
	if err := w.exec("SAVEPOINT one"); err != nil {
		return w.fail(err)
	}
	conn, kept := &txConn{on: w.stmts}, false
	var err error
	defer func() {
		conn.ended = true
		if !kept {
			w.undo(err)
		}
	}()
	if err = fn(conn); err != nil {
		return err
	}
	kept = true
	if err = w.exec("RELEASE one"); err != nil {
		return w.fail(err)
	}
	return nil
}

// undo takes back the savepoint. Where that fails, SQLite has given the whole transaction up by itself,
// as it does on a full disk, and with it everybody's part. Then why is what the function was told.
func (w *writer) undo(why error) {
	err := w.exec("ROLLBACK TO one")
	if err == nil {
		err = w.exec("RELEASE one")
	}
	if err == nil {
		return
	}
	if away(why) {
		err = why
	}
	_ = w.fail(err)
}

func (w *writer) commit() {
	if err := w.exec("COMMIT"); err != nil {
		_ = w.fail(err)
		return
	}
	close(w.group.done)
	w.group = nil
}

// fail ends the group without any of its writes, and the connection with it: it may be in any state.
func (w *writer) fail(err error) error {
	g := w.group
	g.err = fmt.Errorf("sqlstore: transaction lost: %w", err)
	w.group = nil
	w.disconnect()
	close(g.done)
	return g.err
}

func (w *writer) disconnect() {
	if w.conn == nil {
		return
	}
	w.stmts.close()
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it; SQLite rolls back
	w.conn, w.stmts = nil, nil
}

func (w *writer) exec(query string) error {
	_, err := w.stmts.ExecContext(context.Background(), query)
	return err
}

// try proves that the database can be written: a transaction that writes nothing takes its lock.
func (w *writer) try(ctx context.Context) error {
	return w.update(ctx, func(*txConn) error { return nil })
}

// close lets the open group finish.
func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	if w.closed {
		return nil
	}
	if w.group != nil {
		w.commit()
	}
	w.closed = true
	w.disconnect()
	return w.db.Close()
}
