package diagnosis

import "latchkey/internal/account"

// IdentityLocked is an identity that lets its owner in no more, for a while or for want of the second
// factor. One that somebody blocked is SignInDisabled: nothing may be said of it.
const IdentityLocked ID = "identity-locked"

// The variants of IdentityLocked.
const (
	variantLocked       = "locked"
	variantSecondFactor = "second-factor"
)

func identityLocked() Situation {
	return Situation{
		ID: IdentityLocked, Order: Hinders, Scope: OfAccount, Drawing: DrawLocked,
		Variants: []string{variantLocked, variantSecondFactor},
		Offers:   []Action{SignIn, EmailSignInLink},
		Proofs:   []Proof{ProofMailbox},
		Find:     findIdentityLocked,
	}
}

// How an identity does is told to its owner alone (R2). No system knows that a second factor was lost: the
// customer says so, and the identity has to have one.
func findIdentityLocked(f Facts, a *account.Account) (Evidence, bool) {
	switch i := a.Identity; {
	case !establishes(f, i):
		return Evidence{}, false
	case i.State == account.IdentityLocked:
		return because(IdentityLocked, "identity.state", "locked").as(variantLocked), true
	case i.TwoFactor && f.Says(SaidNoSecondFactor):
		return because(IdentityLocked, "identity.two_factor", "true", "said", string(SaidNoSecondFactor)).as(variantSecondFactor), true
	}
	return Evidence{}, false
}
