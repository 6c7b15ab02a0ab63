package sqlstore

import (
	"context"
	"database/sql"
	"sync"

	"latchkey/internal/sqlstore/queries"
)

// session is a database, or one connection of it, on which statements can be prepared.
type session interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// statements runs queries as statements that are prepared at their first use and kept: parsing and
// planning cost more than running does.
type statements struct {
	on   session
	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

var _ queries.DBTX = (*statements)(nil)

func newStatements(on session) *statements {
	return &statements{on: on, kept: map[string]*sql.Stmt{}}
}

// PrepareContext returns the kept statement of query. Its callers do not close it.
func (s *statements) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	stmt, ok := s.kept[query]
	s.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt, ok := s.kept[query]; ok {
		return stmt, nil
	}
	stmt, err := s.on.PrepareContext(ctx, query)
	if err == nil {
		s.kept[query] = stmt
	}
	return stmt, err
}

// close gives the statements up. Those of a single connection would keep it alive, and its locks.
func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for query, stmt := range s.kept {
		_ = stmt.Close()
		delete(s.kept, query)
	}
}

// ExecContext runs a statement that returns no rows.
func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, storable(args)...)
}

// QueryContext runs a statement that returns rows.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, storable(args)...)
}

// QueryRowContext runs a statement that returns one row.
func (s *statements) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	stmt, err := s.PrepareContext(ctx, query)
	if err != nil {
		return s.on.QueryRowContext(ctx, query, args...) // fails the same way, in the row
	}
	return stmt.QueryRowContext(ctx, storable(args)...)
}
