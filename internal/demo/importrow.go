package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"latchkey/internal/account"
)

// check notes what is wrong between the row's values.
func (r *row) check(faults *faultList) {
	wrong := func(format string, args ...any) { faults.add(r.line, format, args...) }
	if r.account.Email == "" {
		wrong("email is empty")
	}
	if _, err := strconv.ParseUint(r.identity.Subject, 10, 63); r.identity.Subject == "" && r.set[ofIdentity] {
		wrong("there is something of an identity, and no identity_subject")
	} else if err != nil && r.identity.Subject != "" && r.identity.Provider == "gitlab" {
		wrong("identity_subject%s is no number, as GitLab's ids are", quoted(r.identity.Subject))
	}
	if r.membership.ID == "" && r.set[ofBilling] {
		wrong("there is something of a billing account, and no billing_account_id")
	}
	if r.subscription.Applied && r.subscription.Name == "" {
		wrong("applied is true, and there is no subscription")
	}
	if r.invitation.BillingAccount == "" && r.set[ofInvitation] {
		wrong("there is something of an invitation, and no invitation_billing_account_id")
	}
}

// whole is the row's account with all that belongs to it, loaded at now.
func (r *row) whole(now time.Time) account.Account {
	a := r.account
	for _, otherwise := range []time.Time{a.ConfirmedAt, now} {
		if a.CreatedAt.IsZero() {
			a.CreatedAt = otherwise
		}
	}
	if a.ID == "" {
		sum := sha256.Sum256([]byte(canonical(a.Email)))
		a.ID = "csv-" + hex.EncodeToString(sum[:8])
	}
	if r.identity.Subject != "" {
		identity := r.identity
		a.Identity = &identity
	}
	if r.membership.ID != "" {
		a.BillingAccounts = []account.Membership{r.membership}
	}
	if r.subscription.Name != "" {
		a.Subscriptions = []account.Subscription{r.subscription}
	}
	if r.invitation.BillingAccount != "" {
		if r.invitation.CreatedAt.IsZero() {
			r.invitation.CreatedAt = now
		}
		a.Invitations = []account.Invitation{r.invitation}
	}
	return a
}
