package sqlstoretest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/sqlstore"
)

// The variables that say where tests take place.
const (
	serverVariable = "LATCHKEY_TEST_POSTGRES" // a URL of a server on which schemas may be made
	engineVariable = "LATCHKEY_TEST_ENGINE"   // postgres: what runs on SQLite otherwise runs there
)

// URL is that of an empty database that goes with the test.
func URL(tb testing.TB) string {
	tb.Helper()
	if os.Getenv(engineVariable) == "postgres" {
		return PostgresURL(tb)
	}
	return filepath.Join(tb.TempDir(), "latchkey.db")
}

// PostgresURL is that of an empty schema that goes with the test. Without a server the test is not run, and
// says so.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv(serverVariable)
	if server == "" {
		tb.Skipf("NOT RUN on PostgreSQL: %s names no server; 'make test' brings one", serverVariable)
	}
	schema := "test_" + strings.ToLower(rand.Text())
	run(tb, server, "CREATE SCHEMA "+schema)
	tb.Cleanup(func() { run(tb, server, "DROP SCHEMA "+schema+" CASCADE") })
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatal(serverVariable + " is no URL")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func run(tb testing.TB, server, statement string) {
	tb.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		tb.Fatal(err)
	}
}

// Open opens the database at url with its tables, until the test ends.
func Open(tb testing.TB, url string, opts ...sqlstore.Option) *sqlstore.Store {
	tb.Helper()
	s, err := sqlstore.Open(tb.Context(), url, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}
