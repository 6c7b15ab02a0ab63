package sqlstore

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // registers driverName
)

const driverName = "sqlite"

// Every commit is on the disk before it is answered (synchronous FULL): what was answered survives the
// loss of power. Deleted rows are overwritten (secure_delete), as erasing a person promises. What a
// savepoint needs to be undone stays in memory (temp_store), as does what the writer reads most.
var writerPragmas = []string{
	"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)",
	"temp_store(MEMORY)", "cache_size(-32768)", "wal_autocheckpoint(4000)",
	"journal_size_limit(67108864)",
}

var readerPragmas = []string{"busy_timeout(5000)", "query_only(1)"}

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
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err // the path is said once
	}
	return fmt.Errorf("cannot write the database at %s: %w", path, err)
}
