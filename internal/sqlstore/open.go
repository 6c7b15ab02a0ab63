package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// Store is a recovery.Store. Look-ups use a pool of readers; everything that writes goes through one
// writer, whose callers share commits.
type Store struct {
	reader
	path    string
	readers *sql.DB
	writer  *writer
	seq     atomic.Int64
}

var _ recovery.Store = (*Store)(nil)

// Option changes how a Store is opened.
type Option func(*options)

type options struct{ readers int }

// WithReaders sets how many look-ups may run at once; otherwise it is twice the number of processors, and
// at least four.
func WithReaders(n int) Option { return func(o *options) { o.readers = max(n, 1) } }

// Open opens the database at url, a file's path or sqlite:PATH, and creates the file where there is
// none; its folder must exist. An error says what cannot be written and why. The tables are made by
// Migrate.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	o := options{readers: max(4, 2*runtime.NumCPU())}
	for _, opt := range opts {
		opt(&o)
	}
	path, err := sqlitePath(url)
	if err != nil {
		return nil, err
	}
	if err := checkWritable(path); err != nil {
		return nil, err
	}
	return openSQLite(ctx, path, o)
}

// sqlitePath takes the path out of a database URL. A URL may hold a password, so none is repeated.
func sqlitePath(url string) (string, error) {
	if scheme, _, ok := strings.Cut(url, "://"); ok {
		return "", fmt.Errorf("sqlstore: no database behind %q URLs: give a file's path or sqlite:PATH", scheme)
	}
	path := strings.TrimPrefix(url, "sqlite:")
	if path == "" || path == ":memory:" {
		return "", fmt.Errorf("sqlstore: the database must be a file: give its path or sqlite:PATH")
	}
	return path, nil
}

func openSQLite(ctx context.Context, path string, o options) (*Store, error) {
	writing, err := sql.Open(driverName, writerDSN(path))
	if err != nil {
		return nil, unwritable(path, err)
	}
	w := newWriter(writing)
	if err := w.try(ctx); err != nil {
		w.close()
		return nil, unwritable(path, err)
	}
	readers, err := sql.Open(driverName, readerDSN(path))
	if err != nil {
		w.close()
		return nil, fmt.Errorf("sqlstore: open: %w", err)
	}
	readers.SetMaxOpenConns(o.readers)
	readers.SetMaxIdleConns(o.readers)
	s := &Store{path: path, readers: readers, writer: w}
	s.reader = reader{q: queries.New(newStatements(readers))}
	s.seq.Store(time.Now().UnixNano())
	return s, nil
}

// next numbers rows in the order in which they were written, so that those of one millisecond keep it.
func (s *Store) next() int64 { return s.seq.Add(1) }

// Update runs fn in a transaction. Functions that come close together share one commit, each in a
// savepoint of its own, and all wait for that commit: what one was told may rest on what another wrote.
// A context that ends before fn has begun drops it; once begun, fn's statements are refused from the
// end of their context on. A panic of fn undoes what fn wrote and goes on in the caller.
func (s *Store) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) update(ctx context.Context, fn func(t *tx) error) error {
	return s.writer.update(ctx, func(conn *txConn) error {
		return fn(&tx{reader: reader{q: queries.New(conn)}, next: s.next})
	})
}

// Ping reports whether the database answers and has its tables.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.q.Stopped(ctx, queries.StoppedParams{})
	return wrap("ping", err)
}

// Close waits for the transactions that have begun and closes the database. Later ones fail.
func (s *Store) Close() error {
	err := s.writer.close()
	if readErr := s.readers.Close(); err == nil {
		err = readErr
	}
	return wrap("close", err)
}
