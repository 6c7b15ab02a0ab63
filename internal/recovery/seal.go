package recovery

import (
	"context"
	"errors"
	"slices"
)

// ErrOtherKeys is returned where a database has been used with other address lines of a key file than this one:
// no hash that stands in it is one of these keys.
var ErrOtherKeys = errors.New("recovery: the database belongs to another key file")

// Seal notes that the database is used with this key file, and returns how many others it has been used with
// before: the stops and budgets made with those are nobody's.
func (s *Service) Seal(ctx context.Context) (others int, err error) {
	own, others, err := s.seals(ctx)
	if err != nil || own {
		return others, err
	}
	return others, s.Store.Update(ctx, func(tx Tx) error { return tx.PutSeal(ctx, s.Keys.AddressSeal(), s.Now()) })
}

// CheckSeal is ErrOtherKeys where the database has been used, and never with this key file. It returns how many
// others it has been used with.
func (s *Service) CheckSeal(ctx context.Context) (others int, err error) {
	own, others, err := s.seals(ctx)
	if err == nil && !own && others > 0 {
		err = ErrOtherKeys
	}
	return others, err
}

func (s *Service) seals(ctx context.Context) (own bool, others int, err error) {
	all, err := s.Store.Seals(ctx)
	if own = slices.Contains(all, s.Keys.AddressSeal()); own {
		return true, len(all) - 1, err
	}
	return false, len(all), err
}
