package sqlstore_test

import (
	"path/filepath"
	"testing"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// Stops go along when a vendor moves to another database, whichever engine it is on.
func TestCarryStops(t *testing.T) {
	from := sqlstoretest.Open(t, filepath.Join(t.TempDir(), "old.db"))
	to := sqlstoretest.Open(t, sqlstoretest.URL(t))
	err := from.Update(t.Context(), func(tx recovery.Tx) error {
		for hash, until := range map[string]int{"over": 1, "stopped": 9, "longer": 20} {
			if err := tx.PutStop(t.Context(), hash, day(until)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := to.CarryStops(t.Context(), from, day(5)); n != 2 || err != nil {
			t.Errorf("carried %d (%v), want 2", n, err)
		}
	}
	for _, tt := range []struct {
		hash string
		on   int
		want bool
	}{{"over", 0, false}, {"stopped", 8, true}, {"stopped", 10, false}, {"longer", 10, true}, {"nobody", 5, false}} {
		if got, err := to.Stopped(t.Context(), tt.hash, day(tt.on)); got != tt.want || err != nil {
			t.Errorf("%s on day %d: %v (%v), want %v", tt.hash, tt.on, got, err, tt.want)
		}
	}
}
