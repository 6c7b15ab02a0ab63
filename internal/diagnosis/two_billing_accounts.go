package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// TwoBillingAccounts is an account that is a member of one billing account and wanted by a second one. It
// can be in one at a time.
const TwoBillingAccounts ID = "two-billing-accounts"

// The variants of TwoBillingAccounts: how the second one knows the customer.
const (
	variantInvitation = "invitation"
	variantSoldTo     = account.RelationSoldTo
)

func twoBillingAccounts() Situation {
	return Situation{
		ID: TwoBillingAccounts, Order: Explains, Scope: OfAccount, Inside: true, Drawing: DrawTwoBilling,
		Variants: []string{variantInvitation, variantSoldTo},
		Offers:   []Action{SignIn},
		Proofs:   ownership(),
		Find:     findTwoBillingAccounts,
	}
}

// The second billing account is named to nobody, not even by its id (R2). An invitation that is over stands
// in nobody's way, a Bill To contact is asked to pay and not to be a member, and what belongs to another
// account of the same customer is not a second one but several-accounts.
func findTwoBillingAccounts(f Facts, a *account.Account) (Evidence, bool) {
	if len(a.BillingAccounts) == 0 {
		return Evidence{}, false
	}
	waits := func(i account.Invitation) bool {
		return i.BillingAccount != "" && pendingState(i, f.Now) == account.InvitationOpen && !memberOf(a, i.BillingAccount)
	}
	elsewhere := func(id string) bool { return !memberOf(a, id) && !memberOfOwn(f, id) }
	switch {
	case slices.ContainsFunc(invitations(f, a), waits):
		return because(TwoBillingAccounts, "memberships", "some", "elsewhere", "open invitation").as(variantInvitation), true
	case slices.ContainsFunc(soldTo(f, a), elsewhere):
		return because(TwoBillingAccounts, "memberships", "some", "elsewhere", "Sold To contact").as(variantSoldTo), true
	}
	return Evidence{}, false
}
