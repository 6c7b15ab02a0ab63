package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// ResellerPurchase is an account whose purchase went through a reseller: it shows what was bought, and
// changes and invoices are the reseller's.
const ResellerPurchase ID = "reseller-purchase"

func resellerPurchase() Situation {
	return Situation{
		ID: ResellerPurchase, Order: Explains, Scope: OfAccount, Inside: true, Drawing: DrawReseller,
		Offers: []Action{SignIn},
		Proofs: slices.DeleteFunc(ownership(), func(p Proof) bool { return p == ProofInvoice }), // it is the reseller's own
		Find:   findResellerPurchase,
	}
}

func findResellerPurchase(_ Facts, a *account.Account) (Evidence, bool) {
	if a.Origin != account.OriginReseller {
		return Evidence{}, false
	}
	return because(ResellerPurchase, "origin", "reseller"), true
}
