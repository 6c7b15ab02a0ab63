package sqlstore

import (
	"context"
	"fmt"
	"time"

	"latchkey/internal/recovery"
)

// CarryStops writes into s every stop of another database that holds at now, and returns how many: who wrote
// "stop mailing me" there is not mailed from here (R12). It may be repeated. The addresses are hashes, which
// are the same where the keys are.
func (s *Store) CarryStops(ctx context.Context, from *Store, now time.Time) (int, error) {
	stops, err := from.q.StopsInForce(ctx, millis(now))
	if err != nil {
		return 0, wrap("read stops", fmt.Errorf("is it a database of Latchkey? %w", err))
	}
	err = s.Update(ctx, func(tx recovery.Tx) error {
		for _, stop := range stops {
			if err := tx.PutStop(ctx, stop.AddressHash, moment(stop.EndsAt)); err != nil {
				return err
			}
		}
		return nil
	})
	return len(stops), err
}
