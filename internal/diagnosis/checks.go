package diagnosis

import (
	"slices"

	"latchkey/internal/account"
)

// CheckID names one check that was made or could not be made.
type CheckID string

// The checks.
const (
	CheckAddressConfirmed CheckID = "address-confirmed"
	CheckSignInEnabled    CheckID = "sign-in-enabled"
	CheckLinked           CheckID = "linked"
	CheckSameEmail        CheckID = "same-email"
	CheckIdentityOpen     CheckID = "identity-open" // not locked, and its password not switched off
	CheckBillingAccount   CheckID = "billing-account"
	CheckInvitations      CheckID = "invitations"     // none waits, and no second billing account
	CheckPortalMail       CheckID = "portal-mail"     // the portal's own mail goes to the address
	CheckResets           CheckID = "resets"          // no password reset at the wrong site
	CheckAccounts         CheckID = "accounts"        // fails only
	CheckLinkedAccounts   CheckID = "linked-accounts" // fails only
	CheckIdentity         CheckID = "identity"        // fails only
)

// CheckState is how a check came out.
type CheckState string

// How a check comes out. What is wrong is a finding and no check.
const (
	CheckRight  CheckState = "right"
	CheckFailed CheckState = "could-not-be-made"
)

// Check is one line of "what was checked".
type Check struct {
	ID    CheckID    `json:"id"`
	State CheckState `json:"state"`
}

// AllChecks lists every check in every state it can have, for tests of the texts.
func AllChecks() []Check {
	all := []Check{
		{CheckAccounts, CheckFailed},
		{CheckLinkedAccounts, CheckFailed},
		{CheckIdentity, CheckFailed},
	}
	for _, c := range lookUps() {
		all = append(all, Check{c.id, CheckRight}, Check{c.id, CheckFailed})
	}
	for _, c := range accountChecks() {
		all = append(all, Check{c.id, CheckRight})
	}
	return all
}

type accountCheck struct {
	id    CheckID
	right func(Facts, account.Account) bool
}

// accountChecks are those that a look at the account answers, in the order of the page. How an identity
// does is told to its owner alone (R2).
func accountChecks() []accountCheck {
	return []accountCheck{
		{CheckAddressConfirmed, func(_ Facts, a account.Account) bool { return a.Confirmed() }},
		{CheckSignInEnabled, func(_ Facts, a account.Account) bool { return a.SignInEnabled }},
		{CheckLinked, func(_ Facts, a account.Account) bool { return a.Identity != nil }},
		{CheckSameEmail, func(_ Facts, a account.Account) bool { return sameEmail(a) }},
		{CheckIdentityOpen, func(f Facts, a account.Account) bool {
			return establishes(f, a.Identity) && !finds(findIdentityLocked, f, a) && !finds(findPasswordDisabled, f, a) &&
				!finds(findOwnerLeft, f, a) // it is of who was there before
		}},
		{CheckBillingAccount, func(_ Facts, a account.Account) bool { return len(a.BillingAccounts) > 0 }},
	}
}

// checks lists what was right with every account, so that people trust the rest, and what could not be
// found out. Beside a neutral account nothing is said to be right: the lack of one line would tell.
func checks(f Facts, own, linked []account.Account, r Report) []Check {
	accounts := slices.Concat(own, linked)
	var all []Check
	if !slices.ContainsFunc(r.Accounts, AccountReport.Neutral) && len(accounts) > 0 {
		all = right(f, accounts)
	}
	return append(all, failed(f)...)
}

func right(f Facts, accounts []account.Account) []Check {
	var all []Check
	for _, c := range accountChecks() {
		wrong := func(a account.Account) bool { return !c.right(f, a) }
		if !slices.ContainsFunc(accounts, wrong) {
			all = append(all, Check{c.id, CheckRight})
		}
	}
	for _, c := range lookUps() {
		if c.rightWith(f, accounts) {
			all = append(all, Check{c.id, CheckRight})
		}
	}
	return all
}

func failed(f Facts) []Check {
	var all []Check
	if !f.Accounts.OK() {
		all = append(all, Check{CheckAccounts, CheckFailed})
	}
	if !f.Linked.OK() {
		all = append(all, Check{CheckLinkedAccounts, CheckFailed})
	}
	if f.Identities.Failed {
		all = append(all, Check{CheckIdentity, CheckFailed})
	}
	for _, c := range lookUps() {
		if c.failed(f) {
			all = append(all, Check{c.id, CheckFailed})
		}
	}
	return all
}
