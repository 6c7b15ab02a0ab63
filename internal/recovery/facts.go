package recovery

import (
	"context"
	"sync"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// facts asks everything that is known about a proven address, all at once and within the time the
// portal gets. What gave no usable answer is marked so, and never read as "nothing there".
func (s *Service) facts(ctx context.Context, a account.Address) diagnosis.Facts {
	ctx, cancel := context.WithTimeout(ctx, s.portalTime(ctx))
	defer cancel()
	f := diagnosis.Facts{Address: a, Now: s.Now()}
	var asked sync.WaitGroup
	asked.Go(func() { f.Accounts = known(s.Portal.AccountsByEmail(ctx, a)) })
	asked.Go(func() { f.Linked = s.established(ctx, a) })
	if s.MailLog != nil {
		asked.Go(func() { f.Resets = s.resets(ctx, a) })
	}
	asked.Wait()
	return f
}

func known[T any](value T, err error) diagnosis.Known[T] {
	if err != nil {
		return diagnosis.NoAnswer[T]()
	}
	return diagnosis.Answer(value)
}

// established are the accounts at other addresses that the proven one may be shown, because it is the
// current, verified email of the identity linked to them (R2).
func (s *Service) established(ctx context.Context, a account.Address) diagnosis.Known[[]account.Account] {
	found, err := s.Portal.AccountsByIdentityEmail(ctx, a)
	if err != nil {
		return diagnosis.NoAnswer[[]account.Account]()
	}
	var theirs []account.Account
	for _, candidate := range found {
		id := candidate.Identity
		if id != nil && id.EmailVerified && address(id.Email).Matches(a) && !candidate.At(a) {
			theirs = append(theirs, candidate)
		}
	}
	return diagnosis.Answer(theirs)
}

func (s *Service) resets(ctx context.Context, a account.Address) diagnosis.Known[diagnosis.Resets] {
	identity, portal, err := s.MailLog.PasswordResets(ctx, a, s.Now().Add(-s.Policy.ResetWindow))
	return known(diagnosis.Resets{Identity: identity, Portal: portal}, err)
}
