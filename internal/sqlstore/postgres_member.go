package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// member is one function, and the connection that it believes to have. It has a group from its first step on.
type member struct {
	ctx    context.Context // ends when its caller leaves, which it may until it has a group
	t      *together
	shared recovery.Shared

	waiting []*saying
	asking  bool
	joined  bool
	group   *gathering

	answered chan struct{} // what it asked last has its answer
	ended    chan struct{} // closed once it is certain what was kept, or that this cannot be known
	ending

	gaveUp bool  // it failed by itself
	told   error // what it has been told instead of an answer: it gets none any more
	alone  bool  // it is not to be run in a group again
}

var _ queries.DBTX = (*member)(nil)

// saying is a statement, and what came of it where its member has to know.
type saying struct {
	member  *member
	query   string
	args    []any
	asked   bool
	columns []string
	rows    [][]driver.Value
	touched int64
}

var errLost = errors.New("sqlstore: the transaction is lost and will be run again")

func (t *together) newMember(ctx context.Context, shared recovery.Shared) *member {
	return &member{ctx: ctx, t: t, shared: shared, answered: make(chan struct{}, 1), ended: make(chan struct{})}
}

// end tells the member what has become of it.
func (m *member) end(e ending) {
	m.ending = e
	close(m.ended)
}

// run runs fn and waits for the end of its group. It returns fn's own error, or why there was no group for it.
func (m *member) run(fn func(*txConn) error) (err error) {
	on, whole := &txConn{on: m}, false
	defer func() { // also where fn panics, or leaves its goroutine
		on.ended = true
		lost := errors.Is(m.told, errLost)
		m.gaveUp = !lost && (err != nil || !whole)
		if lost || m.gaveUp && !m.joined {
			return
		}
		if left := m.step(false); left != nil {
			m.gaveUp, err = true, left
		}
	}()
	err = fn(on)
	whole = true
	return err
}

// step tells the group that the member asks, or has come to its end, and waits for what comes of that. The first
// waits for a group as well: a caller that leaves meanwhile leaves the queue.
func (m *member) step(asks bool) error {
	if m.told != nil {
		return m.told
	}
	m.asking = asks
	var leaves <-chan struct{}
	if m.joined {
		m.group.steps <- m
	} else {
		m.t.enter(m)
		leaves = m.ctx.Done()
	}
	for {
		select {
		case <-m.answered:
			m.joined = true
			return nil
		case <-m.ended:
			if !asks {
				return nil
			}
			m.told = errLost
			return m.told
		case <-leaves:
			if m.t.leave(m) {
				m.told = m.ctx.Err()
				return m.told
			}
			leaves = nil
		}
	}
}

// ExecContext lets a statement wait that may.
func (m *member) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	w := &saying{member: m, query: query, args: storable(args), asked: !mayWait(ctx, query)}
	m.waiting = append(m.waiting, w)
	if !w.asked {
		return driver.RowsAffected(1), nil
	}
	err := m.step(true)
	return driver.RowsAffected(w.touched), err
}

// PrepareContext is part of queries.DBTX; connections prepare what they run by themselves.
func (m *member) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errors.New("sqlstore: nothing is prepared in a group")
}

// QueryContext runs a query, after what waits.
func (m *member) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return m.t.p.seats.QueryContext(m.within(ctx), query, storable(args)...)
}

// QueryRowContext runs a query that returns one row, after what waits.
func (m *member) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return m.t.p.seats.QueryRowContext(m.within(ctx), query, storable(args)...)
}

// within names the member. That its caller has left does not end the others' transaction.
func (m *member) within(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), inTransaction{}, m)
}

// rows asks, and returns when there is an answer.
func (m *member) rows(_ context.Context, query string, args []any) (*saying, error) {
	w := &saying{member: m, query: query, args: args, asked: true}
	m.waiting = append(m.waiting, w)
	return w, m.step(true)
}

// keep takes all rows that are next, since others wait for theirs behind them.
func (w *saying) keep(results pgx.BatchResults) error {
	w.columns, w.rows = nil, nil // of a group that had to begin again
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for _, field := range rows.FieldDescriptions() {
		w.columns = append(w.columns, field.Name)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		row := make([]driver.Value, len(values))
		for i, value := range values {
			row[i] = value
		}
		w.rows = append(w.rows, row)
	}
	rows.Close()
	w.touched = rows.CommandTag().RowsAffected()
	return rows.Err()
}
