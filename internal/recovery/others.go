package recovery

import (
	"context"
	"slices"

	"latchkey/internal/account"
)

// FindOthers runs a find-other job: it asks the portal for near variants of the address that asked and
// queues a blind mail to each (R2). What came of it is known to metrics alone. It may run again after a
// crash: each address has one notice a day.
func (s *Service) FindOthers(ctx context.Context, job Job) error {
	if job.Notice == nil {
		return nil
	}
	asked := address(job.Notice.Address)
	ctx, cancel := context.WithTimeout(ctx, s.Policy.PortalTimeout)
	defer cancel()
	similar, err := s.Portal.AccountsSimilarTo(ctx, asked)
	if err != nil {
		s.Observe("blind:failed")
		return err
	}
	others := s.worthTelling(asked, similar)
	if len(others) == 0 {
		s.Observe("blind:nobody")
	}
	for _, to := range others {
		if err := s.queueOther(ctx, job.Case, asked, to); err != nil {
			return err
		}
	}
	s.Queued()
	return nil
}

// worthTelling are the addresses that get the mail: of the same domain, not the one that asked, and no
// more than the policy has.
func (s *Service) worthTelling(asked account.Address, similar []account.Account) []string {
	var to []string
	for _, a := range similar {
		other := address(a.Email)
		if len(to) < s.Policy.OthersAtMost && other.Domain() == asked.Domain() && !other.Matches(asked) &&
			!slices.ContainsFunc(to, func(had string) bool { return address(had).Matches(other) }) {
			to = append(to, a.Email)
		}
	}
	return to
}

func (s *Service) queueOther(ctx context.Context, c Case, asked account.Address, to string) error {
	outcome := ""
	err := s.Store.Update(ctx, func(tx Tx) error {
		fresh, err := s.onceADay(ctx, tx, "other-address", to)
		if err != nil {
			return err
		}
		if !fresh {
			outcome = "already-today"
			return nil
		}
		refusal, err := s.mayMailBlind(ctx, tx, to)
		if err != nil {
			return err
		}
		if refusal != ReasonNone {
			outcome = string(refusal)
			return nil
		}
		n := s.otherNotice(to, asked)
		if err := tx.InsertOtherNotice(ctx, n); err != nil {
			return err
		}
		d := s.delivery(KindOtherAddress, c.ID)
		d.NoticeID = n.ID
		outcome = "queued"
		return tx.InsertDelivery(ctx, d)
	})
	if err == nil {
		s.Observe("blind:" + outcome)
	}
	return err
}

// mayMailBlind holds a blind mail to the caps of its address without taking from them. Whoever asks for
// proof mails to that address sees which one is over the cap; were the blind mail counted there, they would
// see that it went, and so that the address has an account (R2). Once a day, a mailbox may get one mail more
// than its cap by that.
func (s *Service) mayMailBlind(ctx context.Context, tx Tx, to string) (Reason, error) {
	spent, err := tx.MailSpent(ctx, mailCounters{mailbox: s.mailboxCounter(to)}.sums(s.hash(to), s.Now()))
	switch {
	case err != nil:
		return ReasonNone, err
	case spent.Stopped:
		return ReasonStopped, nil
	case spent.MailboxHour >= s.Policy.AddressHour || spent.MailboxDay >= s.Policy.AddressDay:
		return ReasonCapped, nil
	}
	ok, err := s.take(ctx, tx, s.allMailBudget())
	if err != nil || ok {
		return ReasonNone, err
	}
	return ReasonCapped, nil
}
