package sqlstore

import (
	"context"
	"database/sql/driver"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// pipes makes connections on which a query of a transaction goes together with what waits before it.
type pipes struct{ driver.Connector }

// Connect opens a connection.
func (p pipes) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return pipe{conn.(*stdlib.Conn)}, nil
}

// pipe is one of them.
type pipe struct{ *stdlib.Conn }

// inTransaction is the key under which a query's context names the transaction that it belongs to.
type inTransaction struct{}

// QueryContext runs a query, as a part of its transaction if it has one.
func (p pipe) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if s, ok := ctx.Value(inTransaction{}).(*pgStatements); ok {
		return s.query(ctx, p.Conn.Conn(), query, args)
	}
	return p.Conn.QueryContext(ctx, query, args)
}

// pipeRows are the rows of the last query of a batch. The first is looked at beforehand: only then it is
// known whether the query failed.
type pipeRows struct {
	rows  pgx.Rows
	batch pgx.BatchResults
	more  bool // there is a row that has been looked at and not been taken
}

var _ driver.Rows = (*pipeRows)(nil)

func lastOf(batch pgx.BatchResults) (*pipeRows, error) {
	rows, err := batch.Query()
	if err != nil {
		return nil, err
	}
	r := &pipeRows{rows: rows, batch: batch, more: rows.Next()}
	return r, rows.Err()
}

// Columns names the columns.
func (r *pipeRows) Columns() []string {
	names := make([]string, len(r.rows.FieldDescriptions()))
	for i, field := range r.rows.FieldDescriptions() {
		names[i] = field.Name
	}
	return names
}

// Next takes a row.
func (r *pipeRows) Next(into []driver.Value) error {
	if !r.more && !r.rows.Next() {
		return orElse(r.rows.Err(), io.EOF)
	}
	r.more = false
	values, err := r.rows.Values()
	for i, value := range values {
		into[i] = value
	}
	return err
}

// Close gives the connection back to its transaction.
func (r *pipeRows) Close() error {
	r.rows.Close()
	return r.batch.Close()
}
