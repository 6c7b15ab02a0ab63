package diagnosis

import (
	"strconv"

	"latchkey/internal/account"
)

// UnlinkedSales is an account made from an order's Sold To contact, and never linked.
const UnlinkedSales ID = "unlinked-sales"

func unlinkedSales() Situation {
	return Situation{
		ID: UnlinkedSales, Order: Hinders, Scope: OfAccount, Drawing: DrawMissing, AsksIdentity: true,
		Offers: []Action{SignIn, EmailSignInLink},
		Proofs: []Proof{ProofMailbox},
		Find:   findUnlinkedSales,
	}
}

func findUnlinkedSales(_ Facts, a *account.Account) (Evidence, bool) {
	if a.Identity != nil || a.Origin != account.OriginSales {
		return Evidence{}, false
	}
	applied := 0
	for _, s := range a.Subscriptions {
		if s.Applied {
			applied++
		}
	}
	return because(UnlinkedSales, "identity", "none", "origin", "sales",
		"subscriptions.applied", strconv.Itoa(applied)+" of "+strconv.Itoa(len(a.Subscriptions))), true
}
