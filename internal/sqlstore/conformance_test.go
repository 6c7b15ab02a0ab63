package sqlstore_test

import (
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
	"latchkey/internal/storetest"
)

func open(tb testing.TB) *sqlstore.Store {
	tb.Helper()
	return sqlstoretest.Open(tb, sqlstoretest.URL(tb))
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) recovery.Store { return open(t) })
}

func TestPostgresConformance(t *testing.T) {
	sqlstoretest.PostgresURL(t) // says once that there is none
	storetest.Run(t, func(t *testing.T) recovery.Store {
		return sqlstoretest.Open(t, sqlstoretest.PostgresURL(t))
	})
}

func TestTogether(t *testing.T) {
	storetest.RunTogether(t, func(t *testing.T) recovery.Store { return open(t) })
}

func TestPostgresTogether(t *testing.T) {
	sqlstoretest.PostgresURL(t) // says once that there is none
	storetest.RunTogether(t, func(t *testing.T) recovery.Store {
		return sqlstoretest.Open(t, sqlstoretest.PostgresURL(t))
	})
}

// day is a moment n days after the tests' own beginning of time.
func day(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }
