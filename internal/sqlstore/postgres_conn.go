package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"
	"sync"

	"latchkey/internal/sqlstore/queries"
)

// variant is what a query says on PostgreSQL alone; see queries/queue.sql.
var variant = regexp.MustCompile(`/\* postgres: (.*?) \*/`)

// variants are the queries as PostgreSQL gets them, by their text.
type variants struct{ texts sync.Map }

func (v *variants) of(query string) string {
	if text, ok := v.texts.Load(query); ok {
		return text.(string)
	}
	text := variant.ReplaceAllString(query, "$1")
	v.texts.Store(query, text)
	return text
}

// pgLookups reads outside any transaction. A customer who has left does not interrupt the statement: that
// would cost the connection.
type pgLookups struct{ db *sql.DB }

var _ queries.DBTX = pgLookups{}

func whole(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

func (l pgLookups) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return l.db.ExecContext(whole(ctx), query, storable(args)...)
}

func (l pgLookups) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return l.db.PrepareContext(whole(ctx), query)
}

func (l pgLookups) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.db.QueryContext(whole(ctx), query, storable(args)...)
}

func (l pgLookups) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.db.QueryRowContext(whole(ctx), query, storable(args)...)
}

// pgStatements runs the statements of one transaction and remembers the first that failed: from then on
// PostgreSQL refuses all others, and why is what counts.
type pgStatements struct {
	tx       *sql.Tx
	variants *variants
	failed   error
	wrote    bool
}

var _ queries.DBTX = (*pgStatements)(nil)

func (s *pgStatements) note(err error) {
	if s.failed == nil && err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		s.failed = err
	}
}

func (s *pgStatements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := s.tx.ExecContext(ctx, s.variants.of(query), storable(args)...)
	s.note(err)
	if err == nil {
		rows, _ := result.RowsAffected() // PostgreSQL always knows
		s.wrote = s.wrote || rows > 0
	}
	return result, err
}

func (s *pgStatements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	stmt, err := s.tx.PrepareContext(ctx, s.variants.of(query))
	s.note(err)
	return stmt, err
}

func (s *pgStatements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s.wrote = s.wrote || writes(query)
	rows, err := s.tx.QueryContext(ctx, s.variants.of(query), storable(args)...)
	s.note(err)
	return rows, err
}

func (s *pgStatements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s.wrote = s.wrote || writes(query)
	row := s.tx.QueryRowContext(ctx, s.variants.of(query), storable(args)...)
	s.note(row.Err())
	return row
}

// writes reports whether a statement that returns rows also changes some. Its text begins with its name.
func writes(query string) bool { return strings.Contains(query, "RETURNING") }
