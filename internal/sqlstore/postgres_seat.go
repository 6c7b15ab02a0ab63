package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
)

// seats makes connections that are none: a query on one is part of the transaction that its context names, which asks
// it together with what waits there. The rows of database/sql can be had in no other way.
type seats struct{}

type seat struct{}

var (
	_ driver.Connector         = seats{}
	_ driver.QueryerContext    = seat{}
	_ driver.NamedValueChecker = seat{}
)

var errSeat = errors.New("sqlstore: nothing but queries of a transaction")

func (seats) Connect(context.Context) (driver.Conn, error) { return seat{}, nil }
func (seats) Driver() driver.Driver                        { return nil }

func (seat) Prepare(string) (driver.Stmt, error)            { return nil, errSeat }
func (seat) Begin() (driver.Tx, error)                      { return nil, errSeat }
func (seat) Close() error                                   { return nil }
func (seat) CheckNamedValue(value *driver.NamedValue) error { return nil } // pgx knows them all

// QueryContext asks, and answers with what came.
func (seat) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	t, ok := ctx.Value(inTransaction{}).(transaction)
	if !ok {
		return nil, errSeat
	}
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	w, err := t.rows(ctx, query, values)
	if err != nil {
		return nil, err
	}
	return &keptRows{w}, nil
}

// inTransaction is the key under which a query's context names the transaction that it belongs to.
type inTransaction struct{}

// transaction is what a query can be a part of.
type transaction interface {
	rows(ctx context.Context, query string, args []any) (*saying, error)
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
