package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// OwnerLeft is an account whose person has gone; whoever reads its mailbox now takes it over.
const OwnerLeft ID = "owner-left"

// The variants of OwnerLeft: whether the identity of who left is still linked.
const (
	variantLinked   = "linked"
	variantUnlinked = "unlinked"
)

func ownerLeft() Situation {
	return Situation{
		ID: OwnerLeft, Order: Hinders, Scope: OfAccount, Drawing: DrawLeft, AsksIdentity: true,
		Variants: []string{variantLinked, variantUnlinked},
		Drawings: map[string]Drawing{variantUnlinked: DrawMissing},
		Offers:   []Action{SignIn, EmailSignInLink},
		Proofs:   ownership(),
		Find:     findOwnerLeft,
	}
}

// The customer says so; or the vendor has noted it with a membership.
func findOwnerLeft(f Facts, a *account.Account) (Evidence, bool) {
	variant := variantLinked
	if a.Identity == nil {
		variant = variantUnlinked
	}
	former := func(m account.Membership) bool { return m.Role == account.RoleFormerOwner }
	switch {
	case !a.At(f.Address):
		return Evidence{}, false
	case f.Says(SaidOwnerLeft):
		return because(OwnerLeft, "said", string(SaidOwnerLeft)).as(variant), true
	case slices.ContainsFunc(a.BillingAccounts, former):
		return because(OwnerLeft, "membership.role", string(account.RoleFormerOwner)).as(variant), true
	}
	return Evidence{}, false
}
