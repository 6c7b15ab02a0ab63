package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// Store is a recovery.Store over one of the engines.
type Store struct {
	reader
	engine engine
	seq    atomic.Int64
}

var _ recovery.Store = (*Store)(nil)

// engine is what SQLite and PostgreSQL do in different ways.
type engine interface {
	// lookups runs statements that read, outside any transaction.
	lookups() queries.DBTX
	// atLength has fn read outside any transaction, for as long as ctx, that of its queries, lasts.
	atLength(ctx context.Context, fn func(db queries.DBTX) error) error
	// update runs fn in a transaction. It may run fn again if that could not be kept (recovery.Store).
	update(ctx context.Context, fn func(conn *txConn) error) error
	// updateTogether is update for what may be kept, or lost and run again, together with others.
	updateTogether(ctx context.Context, shared recovery.Shared, fn func(conn *txConn) error) error
	// locks reports whether transactions run side by side, so that what they read must be locked.
	locks() bool
	migrate(ctx context.Context) error
	// ping says so where the database does not answer, has not its tables, or says that it takes no writes.
	ping(ctx context.Context) error
	// full reports whether there is no room to write more, as far as that is known here.
	full() bool
	// current says so where the tables of this version are not there.
	current(ctx context.Context) error
	backup(ctx context.Context, file string) error
	// scrub leaves of what was deleted no more than has to be.
	scrub(ctx context.Context) error
	close() error
}

// Option changes how a Store is opened.
type Option func(*options)

type options struct {
	connections int
	toRead      bool
}

// WithConnections sets how many connections there may be: on SQLite for look-ups, beside the one that
// writes; on PostgreSQL in all. Otherwise it follows from the number of processors.
func WithConnections(n int) Option { return func(o *options) { o.connections = max(n, 1) } }

// ToRead opens for look-ups alone: a file is not touched, and need not be one that can be written. Update fails.
func ToRead() Option { return func(o *options) { o.toRead = true } }

// Open opens the database at url: postgres://…, a file's path, or sqlite:PATH, whose file it creates where
// there is none; its folder must exist. An error says what cannot be reached or written and why, and
// repeats nothing of a URL that could be secret. The tables are made by Migrate.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	e, err := openEngine(ctx, url, o)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, reader: reader{q: queries.New(e.lookups())}}
	s.seq.Store(time.Now().UnixNano())
	return s, nil
}

// OpenExisting is Open that makes no file.
func OpenExisting(ctx context.Context, url string, opts ...Option) (*Store, error) {
	if path, ok := File(url); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s: %w", path, cause(err))
		} else if err != nil {
			return nil, unusable("look at", path, err)
		}
	}
	return Open(ctx, url, opts...)
}

// OpenCurrent is OpenExisting for a database that has the tables of this version, and changes none that has not.
func OpenCurrent(ctx context.Context, url string, opts ...Option) (*Store, error) {
	looking, err := openCurrent(ctx, url, append(opts, ToRead())...) // a writer leaves its mark on any file
	if err != nil {
		return nil, err
	}
	if err := looking.Close(); err != nil {
		return nil, err
	}
	return openCurrent(ctx, url, opts...)
}

func openCurrent(ctx context.Context, url string, opts ...Option) (*Store, error) {
	s, err := OpenExisting(ctx, url, opts...)
	if err != nil {
		return nil, err
	}
	if err := s.engine.current(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func notCurrent(where string) error {
	return fmt.Errorf("the database at %s has not the tables of this version: if it is Latchkey's, 'latchkey migrate' brings it up to date", where)
}

// File is the path of a database that is a file; ok is false for one behind a URL, which may hold a password.
func File(url string) (path string, ok bool) {
	scheme, _, isURL := strings.Cut(url, "://")
	if isURL || postgresURL(scheme) {
		return "", false
	}
	return strings.TrimPrefix(url, "sqlite:"), true
}

// postgresURL also knows one whose slashes are too few.
func postgresURL(url string) bool {
	scheme, _, _ := strings.Cut(url, ":")
	return scheme == "postgres" || scheme == "postgresql"
}

func openEngine(ctx context.Context, url string, o options) (engine, error) {
	path, ok := File(url)
	switch {
	case postgresURL(url):
		return openPostgres(ctx, url, o)
	case !ok:
		scheme, _, _ := strings.Cut(url, "://")
		return nil, fmt.Errorf("no database is behind %q URLs: give postgres://…, a file's path or sqlite:PATH", scheme)
	case path == "" || path == ":memory:":
		return nil, errors.New("the database has to be a file: give its path or sqlite:PATH")
	}
	return openSQLite(ctx, path, o)
}

// next numbers rows in the order in which they were written, so that those of one millisecond keep it.
func (s *Store) next() int64 { return s.seq.Add(1) }

// newLease draws the number of a lease: other processes draw theirs at the same time.
func newLease() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return int64(binary.BigEndian.Uint64(b[:])>>1) | 1
}

// Update runs fn in a transaction. On SQLite, functions that come close together share one commit, each in
// a savepoint of its own, and all wait for that commit: what one was told may rest on what another wrote.
// On PostgreSQL fn is run again where another transaction was in its way. A context that ends before fn
// has begun drops it; once begun, fn's statements are refused from the end of their context on. A panic of
// fn undoes what fn wrote and goes on in the caller.
func (s *Store) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	return s.update(ctx, func(t *tx) error { return fn(t) })
}

// UpdateTogether is Update on SQLite. On PostgreSQL functions that come close together run side by side in one
// transaction, and each of their round trips is one for all of them; who would hold up the others, or make them
// run again, is let go after the first. A context that ends before fn has a group, for which it waits at the first
// thing that it has to know, drops it; from then on it makes a difference only where fn has to be run again.
func (s *Store) UpdateTogether(ctx context.Context, shared recovery.Shared, fn func(tx recovery.Tx) error) error {
	return asAway(s.engine.updateTogether(ctx, shared, s.within(func(t *tx) error { return fn(t) })))
}

func (s *Store) update(ctx context.Context, fn func(t *tx) error) error {
	return asAway(s.engine.update(ctx, s.within(fn)))
}

func (s *Store) within(fn func(t *tx) error) func(*txConn) error {
	return func(conn *txConn) error {
		return fn(&tx{reader: reader{q: queries.New(conn)}, next: s.next, locks: s.engine.locks()})
	}
}

// Migrate brings the tables up to date. It may be called at every start, and by several processes at once.
func (s *Store) Migrate(ctx context.Context) error { return s.engine.migrate(ctx) }

// Ping reports whether the database answers, has its tables, is not Full and, where PostgreSQL says so, takes writes:
// after a failover a process may still be connected to what is the standby now.
func (s *Store) Ping(ctx context.Context) error { return wrap("ping", s.engine.ping(ctx)) }

// Full reports whether SQLite has found the disk of its file full, and that has no room yet.
func (s *Store) Full() bool { return s.engine.full() }

// Close waits for the transactions that have begun and closes the database. Later ones fail.
func (s *Store) Close() error { return wrap("close", s.engine.close()) }
