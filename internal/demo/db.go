package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"latchkey/internal/account"
)

// openDB opens a SQLite file of the data folder, which it makes if need be, and creates what is missing.
func openDB(ctx context.Context, folder, name, schema string) (*sql.DB, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("demo: making the data folder: %w", err)
	}
	path := filepath.Join(folder, name)
	if err := ownFile(path); err != nil {
		return nil, fmt.Errorf("demo: opening %s in %s: %w", name, folder, err)
	}
	file := &url.URL{Path: path}
	db, err := sql.Open("sqlite", "file:"+file.EscapedPath()+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("demo: opening %s: %w", name, err)
	}
	db.SetMaxOpenConns(4)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("demo: opening %s in %s: %w", name, folder, err)
	}
	return db, nil
}

// ownFile makes a file for its owner alone, as SQLite would not; the files that it puts beside one are for
// the same people. A file that is there already stays with what it holds.
func ownFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// inTx runs fn in one transaction.
func inTx(ctx context.Context, db *sql.DB, fn func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// querier is a database or a transaction of it.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// millis keeps a time; zero is none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// canonical is the form in which stored addresses are compared. What is no address compares as it is
// written, in lower case.
func canonical(stored string) string {
	a, err := account.ParseAddress(stored)
	if err != nil {
		return strings.ToLower(stored)
	}
	return a.Canonical()
}

// collect reads all rows with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
