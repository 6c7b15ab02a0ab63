package recovery

import (
	"context"
	"time"
)

// allMail is the key of the budget that all mail before proof shares.
const allMail = "mail"

// mayMail takes from the budgets of R10. A mailbox that asked for no more mail spends none.
//
// What one mailbox or one network may have is counted before it is summed, so that it is never passed. The
// budget of all together is summed first and counted last: on PostgreSQL who counts holds the counter until
// its end, and everybody counts here. There as many mails may pass that budget as transactions run at once.
func (s *Service) mayMail(ctx context.Context, tx Tx, to mailTo, network string) (Reason, error) {
	now := s.Now()
	budgets := s.mailBudgets(to.address, network)
	own := budgets[1:]
	keys := distinctKeys(own)
	if err := countTogether(ctx, tx, keys, 1, now); err != nil {
		return ReasonNone, err
	}
	stopped, counted, err := tx.MailSpent(ctx, to.hash, now, sumsOf(budgets, now))
	if err != nil {
		return ReasonNone, err
	}
	counted[0]++ // this one
	refusal := ReasonNone
	for i, b := range budgets {
		if counted[i] > b.limit {
			refusal = ReasonCapped
		}
	}
	if stopped {
		refusal = ReasonStopped
	}
	if refusal != ReasonNone {
		return refusal, countTogether(ctx, tx, keys, -1, now)
	}
	return ReasonNone, countTogether(ctx, tx, []string{allMail}, 1, now)
}

func sumsOf(budgets []budget, now time.Time) []Sum {
	sums := make([]Sum, len(budgets))
	for i, b := range budgets {
		sums[i] = Sum{b.key, now.Add(-b.window - bucketLength)}
	}
	return sums
}

func countTogether(ctx context.Context, tx Tx, keys []string, n int, now time.Time) error {
	bucket := now.Truncate(bucketLength)
	return tx.CountAll(ctx, keys, bucket, n, bucket.Add(day+2*bucketLength))
}

// mailBudgets are those of R10 for a proof or blind mail to an address that a network asks for, that of all
// together first; network is "" where nobody's network asks, as for a blind mail's worker.
func (s *Service) mailBudgets(stored, network string) []budget {
	to := "mail:" + s.limitHash("address", stored)
	budgets := []budget{
		{allMail, time.Hour, s.Policy.GlobalHour},
		{to, time.Hour, s.Policy.AddressHour},
		{to, day, s.Policy.AddressDay},
	}
	if network == "" {
		return budgets
	}
	from := s.Keys.HashLimit("network", network)
	return append(budgets,
		budget{to + ":" + from, time.Hour, s.Policy.AddressNetHour},
		budget{to + ":" + from, day, s.Policy.AddressNetDay},
		budget{allMail + ":" + from, time.Hour, s.Policy.GlobalNetHour},
	)
}
