package sqlstore

import (
	"path/filepath"
	"testing"
)

// A start does without goose only where every migration was made, whichever is missing.
func TestUpToDate(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	file := s.engine.(*sqliteFile)
	check := func(when string, want bool) {
		t.Helper()
		if got := upToDate(t.Context(), file.readers); got != want {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
	}
	check("without tables", false)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("with all migrations", true)
	note := func(statement string) {
		t.Helper()
		err := file.writer.update(t.Context(), func(conn *txConn) error {
			_, err := conn.ExecContext(t.Context(), statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	note("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
	check("with one of the next version", true)
	note("DELETE FROM goose_db_version WHERE version_id = 2")
	check("with one in the middle missing", false)
}
