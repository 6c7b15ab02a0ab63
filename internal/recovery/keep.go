package recovery

import (
	"context"

	"latchkey/internal/account"
)

// sweepBatch bounds one transaction of a sweep, in cases, so that customers are not kept waiting by it: with ten
// million cases on SQLite, where nobody else writes meanwhile, five hundred took 70 ms.
const sweepBatch = 100

// Sweep removes what is past its retention, batch by batch, and returns how many rows went.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	total := 0
	for {
		gone := 0
		err := s.Store.Update(ctx, func(tx Tx) error {
			var err error
			gone, err = tx.Sweep(ctx, s.Now(), s.Policy.Retention, sweepBatch)
			return err
		})
		total += gone
		if err != nil || gone == 0 {
			return total, err
		}
	}
}

// Erase removes a person (R12): addresses, texts and cases go; hashes of stops and limits live to their
// expiry; the audit trail keeps reference and act. It returns how many cases went.
//
// It looks twice: what others were storing while it looked first, such as the case that a proof link opens in another
// browser, it has waited for and not seen.
func (s *Service) Erase(ctx context.Context, a account.Address) (int, error) {
	total := 0
	for range 2 {
		gone := 0
		err := s.Store.Update(ctx, func(tx Tx) error {
			var err error
			gone, err = tx.Erase(ctx, s.Keys.HashAddress(a.Canonical()))
			return err
		})
		total += gone
		if err != nil {
			return total, err
		}
	}
	s.Observe(ActErased)
	return total, nil
}
