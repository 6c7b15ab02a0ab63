package sqlstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/internal/storetest"
)

func open(tb testing.TB) *sqlstore.Store {
	tb.Helper()
	s, err := sqlstore.Open(tb.Context(), filepath.Join(tb.TempDir(), "latchkey.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) recovery.Store { return open(t) })
}

// day is a moment n days after the tests' own beginning of time.
func day(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }
