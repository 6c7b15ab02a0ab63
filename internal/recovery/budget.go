package recovery

import (
	"context"
	"time"
)

// bucketsPerHour cuts a counter's time into slices of six minutes. A sum takes in the slice that lies
// across the start of its window, so that no stretch of that length ever holds more than the limit.
const bucketsPerHour = 10

const bucketLength = time.Hour / bucketsPerHour

const day = 24 * time.Hour

// DayWindow is by when what the budget of a day has refused, such as a hand-off, is taken again for certain (R10).
const DayWindow = day + bucketLength

// budget is a limit on what one key may have within a window.
type budget struct {
	key    string
	window time.Duration
	limit  int
}

// take counts one against every budget, or none if any is spent. It counts before it sums, so that two
// transactions at once cannot both take the last one.
func (s *Service) take(ctx context.Context, tx Tx, budgets ...budget) (bool, error) {
	if err := s.count(ctx, tx, 1, budgets...); err != nil {
		return false, err
	}
	for _, b := range budgets {
		n, err := s.counted(ctx, tx, b)
		if err != nil {
			return false, err
		}
		if n > b.limit {
			return false, s.count(ctx, tx, -1, budgets...)
		}
	}
	return true, nil
}

// counted is what a budget's window holds now.
func (s *Service) counted(ctx context.Context, tx Tx, b budget) (int, error) {
	return tx.Counted(ctx, b.key, b.from(s.Now()))
}

// from is where the sum over its window begins.
func (b budget) from(now time.Time) time.Time { return windowFrom(now, b.window) }

// count adds n to every budget, whatever its limit; below zero, it gives back what was taken.
func (s *Service) count(ctx context.Context, tx Tx, n int, budgets ...budget) error {
	bucket := s.Now().Truncate(bucketLength)
	for _, b := range budgets {
		if err := tx.Count(ctx, b.key, bucket, n, expiryOf(bucket)); err != nil {
			return err
		}
	}
	return nil
}

// expiryOf is by when no window reaches back to the bucket any more. It is one for all buckets of a slice, so that
// their rows stand at the end of the index that the sweep goes by: each at a place of its own, its page was a
// tenth of what a commit writes.
func expiryOf(bucket time.Time) time.Time {
	return bucket.Truncate(bucketLength).Add(day + 2*bucketLength)
}

// windowFrom is where a sum over a window begins: what it takes in starts after that.
func windowFrom(now time.Time, window time.Duration) time.Time {
	return now.Add(-window - bucketLength)
}

// supportLinkBudget is what proof mails to an address that a signed support link names have on top (R10).
func (s *Service) supportLinkBudget(stored string) budget {
	return budget{"mail:support-link:" + s.limitHash("support-link", stored), day, s.Policy.SupportLinkDay}
}

// mayStep counts a step of a case that can be made for ever: an answer, another address, a code asked for once more, a
// sign-in. Each is a row that stays for a year, and that every page of the case reads. It comes first in its
// transaction. ErrTooManySteps.
func (s *Service) mayStep(ctx context.Context, tx Tx, caseID string) error {
	ok, err := s.take(ctx, tx, budget{"steps:" + caseID, day, s.Policy.CaseSteps})
	if err == nil && !ok {
		err = ErrTooManySteps
	}
	return err
}

func (s *Service) wrongCodeBudget(addressHash string) budget {
	return budget{"wrong-code:" + addressHash, day, s.Policy.WrongCodesADay}
}

// vendorMailBudget is of the mails that the vendor sends in a case.
func (s *Service) vendorMailBudget(caseID string) budget {
	return budget{"vendor-mail:" + caseID, day, s.Policy.CaseMails}
}

// accountMailBudget is of the mails after proof that who is proven by one address may have sent to another's, or to
// the same: nobody spends what somebody else may have.
func (s *Service) accountMailBudget(provenHash, to string) budget {
	name := "after-proof:" + provenHash
	return budget{"mail:" + s.limitHash(name, to), day, 2 * s.Policy.CaseMails}
}

func (s *Service) handOffBudgets(stored, client string) []budget {
	return []budget{
		{"hand-off:" + s.limitHash("address", stored), day, s.Policy.HandOffsAddress},
		{"hand-off:" + s.Keys.HashLimit("client", client), day, s.Policy.HandOffsClient},
	}
}

// limitHash keys a limit by mailbox: limits alone fold dots and plus tags (R6).
func (s *Service) limitHash(name, stored string) string {
	return s.Keys.HashLimit(name, address(stored).LimitKey())
}
