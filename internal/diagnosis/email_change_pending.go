package diagnosis

import (
	"strings"

	"latchkey/internal/account"
)

// EmailChangePending is an account whose new address was typed and never confirmed: the old one still holds.
const EmailChangePending ID = "email-change-pending"

// The variants of EmailChangePending: which mailbox the confirmation went to.
const (
	variantHere  = "here"  // the proven one
	variantOther = "other" // another, which is not shown (R2)
)

func emailChangePending() Situation {
	return Situation{
		ID: EmailChangePending, Order: Explains, Scope: OfAccount, Drawing: DrawChange,
		Variants: []string{variantHere, variantOther},
		Offers:   []Action{SignIn},
		Proofs:   []Proof{ProofMailbox},
		Find:     findEmailChangePending,
	}
}

// A "new" address that is the account's own, written differently, changes nothing.
func findEmailChangePending(f Facts, a *account.Account) (Evidence, bool) {
	pending := strings.TrimSpace(a.UnconfirmedEmail)
	next, err := account.ParseAddress(pending)
	switch {
	case pending == "" || err == nil && a.At(next):
		return Evidence{}, false
	case f.Address.Is(pending):
		return because(EmailChangePending, "unconfirmed_email", "the proven address").as(variantHere), true
	}
	return because(EmailChangePending, "unconfirmed_email", "another address").as(variantOther), true
}
