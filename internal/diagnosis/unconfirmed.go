package diagnosis

import "latchkey/internal/account"

// Unconfirmed is an account whose address was never confirmed.
const Unconfirmed ID = "unconfirmed"

func unconfirmed() Situation {
	return Situation{
		ID: Unconfirmed, Order: Bars, Scope: OfAccount, Drawing: DrawUnconfirmed,
		Offers:  []Action{ResendConfirmation},
		Forbids: []Action{SignIn, EmailSignInLink},
		Proofs:  []Proof{ProofMailbox},
		Find:    findUnconfirmed,
	}
}

func findUnconfirmed(_ Facts, a *account.Account) (Evidence, bool) {
	if a.Confirmed() {
		return Evidence{}, false
	}
	return because(Unconfirmed, "confirmed_at", "empty"), true
}
