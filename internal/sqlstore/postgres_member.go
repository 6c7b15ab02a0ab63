package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// member is one function of a group, and the connection that it believes to have.
type member struct {
	shared recovery.Shared
	seats  *sql.DB
	begun  chan struct{} // closed when it has a group
	group  *gathering

	waiting  []*saying
	said     bool          // something of it has been sent
	answered chan struct{} // what it asked last has its answer

	gaveUp bool // it failed by itself
	told   bool // it has been told that the group is lost
	alone  bool // it is not to be run in a group again
}

var _ queries.DBTX = (*member)(nil)

// step is what a member has come to: it asks, or is at its end.
type step struct {
	member *member
	asks   bool
}

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

func newMember(seats *sql.DB, shared recovery.Shared) *member {
	return &member{seats: seats, shared: shared, begun: make(chan struct{}), answered: make(chan struct{}, 1)}
}

// run runs fn, unless the member has been dismissed, and waits for the end of the group. It returns fn's own error.
func (m *member) run(fn func(*txConn) error) (err error) {
	select {
	case <-m.group.ended:
		return nil
	default:
	}
	on, whole := &txConn{on: m}, false
	defer func() { // also where fn panics, or leaves its goroutine
		on.ended = true
		m.gaveUp = !m.told && (err != nil || !whole)
		m.come(false)
		<-m.group.ended
	}()
	err = fn(on)
	whole = true
	return err
}

// come tells the group what the member has come to, if it still wants to know.
func (m *member) come(asks bool) {
	select {
	case m.group.steps <- step{m, asks}:
	case <-m.group.ended:
	}
}

// ask waits for what comes of the last statement.
func (m *member) ask() error {
	m.come(true)
	select {
	case <-m.answered:
		return nil
	case <-m.group.ended:
	}
	m.told = true
	return errLost
}

// ExecContext lets a statement wait that may.
func (m *member) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	w := &saying{member: m, query: query, args: storable(args), asked: !mayWait(ctx, query)}
	m.waiting = append(m.waiting, w)
	if !w.asked {
		return driver.RowsAffected(1), nil
	}
	err := m.ask()
	return driver.RowsAffected(w.touched), err
}

// PrepareContext is part of queries.DBTX; connections prepare what they run by themselves.
func (m *member) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errors.New("sqlstore: nothing is prepared in a group")
}

// QueryContext runs a query, after what waits.
func (m *member) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return m.seats.QueryContext(m.within(ctx), query, storable(args)...)
}

// QueryRowContext runs a query that returns one row, after what waits.
func (m *member) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return m.seats.QueryRowContext(m.within(ctx), query, storable(args)...)
}

// within names the member. That its caller has left does not end the others' transaction.
func (m *member) within(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), inTransaction{}, m)
}

// keep takes all rows that are next, since others wait for theirs behind them.
func (w *saying) keep(results pgx.BatchResults) error {
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

// seats makes connections that are none: a query on one is asked by the member that its context names. The rows
// of database/sql can be had in no other way.
type seats struct{}

type seat struct{}

var (
	_ driver.Connector         = seats{}
	_ driver.QueryerContext    = seat{}
	_ driver.NamedValueChecker = seat{}
)

var errSeat = errors.New("sqlstore: nothing but queries of a group")

func (seats) Connect(context.Context) (driver.Conn, error) { return seat{}, nil }
func (seats) Driver() driver.Driver                        { return nil }

func (seat) Prepare(string) (driver.Stmt, error)            { return nil, errSeat }
func (seat) Begin() (driver.Tx, error)                      { return nil, errSeat }
func (seat) Close() error                                   { return nil }
func (seat) CheckNamedValue(value *driver.NamedValue) error { return nil } // pgx knows them all

// QueryContext asks, and answers with what came.
func (seat) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	m, ok := ctx.Value(inTransaction{}).(*member)
	if !ok {
		return nil, errSeat
	}
	w := &saying{member: m, query: query, asked: true}
	for _, arg := range args {
		w.args = append(w.args, arg.Value)
	}
	m.waiting = append(m.waiting, w)
	if err := m.ask(); err != nil {
		return nil, err
	}
	return &keptRows{w}, nil
}

// keptRows are the rows of a saying.
type keptRows struct{ *saying }

// Columns names the columns.
func (r *keptRows) Columns() []string { return r.columns }

// Next takes a row.
func (r *keptRows) Next(into []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(into, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

// Close forgets what was not taken.
func (r *keptRows) Close() error { return nil }
