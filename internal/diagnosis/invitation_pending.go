package diagnosis

import "latchkey/internal/account"

// InvitationPending is an invitation to a billing account that nobody has accepted.
const InvitationPending ID = "invitation-pending"

// The variants of InvitationPending.
const (
	variantOpen      = account.InvitationOpen
	variantExpired   = account.InvitationExpired
	variantNoAccount = "no-account" // invited, and no account to accept with yet
)

func invitationPending() Situation {
	return Situation{
		ID: InvitationPending, Order: Explains, Scope: OfAccount | OfAddress, Inside: true, Drawing: DrawInvited,
		Variants: []string{variantOpen, variantExpired, variantNoAccount},
		Offers:   []Action{SignIn},
		Proofs:   []Proof{ProofMailbox},
		Find:     findInvitationPending,
	}
}

// Whoever is a member already has another difficulty with an invitation: TwoBillingAccounts.
func findInvitationPending(f Facts, a *account.Account) (Evidence, bool) {
	if a != nil && len(a.BillingAccounts) > 0 {
		return Evidence{}, false
	}
	i, ok := newestPending(f, a)
	if !ok {
		return Evidence{}, false
	}
	e := because(InvitationPending, "invitation", i.State, "memberships", "none")
	e.At = i.CreatedAt
	if a == nil {
		return e.as(variantNoAccount), true
	}
	return e.as(i.State), true
}

// newestPending is the newest invitation that can still be accepted or, without one, the newest that could
// have been. Its billing account is named to nobody (R2).
func newestPending(f Facts, a *account.Account) (account.Invitation, bool) {
	var best account.Invitation
	for _, i := range invitations(f, a) {
		i.BillingAccount, i.State = "", pendingState(i, f.Now)
		better := i.CreatedAt.After(best.CreatedAt)
		if i.State != best.State {
			better = i.State == variantOpen || best.State == ""
		}
		if i.State != "" && better {
			best = i
		}
	}
	return best, best.State != ""
}
