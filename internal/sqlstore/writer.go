package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
)

// maxGroup is how many functions share a commit at most, so that the first does not wait long for the
// last.
const maxGroup = 256

// errClosed is returned to functions that come after Close.
var errClosed = errors.New("sqlstore: closed")

// writer runs functions one at a time on the only connection that writes. A commit costs a flush of the
// disk, which is most of what a small transaction costs; so functions that come while another runs share
// one: each runs in a savepoint of the open transaction, the last of them commits, and all are answered
// together. One that is alone commits at once.
//
// All run on one goroutine: handing the connection from one to the next, and what it has in its cache from
// one processor to the other, took a tenth of a start.
type writer struct {
	db    *sql.DB
	queue chan *turn
	ended chan struct{} // closed once the last turn was taken and the connection closed

	mu     sync.RWMutex // held by who puts a turn into the queue, and alone by who closes it
	closed bool

	// For the goroutine of run alone.
	conn  *sql.Conn
	stmts *statements
	group *group // the open transaction, nil for none
}

// group is the turns that share a commit. err is why none of it was kept.
type group struct {
	turns []*turn
	over  bool
	err   error
}

func newWriter(db *sql.DB) *writer {
	db.SetMaxOpenConns(1)
	w := &writer{db: db, queue: make(chan *turn, 2*maxGroup), ended: make(chan struct{})}
	go w.run()
	return w
}

// update runs fn and returns when what it wrote is on the disk, or when it is certain that nothing is. Its
// panic goes on here.
func (w *writer) update(ctx context.Context, fn func(*txConn) error) error {
	t := newTurn(ctx, fn)
	if err := w.ask(t); err != nil {
		return err
	}
	return t.wait()
}

func (w *writer) ask(t *turn) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- t:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// run takes one turn after another until the writer is closed. A function that leaves its goroutine ends
// this one; then another goes on.
func (w *writer) run() {
	whole := false
	defer func() {
		if !whole {
			go w.run()
		}
	}()
	w.settle()
	for t := range w.queue {
		w.take(t)
		w.settle()
	}
	whole = true
	w.disconnect()
	close(w.ended)
}

// take runs the function of a turn, unless nobody waits for it any more. While somebody else's lock on the file is
// waited for, who has no more time may still leave.
func (w *writer) take(t *turn) {
	if t.ctx.Err() != nil {
		return
	}
	err := w.begin()
	if !t.begin() {
		return
	}
	if err != nil {
		t.err = err
		close(t.done)
		return
	}
	w.group.turns = append(w.group.turns, t)
	t.run(w.inSavepoint)
}

// settle commits for all if nobody waits to join them, and tells them how it went.
func (w *writer) settle() {
	g := w.group
	if g == nil || !g.over && len(w.queue) > 0 && len(g.turns) < maxGroup {
		return
	}
	if !g.over {
		w.commit()
	}
	w.group = nil
	for _, t := range g.turns {
		if g.err != nil {
			t.err = g.err
		}
		close(t.done)
	}
}

// begin opens a group unless there is one to join.
func (w *writer) begin() error {
	if w.group != nil {
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
	w.group = &group{}
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
	}
}

// fail ends the group without any of its writes, and the connection with it: it may be in any state.
func (w *writer) fail(err error) error {
	w.group.over, w.group.err = true, fmt.Errorf("sqlstore: transaction lost: %w", err)
	w.disconnect()
	return w.group.err
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

// close lets those that have come finish.
func (w *writer) close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	if first {
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
	if !first {
		return nil
	}
	return w.db.Close()
}
