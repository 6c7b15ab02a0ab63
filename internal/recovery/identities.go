package recovery

import (
	"context"
	"errors"
	"slices"
	"sync"

	"latchkey/internal/account"
)

// Identities asks the identity provider who an identity is now. What the customer portal keeps of it is a
// copy that grows old. Both methods keep ctx's deadline; an error wraps ErrIdentities for anything but a
// usable answer, and is ErrNotFound where the provider is sure that there is none. Where no Identities are
// configured, the copy counts.
//
// PasswordEnabled of an answer is true where the provider does not say otherwise; nothing may follow from
// it alone.
type Identities interface {
	// Provider is what account data calls the identities that are known here.
	Provider() string
	// BySubject is the identity with this id as it stands now.
	BySubject(ctx context.Context, subject string) (account.Identity, error)
	// ByEmail is the identity whose current, primary and confirmed email is address: no other email of
	// an identity establishes that its owner reads this mailbox (R2).
	ByEmail(ctx context.Context, address account.Address) (account.Identity, error)
}

// ErrIdentities is wrapped by every failure of the identity provider's API.
var ErrIdentities = errors.New("identity provider: no usable answer")

// maxIdentities is how many linked identities one page asks for; nobody has that many accounts, and what
// is beyond counts as not known.
const maxIdentities = 8

// asTheyStand puts what the identity provider says of each linked identity in the place of the account
// data's copy, and reports whether it said so of every one. What it is given stays as it is.
func (s *Service) asTheyStand(ctx context.Context, given []account.Account) (accounts []account.Account, complete bool) {
	accounts = slices.Clone(given)
	said := make([]bool, len(accounts))
	var asked sync.WaitGroup
	for i := range accounts {
		id := accounts[i].Identity
		if said[i] = id == nil || id.Provider != s.Identities.Provider(); said[i] {
			continue
		}
		asked.Go(func() {
			now, ok := account.Identity{}, false
			if i < maxIdentities {
				var err error
				now, err = s.Identities.BySubject(ctx, id.Subject)
				ok = err == nil
			}
			accounts[i].Identity, said[i] = merged(*id, now, ok), ok
		})
	}
	asked.Wait()
	return accounts, !slices.Contains(said, false)
}

// merged is an identity as its provider says, or, where the provider said nothing, what the copy still
// proves: that it is linked, and that it was blocked by somebody, which forbids and promises nothing. The
// copy's email may be an old one and a lock may be over, and neither may become a finding. Whether it has
// a password only the copy knows.
func merged(old, now account.Identity, said bool) *account.Identity {
	if said {
		now.PasswordEnabled = old.PasswordEnabled
		return &now
	}
	old.Email, old.EmailVerified = "", false
	if old.State == account.IdentityLocked {
		old.State = account.IdentityActive
	}
	return &old
}

// establishedNow drops the copies of identities whose provider can be asked, and adds the accounts linked
// to the one identity that it names for the address: of these identities its word alone establishes.
func (s *Service) establishedNow(ctx context.Context, a account.Address, copies []account.Account) ([]account.Account, error) {
	if s.Identities == nil {
		return copies, nil
	}
	theirs := func(c account.Account) bool {
		return c.Identity != nil && c.Identity.Provider == s.Identities.Provider()
	}
	others := slices.DeleteFunc(slices.Clone(copies), theirs)
	now, err := s.Identities.ByEmail(ctx, a)
	if errors.Is(err, ErrNotFound) {
		return others, nil
	}
	if err != nil {
		return nil, err
	}
	linked, err := s.Portal.AccountsByIdentitySubject(ctx, now.Subject)
	if err != nil {
		return nil, err
	}
	for _, l := range linked {
		if l.Identity.Is(s.Identities.Provider(), now.Subject) {
			l.Identity = merged(*l.Identity, now, true)
			others = append(others, l)
		}
	}
	return others, nil
}
