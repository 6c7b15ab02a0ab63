package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

const driverName = "sqlite"

// Every commit is on the disk before it is answered (synchronous FULL): what was answered survives the
// loss of power. Deleted rows are overwritten (secure_delete), as erasing a person promises. What a
// savepoint needs to be undone stays in memory (temp_store). Caches are small: the system keeps the file.
// Checkpoints come every 4 MB, as is SQLite's default: whoever writes waits for one, and with millions of cases
// nearly every page of the log is another page of the file.
var writerPragmas = []string{
	"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	"temp_store(MEMORY)", "cache_size(-4096)", "wal_autocheckpoint(1000)",
	"journal_size_limit(67108864)",
}

var readerPragmas = []string{"busy_timeout(5000)", "query_only(1)", "cache_size(-512)"}

// sqliteFile is the engine of one file. Look-ups use a pool of readers; everything that writes goes through
// one writer, whose callers share commits.
type sqliteFile struct {
	path    string
	readers *sql.DB
	writer  *writer
}

var _ engine = (*sqliteFile)(nil)

func openSQLite(ctx context.Context, path string, o options) (*sqliteFile, error) {
	writing, err := sql.Open(driverName, writerDSN(path))
	if err != nil {
		return nil, unwritable(path, err)
	}
	w := newWriter(writing)
	if err := w.try(ctx); err != nil {
		w.close()
		return nil, unusable(path, err)
	}
	readers, err := sql.Open(driverName, readerDSN(path))
	if err != nil {
		w.close()
		return nil, fmt.Errorf("sqlstore: open: %w", err)
	}
	if o.connections == 0 {
		o.connections = max(4, 2*runtime.NumCPU())
	}
	readers.SetMaxOpenConns(o.connections)
	readers.SetMaxIdleConns(o.connections)
	return &sqliteFile{path: path, readers: readers, writer: w}, nil
}

func (f *sqliteFile) lookups() queries.DBTX { return &txConn{on: newStatements(f.readers)} }

func (f *sqliteFile) update(ctx context.Context, fn func(*txConn) error) error {
	return f.writer.update(ctx, fn)
}

// updateTogether: they share their commits as it is.
func (f *sqliteFile) updateTogether(ctx context.Context, _ recovery.Shared, fn func(*txConn) error) error {
	return f.update(ctx, fn)
}

// locks: one writer has the whole file.
func (f *sqliteFile) locks() bool { return false }

func (f *sqliteFile) migrate(ctx context.Context) error {
	if upToDate(ctx, f.readers) {
		return nil
	}
	db, err := sql.Open(driverName, writerDSN(f.path))
	if err != nil {
		return wrap("migrate", err)
	}
	db.SetMaxOpenConns(1)
	if err := migrateUp(ctx, db, goose.DialectSQLite3); err != nil {
		return fmt.Errorf("cannot bring the database at %s up to date: %w", f.path, err)
	}
	return nil
}

func (f *sqliteFile) current(ctx context.Context) error {
	if !upToDate(ctx, f.readers) {
		return notCurrent(f.path)
	}
	return nil
}

// checkCurrent is current without a writer, which leaves its mark on any database of SQLite.
func checkCurrent(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return nil // SQLite would make the file
	}
	f := sqliteFile{path: path}
	if f.readers, err = sql.Open(driverName, readerDSN(path)); err != nil {
		return unusable(path, err)
	}
	defer func() { _ = f.readers.Close() }()
	if _, err := f.readers.ExecContext(ctx, "SELECT 1 FROM sqlite_schema"); err != nil {
		return unusable(path, err)
	}
	return f.current(ctx)
}

func (f *sqliteFile) close() error {
	err := f.writer.close()
	return errors.Join(err, f.readers.Close())
}

func writerDSN(path string) string { return dsn(path, writerPragmas) + "&_txlock=immediate" }

func readerDSN(path string) string { return dsn(path, readerPragmas) }

// dsn escapes the path: a ? or # in a folder's name must not end it.
func dsn(path string, pragmas []string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	file := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	return file.String() + "?_pragma=" + strings.Join(pragmas, "&_pragma=")
}

// checkWritable creates the file, for its owner alone, or opens it as a writer would. SQLite's own
// answer to a missing folder does not say what is wrong.
func checkWritable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unwritable(path, err)
	}
	return f.Close()
}

func unwritable(path string, err error) error {
	return fmt.Errorf("cannot write the database at %s: %w", path, cause(err))
}

// unusable tells a file that is no database, or no longer one, from one that cannot be written.
func unusable(path string, err error) error {
	var refused *sqlite.Error
	if !errors.As(err, &refused) {
		return unwritable(path, err)
	}
	switch refused.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("the file %s is there and is no database: name another", path)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the database at %s is damaged: put a backup of it in its place", path)
	}
	return unwritable(path, err)
}

// cause leaves out the path, which is said once.
func cause(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
