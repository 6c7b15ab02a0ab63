package recovery

import (
	"context"
	"slices"
	"sync"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// facts asks everything that is known about a proven address, all at once and within the time the
// portal gets. What gave no usable answer is marked so, and never read as "nothing there". An error is
// the Store's.
func (s *Service) facts(ctx context.Context, c Case, a account.Address, own []IdentityProof) (diagnosis.Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, s.portalTime(ctx))
	defer cancel()
	f := diagnosis.Facts{Address: a, Now: s.Now(), OwnIdentities: identitiesOf(own), PortalConfirms: !s.Policy.ConfirmHere}
	var asked sync.WaitGroup
	asked.Go(func() { f.Contacts = known(s.Portal.BillingAccountsByContact(ctx, a)) })
	asked.Go(func() { f.Invitations = known(s.Portal.BillingAccountsByInvitation(ctx, a)) })
	if s.MailLog != nil {
		asked.Go(func() { f.Resets = s.resets(ctx, a) })
	}
	err := s.askGrounds(ctx, c, &f, func(found []account.Account) {
		asked.Go(func() { f.Suppressions = s.suppressions(ctx, a, found) })
	})
	asked.Wait()
	return f, err
}

// grounds are the facts that permit or forbid an action: the accounts, and what the customer said. What
// only explains is left out, so that a mail log that hangs keeps nobody from signing in.
func (s *Service) grounds(ctx context.Context, c Case, a account.Address, own []IdentityProof) (diagnosis.Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, s.portalTime(ctx))
	defer cancel()
	f := diagnosis.Facts{Address: a, Now: s.Now(), OwnIdentities: identitiesOf(own)}
	err := s.askGrounds(ctx, c, &f, func([]account.Account) {})
	return f, err
}

// askGrounds asks for the grounds. It tells of the accounts at the address as soon as they are known.
func (s *Service) askGrounds(ctx context.Context, c Case, f *diagnosis.Facts, found func([]account.Account)) error {
	var asked sync.WaitGroup
	asked.Go(func() {
		f.Accounts = known(s.Portal.AccountsByEmail(ctx, f.Address))
		if f.Accounts.OK() {
			found(f.Accounts.Value)
			s.askIdentities(ctx, f)
		}
	})
	asked.Go(func() { f.Linked = s.established(ctx, f.Address) })
	var mine linkedAccounts
	asked.Go(func() { mine = s.linkedTo(ctx, f.OwnIdentities) })
	var err error
	asked.Go(func() { err = s.addSaid(ctx, c, f.Address, f) })
	asked.Wait()
	s.addOwn(f, mine)
	return err
}

// askIdentities puts the identities as they stand now in the place of the account data's copies.
func (s *Service) askIdentities(ctx context.Context, f *diagnosis.Facts) {
	if s.Identities == nil {
		return
	}
	current, complete := s.asTheyStand(ctx, f.Accounts.Value)
	f.Accounts = diagnosis.Answer(current)
	f.Identities = diagnosis.Known[struct{}]{Asked: true, Failed: !complete}
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
	if err == nil {
		found, err = s.establishedNow(ctx, a, found)
	}
	if err != nil {
		return diagnosis.NoAnswer[[]account.Account]()
	}
	return diagnosis.Answer(slices.DeleteFunc(found, func(candidate account.Account) bool {
		id := candidate.Identity
		return id == nil || !id.EmailVerified || !a.Is(id.Email) || candidate.At(a)
	}))
}

func (s *Service) resets(ctx context.Context, a account.Address) diagnosis.Known[diagnosis.Resets] {
	return known(s.MailLog.PasswordResets(ctx, a, s.Now().Add(-s.Policy.ResetWindow)))
}
