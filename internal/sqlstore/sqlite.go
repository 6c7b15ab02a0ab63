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
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

const driverName = "sqlite"

// Every commit is on the disk before it is answered (synchronous FULL): what was answered survives the
// loss of power. Deleted rows are overwritten (secure_delete), as erasing a person promises. Caches are small:
// the system keeps the file. Checkpoints come every 4 MB, as is SQLite's default: whoever writes waits for one,
// and with millions of cases nearly every page of the log is another page of the file.
var writingPragmas = []string{
	"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	"cache_size(-4096)", "wal_autocheckpoint(1000)", "journal_size_limit(67108864)",
}

var (
	// What a savepoint needs to be undone stays in memory.
	writerPragmas = append(slices.Clone(writingPragmas), "temp_store(MEMORY)")
	// What a migration sorts for an index does not: of ten million rows that is 34 MB so, and was 1.2 GB, in the
	// same time.
	migrationPragmas = append(slices.Clone(writingPragmas), "temp_store(FILE)")

	readerPragmas = []string{"busy_timeout(5000)", "query_only(1)", "cache_size(-512)"}
)

// temporaryFolder is the variable by which SQLite is told where its temporary files go.
const temporaryFolder = "SQLITE_TMPDIR"

// sortBeside has SQLite sort what is too much for its caches, such as for a report, in files beside the database,
// unless the variable says where. There is a disk with room, while an image may have no /tmp at all, or the system
// one in memory. SQLite asks once in the life of a process, at its first file, and passes over a folder that it
// cannot write to for the usual ones.
func sortBeside(path string) error {
	if os.Getenv(temporaryFolder) != "" {
		return nil
	}
	return os.Setenv(temporaryFolder, filepath.Dir(absolute(path)))
}

// sqliteFile is the engine of one file. Look-ups use a pool of readers; everything that writes goes through
// one writer, whose callers share commits.
type sqliteFile struct {
	path    string
	room    *room
	readers *sql.DB
	writer  *writer // nil where it is opened to read
}

var _ engine = (*sqliteFile)(nil)

func openSQLite(ctx context.Context, path string, o options) (*sqliteFile, error) {
	f := &sqliteFile{path: path, room: roomAt(path)}
	if err := sortBeside(path); err != nil {
		return nil, unusable("use", path, err)
	}
	if !o.toRead {
		if err := f.openWriter(ctx); err != nil {
			return nil, err
		}
	}
	if err := f.openReaders(ctx, o); err != nil {
		_ = f.close() // says less
		return nil, err
	}
	return f, nil
}

func (f *sqliteFile) openWriter(ctx context.Context) error {
	if err := checkWritable(f.path); err != nil {
		return err
	}
	db, err := sql.Open(driverName, writerDSN(f.path))
	if err != nil {
		return unusable("write", f.path, err)
	}
	f.writer = newWriter(db)
	if err := f.writer.try(ctx); err != nil {
		_ = f.close() // says less
		return unusable("write", f.path, err)
	}
	return nil
}

func (f *sqliteFile) openReaders(ctx context.Context, o options) (err error) {
	if f.readers, err = sql.Open(driverName, readerDSN(f.path)); err != nil {
		return unusable("read", f.path, err)
	}
	if o.connections == 0 {
		o.connections = max(4, 2*runtime.GOMAXPROCS(0))
	}
	f.readers.SetMaxOpenConns(o.connections)
	f.readers.SetMaxIdleConns(o.connections)
	if !o.toRead {
		return nil // who writes has looked
	}
	if _, err := f.readers.ExecContext(ctx, "SELECT 1 FROM sqlite_schema"); err != nil {
		return unusable("read", f.path, err)
	}
	return nil
}

var errToRead = errors.New("sqlstore: opened to be read alone")

func (f *sqliteFile) lookups() queries.DBTX { return &txConn{on: newStatements(f.readers)} }

func (f *sqliteFile) atLength(_ context.Context, fn func(queries.DBTX) error) error {
	return fn(f.readers)
}

func (f *sqliteFile) update(ctx context.Context, fn func(*txConn) error) error {
	if f.writer == nil {
		return errToRead
	}
	err := f.writer.update(ctx, fn)
	f.room.wrote(err)
	return err
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
	db, err := sql.Open(driverName, migrationDSN(f.path))
	if err != nil {
		return wrap("migrate", err)
	}
	db.SetMaxOpenConns(1)
	if err := migrateUp(ctx, db, goose.DialectSQLite3); err != nil {
		return fmt.Errorf("cannot bring the database at %s up to date: %w", f.path, err)
	}
	return nil
}

// ping writes nothing: whether there is room for more shows when it is written.
func (f *sqliteFile) ping(ctx context.Context) error {
	if f.full() {
		return errFull
	}
	_, err := queries.New(f.lookups()).Stopped(ctx, queries.StoppedParams{})
	return err
}

func (f *sqliteFile) full() bool { return f.room.full() }

func (f *sqliteFile) current(ctx context.Context) error {
	if !upToDate(ctx, f.readers) {
		return notCurrent(f.path)
	}
	return nil
}

func (f *sqliteFile) close() (err error) {
	if f.writer != nil {
		err = f.writer.close()
	}
	if f.readers != nil {
		err = errors.Join(err, f.readers.Close())
	}
	return err
}

func writerDSN(path string) string { return dsn(path, writerPragmas) + "&_txlock=immediate" }

func migrationDSN(path string) string { return dsn(path, migrationPragmas) + "&_txlock=immediate" }

func readerDSN(path string) string { return dsn(path, readerPragmas) }

// dsn escapes the path: a ? or # in a folder's name must not end it. Pragmas are run in the order of the alphabet.
func dsn(path string, pragmas []string) string {
	file := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(absolute(path))}
	return file.String() + "?_pragma=" + strings.Join(pragmas, "&_pragma=")
}

// absolute is path itself where there is no telling.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// checkWritable creates the file, for its owner alone, or opens it as a writer would. SQLite's own
// answer to a missing folder does not say what is wrong.
func checkWritable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable("write", path, err)
	}
	return f.Close()
}

// unusable tells a file that is no database, or no longer one, from one that cannot be read or written.
func unusable(how, path string, err error) error {
	if refused, ok := errors.AsType[*sqlite.Error](err); ok {
		switch refused.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("the file %s is there and is no database: name another", path)
		case sqlite3.SQLITE_CORRUPT:
			return fmt.Errorf("the database at %s is damaged: put a backup of it in its place", path)
		}
	}
	return fmt.Errorf("cannot %s the database at %s: %w", how, path, cause(err))
}

// cause leaves out the path, which is said once.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
