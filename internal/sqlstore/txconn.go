package sqlstore

import (
	"context"
	"database/sql"

	"latchkey/internal/sqlstore/queries"
)

// txConn is a connection for the length of one function, or SQLite's look-ups outside any. A context that has
// ended refuses the next statement and never interrupts one that runs: SQLite would roll back the whole group for
// it, and PostgreSQL's connection would be given up. Watching for that end costs more than most look-ups do.
type txConn struct {
	on    queries.DBTX
	ended bool
}

var _ queries.DBTX = (*txConn)(nil)

// whole is ctx without its end, unless that has come.
func (t *txConn) whole(ctx context.Context) context.Context {
	if t.ended {
		panic("sqlstore: transaction used after its end")
	}
	return whole(ctx)
}

func whole(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func (t *txConn) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return t.on.PrepareContext(t.whole(ctx), query)
}

func (t *txConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return t.on.ExecContext(t.whole(ctx), query, args...)
}

func (t *txConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.on.QueryContext(t.whole(ctx), query, args...)
}

func (t *txConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return t.on.QueryRowContext(t.whole(ctx), query, args...)
}
