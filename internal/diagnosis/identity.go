package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// own finds an identity among those that the customer signed in to.
func (f Facts) own(i *account.Identity) (account.Identity, bool) {
	n := slices.IndexFunc(f.OwnIdentities, func(mine account.Identity) bool {
		return mine.Is(i.Provider, i.Subject)
	})
	if n < 0 {
		return account.Identity{}, false
	}
	return f.OwnIdentities[n], true
}

// openedByIdentity reports whether the customer gets into the account by signing in to the customer portal with
// its identity. It has to be theirs (R2), to let them in, and to lead to no other account; and nothing that was
// found may forbid signing in (R3).
func openedByIdentity(f Facts, a account.Account, found []Finding) bool {
	forbids := func(other Finding) bool {
		return slices.Contains(other.Forbids, SignIn) || slices.Contains(other.Forbids, EmailSignInLink)
	}
	return f.Linked.OK() && establishes(f, a.Identity) && a.Identity.State != account.IdentityBlocked &&
		!finds(findIdentityLocked, f, a) && !finds(findPasswordDisabled, f, a) &&
		!slices.ContainsFunc(found, forbids) && len(linkedTo(f, *a.Identity)) == 1
}

// linkedTo are the customer's accounts that the identity is linked to.
func linkedTo(f Facts, i account.Identity) []account.Account {
	return slices.DeleteFunc(slices.Concat(ownAccounts(f), linkedAccounts(f)), func(a account.Account) bool {
		return !a.Identity.Is(i.Provider, i.Subject)
	})
}

// toLink is the identity to link an account to that is linked to none, as far as the customer has shown one: one
// that no account has before one that is taken.
func toLink(f Facts) (own *account.Identity, taken bool) {
	for _, i := range f.OwnIdentities {
		if len(linkedTo(f, i)) == 0 {
			return &i, false
		}
	}
	for _, a := range slices.Concat(ownAccounts(f), linkedAccounts(f)) {
		if establishes(f, a.Identity) {
			return visible(a, f).Identity, true
		}
	}
	return nil, false
}
