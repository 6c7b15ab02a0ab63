package diagnosis

import "latchkey/internal/account"

// IdentityLinkedElsewhere is found on an account with another address: the identity at the proven one, or one
// that the customer signed in to, is linked to it, and so cannot be linked to the customer's account here.
const IdentityLinkedElsewhere ID = "identity-linked-elsewhere"

func identityLinkedElsewhere() Situation {
	return Situation{
		ID: IdentityLinkedElsewhere, Order: Hinders, Scope: OfAccount, Drawing: DrawElsewhere, AsksIdentity: true,
		Offers: []Action{EmailSignInLink},
		Proofs: ownership(),
		Needs:  []Proof{ProofIdentityOwner},
		Find:   findIdentityLinkedElsewhere,
	}
}

func findIdentityLinkedElsewhere(f Facts, a *account.Account) (Evidence, bool) {
	if !linkedElsewhere(f, a) {
		return Evidence{}, false
	}
	shown := "by sign-in"
	if reads(f.Address, a.Identity) {
		shown = "by email, the proven address"
	}
	return because(IdentityLinkedElsewhere, "identity.owner", shown,
		"account.email", "another address", "accounts.address", "some"), true
}

// linkedElsewhere reports whether a is another account than the one at the address, which there is, and
// holds its identity. Ownership of the identity is what lets a be named (R2).
func linkedElsewhere(f Facts, a *account.Account) bool {
	return !a.At(f.Address) && establishes(f, a.Identity) && len(ownAccounts(f)) > 0
}
