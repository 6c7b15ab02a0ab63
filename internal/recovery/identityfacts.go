package recovery

import (
	"context"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// ownIdentities are those that this browser's customer has signed in to, as far as that holds now; none
// where that is not offered any more.
func (s *Service) ownIdentities(ctx context.Context, v *Visitor) ([]IdentityProof, error) {
	if s.IdentityProvider == nil || !v.Session.Stored() {
		return nil, nil
	}
	proofs, err := s.Store.IdentityProofs(ctx, v.Session.Lineage, s.Now())
	return slices.DeleteFunc(proofs, func(p IdentityProof) bool {
		return !p.valid(s.Now(), s.Policy.ProofIdle)
	}), err
}

func identitiesOf(proofs []IdentityProof) []account.Identity {
	var own []account.Identity
	for _, p := range proofs {
		own = append(own, account.Identity{
			Provider: p.Provider, Subject: p.Subject, Email: p.Email, EmailVerified: p.Email != "",
		})
	}
	return own
}

// linkedAccounts are the accounts linked to the customer's own identities.
type linkedAccounts struct {
	accounts []account.Account
	failed   bool // they could not all be asked for
	complete bool // the identity provider said how each identity does, where it is asked
}

// linkedTo asks for them. An account counts whose identity is the very one: by provider and subject.
func (s *Service) linkedTo(ctx context.Context, own []account.Identity) linkedAccounts {
	l := linkedAccounts{complete: true}
	for _, i := range own {
		found, err := s.Portal.AccountsByIdentitySubject(ctx, i.Subject)
		l.failed = l.failed || err != nil
		for _, a := range found {
			if a.Identity.Is(i.Provider, i.Subject) {
				l.accounts = append(l.accounts, a)
			}
		}
	}
	if s.Identities != nil {
		l.accounts, l.complete = s.asTheyStand(ctx, l.accounts)
	}
	return l
}

// addOwn adds what the customer's own identities lead to. Where one of the look-ups failed, the lack of an
// account means nothing.
func (s *Service) addOwn(f *diagnosis.Facts, l linkedAccounts) {
	if len(f.OwnIdentities) == 0 {
		return
	}
	switch {
	case l.failed:
		f.Linked = diagnosis.NoAnswer[[]account.Account]()
	case f.Linked.OK():
		f.Linked = diagnosis.Answer(s.withOwnEmail(slices.Concat(f.Linked.Value, l.accounts), f.OwnIdentities))
	}
	if f.Accounts.OK() {
		f.Accounts = diagnosis.Answer(s.withOwnEmail(f.Accounts.Value, f.OwnIdentities))
	}
	f.Identities.Failed = f.Identities.Failed || !l.complete
}

// withOwnEmail puts the email that an identity's provider told at the sign-in in the place of the account
// data's copy. Where the provider was asked just now, its answer stays.
func (s *Service) withOwnEmail(given []account.Account, own []account.Identity) []account.Account {
	accounts := slices.Clone(given)
	for n, a := range accounts {
		for _, i := range own {
			if !a.Identity.Is(i.Provider, i.Subject) || !i.EmailVerified || s.saidNow(*a.Identity) {
				continue
			}
			told := *a.Identity
			told.Email, told.EmailVerified = i.Email, true
			accounts[n].Identity = &told
		}
	}
	return accounts
}

// saidNow reports whether the identity's email is the provider's word of this moment; see merged.
func (s *Service) saidNow(i account.Identity) bool {
	return s.Identities != nil && i.Provider == s.Identities.Provider() && i.Email != ""
}
