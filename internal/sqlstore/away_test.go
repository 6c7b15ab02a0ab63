package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"latchkey/internal/recovery"
)

func TestWhatIsAway(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("a rule's own"), false},
		{recovery.ErrNotFound, false},
		{recovery.ErrReferenceTaken, false},
		{&pgconn.PgError{Code: "57P01"}, true},           // the server ends
		{&pgconn.PgError{Code: "53100"}, true},           // its disk is full
		{&pgconn.PgError{Code: "53300"}, true},           // too many connections
		{&pgconn.PgError{Code: "25006"}, true},           // it is the standby now
		{&pgconn.PgError{Code: "23505"}, false},          // a duplicate is ours
		{&pgconn.PgError{Code: "42703"}, false},          // as is a column that is not there
		{&net.OpError{Op: "dial", Err: errClosed}, true}, // nobody listens
		{fmt.Errorf("begin: %w", errClosed), true},
	} {
		got := asAway(tt.err)
		if errors.Is(got, recovery.ErrStore) != tt.want || !errors.Is(got, tt.err) {
			t.Errorf("asAway(%v) = %v, want it away: %v", tt.err, got, tt.want)
		}
	}
}

// A full file refuses what does not fit, all of it, and goes on once there is room.
func TestAFullFile(t *testing.T) {
	s := openHere(t)
	put := func(id string) error {
		return s.Update(t.Context(), func(tx recovery.Tx) error {
			return tx.InsertCase(t.Context(), recovery.Case{ID: id, Reference: id, Address: strings.Repeat("a", 16<<10)})
		})
	}
	pages := func(n int) {
		t.Helper()
		err := s.file.writer.update(context.Background(), func(c *txConn) error {
			_, err := c.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", n))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := put("before"); err != nil {
		t.Fatal(err)
	}
	pages(1) // no more than there are
	for range 3 {
		if err := put("full"); !errors.Is(err, recovery.ErrStore) {
			t.Fatalf("a full file says %v, want %v", err, recovery.ErrStore)
		}
		pages(1) // of the connection that took the place of the failed one
	}
	if _, err := s.Case(t.Context(), "before"); err != nil {
		t.Errorf("what was there: %v", err)
	}
	pages(1 << 20)
	if err := put("full"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}
