package diagnosis

import "latchkey/internal/account"

// Ready is an account that nothing is wrong with.
const Ready ID = "ready"

func ready() Situation {
	return Situation{
		ID: Ready, Order: Clear, Scope: OfAccount, Alone: true, Drawing: DrawJoined,
		Offers: []Action{SignIn},
		Proofs: []Proof{ProofMailbox},
		Find:   findReady,
	}
}

// An identity whose email the portal does not know is no reason for doubt: nothing is known to be wrong.
func findReady(_ Facts, a *account.Account) (Evidence, bool) {
	if !a.Confirmed() || !a.SignInEnabled || a.Identity == nil || otherEmail(a) {
		return Evidence{}, false
	}
	email := "same as account"
	if !sameEmail(*a) {
		email = "unknown"
	}
	return because(Ready, "confirmed_at", "set", "identity", "linked", "identity.email", email), true
}
