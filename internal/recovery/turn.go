package recovery

import (
	"context"
	"errors"
	"time"
)

// Turn does work that is due once in every so long and by one replica, unless another has had the turn of
// that name already; ran tells which. Whoever has it keeps it for that long: work has no longer than that,
// what is left then is for the next turn, and the turn of a replica that was killed lapses. A replica that is
// told to end gives its turn back.
func (s *Service) Turn(
	ctx context.Context, name string, every time.Duration, work func(ctx context.Context) error,
) (ran bool, err error) {
	name = "turn:" + name
	err = s.Store.Update(ctx, func(tx Tx) (err error) {
		now := s.Now()
		ran, err = tx.Claim(ctx, name, now, now.Add(every))
		return err
	})
	if err != nil || !ran {
		return false, err
	}
	working, cancel := context.WithTimeout(ctx, every)
	defer cancel()
	err = work(working)
	switch {
	case ctx.Err() != nil:
		after := context.WithoutCancel(ctx)
		return true, errors.Join(err, s.Store.Update(after, func(tx Tx) error { return tx.Release(after, name) }))
	case working.Err() != nil:
		return true, nil
	}
	return true, err
}
