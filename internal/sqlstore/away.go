package sqlstore

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/internal/recovery"
)

// asAway marks the errors of a database that cannot be asked or cannot keep anything at the moment, such as
// on a full disk: the same would work later.
func asAway(err error) error {
	if err == nil || errors.Is(err, recovery.ErrStore) || !away(err) {
		return err
	}
	var file *sqlite.Error
	if errors.As(err, &file) && file.Code() == sqlite3.SQLITE_IOERR_GETTEMPPATH {
		err = fmt.Errorf("no folder for what it sorts can be written to (name one with %s): %w", temporaryFolder, err)
	}
	return fmt.Errorf("%w: %w", recovery.ErrStore, err)
}

func away(err error) bool {
	var file *sqlite.Error
	var unconnected *pgconn.ConnectError
	var network net.Error
	switch {
	case sqlState(err) != "":
		return postgresAway(sqlState(err))
	case errors.As(err, &file):
		return sqliteAway(file.Code())
	case errors.As(err, &unconnected), errors.As(err, &network), pgconn.SafeToRetry(err):
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, net.ErrClosed) || errors.Is(err, errClosed)
}

// sqlState is the code of an answer of PostgreSQL; "" for whatever else went wrong.
func sqlState(err error) string {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Code
	}
	return ""
}

// postgresAway knows the classes of SQLSTATE: no connection, no room (a full disk among it), an operator or a
// time limit, the system; and a server that takes no writes, as while another takes over from it.
func postgresAway(code string) bool {
	for _, class := range []string{"08", "53", "57", "58", readOnly, "55P03"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return false
}

func sqliteAway(code int) bool {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}
