package sqlstore

import (
	"errors"
	"fmt"
	"testing"

	"latchkey/internal/recovery"
)

// Neither one fault of the disk nor a disk without room makes a database full; both do, until there is room to go on.
func TestADiskIsFullWhereAWriteFoundNoRoom(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, t.TempDir()+"/latchkey.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	file := s.engine.(*sqliteFile)
	free, size, known := uint64(0), uint64(1<<40), true
	file.room.disk = func() (uint64, uint64, bool) { return free, size, known }
	look := func(what string, want bool) {
		t.Helper()
		if got := s.Full(); got != want {
			t.Errorf("%s: full %v, want %v", what, got, want)
		}
		if err := s.Ping(ctx); (err != nil) != want || want && !errors.Is(err, recovery.ErrStore) {
			t.Errorf("%s: ping says %v", what, err)
		}
	}
	look("no room, and no write has failed", false)
	refuse := func() {
		t.Helper()
		err := file.update(ctx, func(on *txConn) error {
			if _, err := on.ExecContext(ctx, "PRAGMA max_page_count = 1"); err != nil { // becomes the size that it has
				return err
			}
			_, err := on.ExecContext(ctx, "CREATE TABLE more AS SELECT zeroblob(1000000)")
			return fmt.Errorf("more: %w", err)
		})
		if err == nil {
			t.Fatal("it was not refused")
		}
	}
	free = fewestFree
	refuse()
	look("a write failed, and there is room", false)
	free = fewestFree - 1
	look("it was forgotten", false)
	refuse()
	look("a write failed for want of room", true)
	if err := s.update(ctx, func(*tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	look("nothing was written since", true)
	free = fewestFree
	look("room again", false)
	size = 1 << 20
	free = size/8 - 1
	refuse()
	look("a small disk, and a write failed", true)
	free = size / 8
	look("room again on a small disk", false)
	free, known = 0, false
	refuse()
	look("nobody knows", false)
}
