package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"latchkey/internal/recovery"
)

// CarryStops writes into s every stop of another database that holds at now, and returns how many: who wrote
// "stop mailing me" there is not mailed from here (R12). It may be repeated. The addresses are hashes, which
// are the same where the keys are.
func (s *Store) CarryStops(ctx context.Context, from *Store, now time.Time) (int, error) {
	stops, err := from.stops(ctx, now)
	if err != nil {
		return 0, wrap("read stops", err)
	}
	err = s.Update(ctx, func(tx recovery.Tx) error {
		for hash, until := range stops {
			if err := tx.PutStop(ctx, hash, moment(until)); err != nil {
				return err
			}
		}
		return nil
	})
	return len(stops), err
}

func (s *Store) stops(ctx context.Context, now time.Time) (stops map[string]int64, err error) {
	db := s.engine.lookups()
	rows, err := db.QueryContext(ctx, "SELECT address_hash, ends_at FROM stops WHERE ends_at > $1", millis(now))
	if err != nil {
		return nil, fmt.Errorf("is it a database of Latchkey? %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	stops = map[string]int64{}
	for rows.Next() {
		var hash string
		var until int64
		if err := rows.Scan(&hash, &until); err != nil {
			return nil, err
		}
		stops[hash] = until
	}
	return stops, rows.Err()
}
