package diagnosis

import (
	"slices"
	"time"

	"latchkey/internal/account"
)

// invitationLife is how long an invitation to a billing account can be accepted.
const invitationLife = 7 * 24 * time.Hour

// invitations are those of the account, and where it is at the address, or there is none, those that the
// address itself was found by.
func invitations(f Facts, a *account.Account) []account.Invitation {
	var all []account.Invitation
	if a != nil {
		all = slices.Clone(a.Invitations)
	}
	if !f.Invitations.OK() || a != nil && !a.At(f.Address) {
		return all
	}
	for _, r := range f.Invitations.Value {
		all = append(all, account.Invitation{BillingAccount: r.ID, State: r.InvitationState, CreatedAt: r.CreatedAt})
	}
	return all
}

// pendingState is how an invitation that was not accepted stands at now; "" for any other. Its age counts
// as well as what the portal calls it.
func pendingState(i account.Invitation, now time.Time) string {
	switch i.State {
	case account.InvitationOpen:
		if !i.CreatedAt.IsZero() && now.Sub(i.CreatedAt) > invitationLife {
			return account.InvitationExpired
		}
		return account.InvitationOpen
	case account.InvitationExpired:
		return account.InvitationExpired
	}
	return ""
}

// memberOf reports whether the account is a member of the billing account.
func memberOf(a *account.Account, id string) bool {
	return slices.ContainsFunc(a.BillingAccounts, func(m account.Membership) bool { return m.ID == id })
}

// memberOfOwn reports whether any account at the proven address is a member of the billing account.
func memberOfOwn(f Facts, id string) bool {
	return slices.ContainsFunc(ownAccounts(f), func(own account.Account) bool { return memberOf(&own, id) })
}

// soldTo are the billing accounts of which the account's address is the Sold To contact, as far as that is
// known: it was asked for the proven address alone.
func soldTo(f Facts, a *account.Account) []string {
	if !f.Contacts.OK() || !a.At(f.Address) {
		return nil
	}
	var ids []string
	for _, r := range f.Contacts.Value {
		if r.Relation == account.RelationSoldTo {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
