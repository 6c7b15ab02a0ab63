package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// NoBillingAccess is an account that is no member of any billing account: signing in works, and there is
// nothing to see.
const NoBillingAccess ID = "no-billing-access"

func noBillingAccess() Situation {
	return Situation{
		ID: NoBillingAccess, Order: Explains, Scope: OfAccount, Inside: true, Drawing: DrawNoBilling, AsksIdentity: true,
		// What was bought may be in an account at another address. Signing in leads to the complaint itself.
		Offers: []Action{TryAnotherAddress, SignIn},
		Proofs: ownership(),
		Find:   findNoBillingAccess,
	}
}

// An account that is not confirmed has not got that far yet, and one that was invited has the invitation
// to accept. A contact is no member: a Bill To contact has no access by that alone.
func findNoBillingAccess(f Facts, a *account.Account) (Evidence, bool) {
	if !a.Confirmed() || len(a.BillingAccounts) > 0 {
		return Evidence{}, false
	}
	if _, invited := newestPending(f, a); invited {
		return Evidence{}, false
	}
	return because(NoBillingAccess, "memberships", "none", "contact", contact(f, a)), true
}

// contact is how the account's address relates to billing accounts, for support.
func contact(f Facts, a *account.Account) string {
	if !f.Contacts.OK() || !a.At(f.Address) {
		return "not known"
	}
	for _, relation := range []string{account.RelationSoldTo, account.RelationBillTo} {
		is := func(r account.BillingRelation) bool { return r.Relation == relation }
		if slices.ContainsFunc(f.Contacts.Value, is) {
			return relation
		}
	}
	return "none"
}
