package diagnosis

import "latchkey/internal/account"

// PasswordDisabled is an identity that belongs to a company which lets it have no password: without the
// company's own way in, its owner can neither sign in there nor reset anything.
const PasswordDisabled ID = "password-disabled"

func passwordDisabled() Situation {
	return Situation{
		ID: PasswordDisabled, Order: Hinders, Scope: OfAccount, Drawing: DrawNoPassword,
		Offers: []Action{SignIn, EmailSignInLink},
		Proofs: []Proof{ProofMailbox},
		Find:   findPasswordDisabled,
	}
}

// How an identity does is told to its owner alone (R2).
func findPasswordDisabled(f Facts, a *account.Account) (Evidence, bool) {
	if !establishes(f, a.Identity) || a.Identity.PasswordEnabled {
		return Evidence{}, false
	}
	return because(PasswordDisabled, "identity", "linked", "identity.password_enabled", "false"), true
}
