package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// DifferentEmail is an address without an account: the customer's is under another one, or there is none.
const DifferentEmail ID = "different-email"

func differentEmail() Situation {
	return Situation{
		ID: DifferentEmail, Order: Bars, Scope: OfAddress, Drawing: DrawNoAccount, AsksIdentity: true,
		Offers: []Action{TryAnotherAddress, MailOtherAddress},
		Proofs: ownership(),
		Find:   findDifferentEmail,
	}
}

// The mail to the other address is left out at free-mail services, where a similar address is a
// stranger's; that follows from the proven address alone (R2).
func findDifferentEmail(f Facts, _ *account.Account) (Evidence, bool) {
	domain := "company"
	if f.Address.FreeMail() {
		domain = "free mail"
	}
	return because(DifferentEmail, "accounts", "none", "linked_accounts", "none", "domain", domain), true
}

// MailsOther reports whether the situation lets who has proven an address have the other address mailed
// blindly. It follows from the two alone (R2), and is the one place that says so.
func (s Situation) MailsOther(proven account.Address) bool {
	return slices.Contains(s.Offers, MailOtherAddress) && !proven.FreeMail()
}
