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
	CheckBillingAccount   CheckID = "billing-account"
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
	ID    CheckID
	State CheckState
}

// AllChecks lists every check in every state it can have, for tests of the texts.
func AllChecks() []Check {
	all := []Check{
		{CheckResets, CheckRight},
		{CheckResets, CheckFailed},
		{CheckAccounts, CheckFailed},
		{CheckLinkedAccounts, CheckFailed},
		{CheckIdentity, CheckFailed},
	}
	for _, c := range accountChecks() {
		all = append(all, Check{c.id, CheckRight})
	}
	return all
}

type accountCheck struct {
	id    CheckID
	right func(account.Account) bool
}

// accountChecks are those that a look at the account answers, in the order of the page.
func accountChecks() []accountCheck {
	return []accountCheck{
		{CheckAddressConfirmed, account.Account.Confirmed},
		{CheckSignInEnabled, func(a account.Account) bool { return a.SignInEnabled }},
		{CheckLinked, func(a account.Account) bool { return a.Identity != nil }},
		{CheckSameEmail, sameEmail},
		{CheckBillingAccount, func(a account.Account) bool { return len(a.BillingAccounts) > 0 }},
	}
}

// checks lists what was right with every account, so that people trust the rest, and what could not be
// found out. Beside a neutral account nothing is said to be right: the lack of one line would tell.
func checks(f Facts, own, linked []account.Account, r Report) []Check {
	accounts := slices.Concat(own, linked)
	var all []Check
	if !slices.ContainsFunc(r.Accounts, AccountReport.Neutral) && len(accounts) > 0 {
		all = rightWith(accounts)
		if f.Resets.OK() && !resetElsewhere(f) {
			all = append(all, Check{CheckResets, CheckRight})
		}
	}
	if !f.Accounts.OK() {
		all = append(all, Check{CheckAccounts, CheckFailed})
	}
	if !f.Linked.OK() {
		all = append(all, Check{CheckLinkedAccounts, CheckFailed})
	}
	if f.Identities.Failed {
		all = append(all, Check{CheckIdentity, CheckFailed})
	}
	if f.Resets.Failed {
		all = append(all, Check{CheckResets, CheckFailed})
	}
	return all
}

func rightWith(accounts []account.Account) []Check {
	var right []Check
	for _, c := range accountChecks() {
		wrong := func(a account.Account) bool { return !c.right(a) }
		if !slices.ContainsFunc(accounts, wrong) {
			right = append(right, Check{c.id, CheckRight})
		}
	}
	return right
}
