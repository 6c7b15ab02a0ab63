package diagnosis

import "latchkey/internal/account"

// LinkedEmailMismatch is an account linked to an identity with another email.
const LinkedEmailMismatch ID = "linked-email-mismatch"

func linkedEmailMismatch() Situation {
	return Situation{
		ID: LinkedEmailMismatch, Order: Hinders, Scope: OfAccount, Drawing: DrawOther, AsksIdentity: true,
		Offers: []Action{SignIn, EmailSignInLink},
		Proofs: ownership(),
		Needs:  []Proof{ProofIdentityOwner},
		Find:   findLinkedEmailMismatch,
	}
}

// Seen from the identity, by a customer who has an account at the address too, it is a situation of its own.
func findLinkedEmailMismatch(f Facts, a *account.Account) (Evidence, bool) {
	if !otherEmail(a) || linkedElsewhere(f, a) {
		return Evidence{}, false
	}
	verified := "false"
	if a.Identity.EmailVerified {
		verified = "true"
	}
	return because(LinkedEmailMismatch, "identity", "linked", "identity.email", "differs from account",
		"identity.email_verified", verified), true
}

// otherEmail reports whether the linked identity is known to have another email. One that is empty or
// cannot be read as an address is not known, and no mismatch.
func otherEmail(a *account.Account) bool {
	if a.Identity == nil {
		return false
	}
	theirs, err := account.ParseAddress(a.Identity.Email)
	return err == nil && !a.At(theirs)
}

// sameEmail reports whether the linked identity is known to have the account's email.
func sameEmail(a account.Account) bool {
	if a.Identity == nil {
		return false
	}
	theirs, err := account.ParseAddress(a.Identity.Email)
	return err == nil && a.At(theirs)
}
