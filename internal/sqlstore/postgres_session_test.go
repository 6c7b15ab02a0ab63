package sqlstore_test

import (
	"errors"
	"testing"

	"latchkey/internal/recovery"
)

// Two requests of one browser are under way: the second waits for the first, and finds the session as that has left
// it.
func TestPostgresSessionThatChangesMeanwhile(t *testing.T) {
	put := func(id string) func(recovery.Tx) error {
		return func(tx recovery.Tx) error {
			return tx.PutSession(t.Context(), recovery.Session{
				Lineage: "lineage", IDHash: id, ExpiresAt: day(2), Row: &recovery.SessionRow{IDHash: "old"},
			})
		}
	}
	end := func(tx recovery.Tx) error { return got(tx.EndSession(t.Context(), "lineage")) }
	for name, tt := range map[string]struct {
		first, second func(recovery.Tx) error
		told          error
		left          string
	}{
		"renewed":       {put("new"), put("old"), nil, "new"},
		"renewed twice": {put("new"), put("newer"), recovery.ErrSessionTaken, "new"},
		"ended":         {end, put("old"), recovery.ErrSessionTaken, ""},
		"ended anew":    {end, put("new"), recovery.ErrSessionTaken, ""},
	} {
		t.Run(name, func(t *testing.T) {
			stores, url := openPostgres(t, 2)
			err := stores[0].Update(t.Context(), func(tx recovery.Tx) error {
				return tx.PutSession(t.Context(), recovery.Session{Lineage: "lineage", IDHash: "old", ExpiresAt: day(2)})
			})
			if err != nil {
				t.Fatal(err)
			}
			told := make(chan error, 1)
			err = stores[0].Update(t.Context(), func(tx recovery.Tx) error {
				err := errors.Join(tt.first(tx), got(tx.Counted(t.Context(), "any", day(0)))) // it has been said by then
				go func() { told <- stores[1].Update(t.Context(), tt.second) }()
				db := behind(t, url)
				await(t, func() (waits bool, err error) {
					err = db.QueryRowContext(t.Context(), "SELECT count(*) > 0 FROM pg_stat_activity "+
						"WHERE wait_event_type = 'Lock' AND query LIKE '%UpdateSession%'").Scan(&waits)
					return waits, err
				})
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if err := <-told; !errors.Is(err, tt.told) {
				t.Errorf("the second request is told %v, want %v", err, tt.told)
			}
			for _, id := range []string{"old", "new", "newer"} {
				_, err := stores[0].SessionByID(t.Context(), id, day(1))
				if there := err == nil; there != (id == tt.left) {
					t.Errorf("a session with the id %s: %v, want %v", id, there, id == tt.left)
				}
			}
		})
	}
}
