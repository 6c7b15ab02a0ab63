package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// What is offered, by how the account is established and what is wrong with it.
func TestActions(t *testing.T) {
	tests := []struct {
		name   string
		change func(*account.Account)
		linked bool // established by the identity, not by the address
		want   []diagnosis.Action
	}{
		{"ready", func(*account.Account) {}, false, []diagnosis.Action{diagnosis.SignIn, diagnosis.HandOff}},
		{"mismatch", func(a *account.Account) { a.Identity.Email = stranger }, false, []diagnosis.Action{diagnosis.SignIn, diagnosis.EmailSignInLink, diagnosis.HandOff}},
		{"unlinked", func(a *account.Account) { a.Identity = nil }, false, []diagnosis.Action{diagnosis.SignIn, diagnosis.EmailSignInLink, diagnosis.HandOff}},
		{"unconfirmed", func(a *account.Account) { a.ConfirmedAt = time.Time{} }, false, []diagnosis.Action{diagnosis.ResendConfirmation, diagnosis.HandOff}},
		{"disabled", func(a *account.Account) { a.SignInEnabled = false }, false, []diagnosis.Action{diagnosis.HandOff}},
		{"blocked", func(a *account.Account) { a.Identity.State = account.IdentityBlocked }, false, []diagnosis.Action{diagnosis.HandOff}},
		// The proven address is the identity's: a link goes to the account's own address, and nobody is
		// signed in at once (R3).
		{"by identity", func(*account.Account) {}, true, []diagnosis.Action{diagnosis.EmailSignInLink, diagnosis.HandOff}},
		{"by identity, unconfirmed", func(a *account.Account) { a.ConfirmedAt = time.Time{} }, true, []diagnosis.Action{diagnosis.ResendConfirmation, diagnosis.HandOff}},
		{"by identity, disabled", func(a *account.Account) { a.SignInEnabled = false }, true, []diagnosis.Action{diagnosis.HandOff}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, f := sound(), facts(t)
			if tt.linked {
				a = theirs()
			}
			tt.change(&a)
			if tt.linked {
				f.Linked = diagnosis.Answer([]account.Account{a})
			} else {
				f.Accounts = diagnosis.Answer([]account.Account{a})
			}
			r := diagnosis.Diagnose(f)
			if got := r.Accounts[0].Actions(); !slices.Equal(got, tt.want) {
				t.Errorf("offers %v, want %v", got, tt.want)
			}
			for _, action := range []diagnosis.Action{diagnosis.SignIn, diagnosis.EmailSignInLink, diagnosis.ResendConfirmation, diagnosis.HandOff} {
				if got, want := r.Allows(a.ID, action), slices.Contains(tt.want, action); got != want {
					t.Errorf("allows %s: %t, want %t", action, got, want)
				}
				if action != diagnosis.HandOff && r.Allows("somebody-else's", action) {
					t.Errorf("allows %s for an account that is not in the report", action)
				}
			}
		})
	}
}

func TestGeneralActions(t *testing.T) {
	tests := []struct {
		address string
		want    []diagnosis.Action
	}{
		{"firstname_lastname@organization.com", []diagnosis.Action{diagnosis.TryAnotherAddress, diagnosis.MailOtherAddress, diagnosis.HandOff}},
		{"somebody@gmail.com", []diagnosis.Action{diagnosis.TryAnotherAddress, diagnosis.HandOff}},
	}
	for _, tt := range tests {
		f := facts(t)
		f.Address = address(t, tt.address)
		r := diagnosis.Diagnose(f)
		if got := r.General[0].Actions; !slices.Equal(got, tt.want) {
			t.Errorf("%s: offers %v, want %v", tt.address, got, tt.want)
		}
	}
}

// With an account found, or with the portal silent, the blind mail is not there; the hand-off always is.
func TestTheHandOffIsAlwaysThere(t *testing.T) {
	silent := facts(t)
	silent.Accounts = diagnosis.NoAnswer[[]account.Account]()
	for name, f := range map[string]diagnosis.Facts{"an account": facts(t, sound()), "the portal is silent": silent} {
		r := diagnosis.Diagnose(f)
		for _, found := range r.General {
			if slices.Contains(found.Actions, diagnosis.MailOtherAddress) {
				t.Errorf("%s: mail-other-address is offered", name)
			}
		}
		if !r.Allows("", diagnosis.HandOff) {
			t.Errorf("%s: the hand-off is not allowed", name)
		}
	}
}

func TestPrimary(t *testing.T) {
	unlinked := sound()
	unlinked.ID, unlinked.Identity = "9", nil
	disabled := sound()
	disabled.ID, disabled.SignInEnabled = "8", false
	silent := facts(t)
	silent.Accounts = diagnosis.NoAnswer[[]account.Account]()
	tests := []struct {
		name  string
		facts diagnosis.Facts
		want  diagnosis.Primary
		ok    bool
	}{
		{"ready", facts(t, sound()), diagnosis.Primary{"1", diagnosis.Ready, diagnosis.SignIn}, true},
		{"disabled", facts(t, disabled), diagnosis.Primary{"8", diagnosis.SignInDisabled, diagnosis.HandOff}, true},
		{"no account", facts(t), diagnosis.Primary{"", diagnosis.DifferentEmail, diagnosis.TryAnotherAddress}, true},
		{"the easier of three", facts(t, disabled, unlinked, sound()), diagnosis.Primary{"1", diagnosis.Ready, diagnosis.SignIn}, true},
		{"the easier of two", facts(t, disabled, unlinked), diagnosis.Primary{"9", diagnosis.UnlinkedLegacy, diagnosis.SignIn}, true},
		{"the portal is silent", silent, diagnosis.Primary{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := diagnosis.Diagnose(tt.facts).Primary(); got != tt.want || ok != tt.ok {
				t.Errorf("got %+v, %t; want %+v, %t", got, ok, tt.want, tt.ok)
			}
		})
	}
}

// A link that was mailed while all was well does nothing once a finding forbids it, and still works once
// the account was put right.
func TestForbids(t *testing.T) {
	unconfirmed, disabled := sound(), sound()
	unconfirmed.ConfirmedAt, disabled.SignInEnabled = time.Time{}, false
	tests := []struct {
		name    string
		account account.Account
		action  diagnosis.Action
		want    bool
	}{
		{"signing in, ready", sound(), diagnosis.EmailSignInLink, false},
		{"signing in, unconfirmed", unconfirmed, diagnosis.EmailSignInLink, true},
		{"signing in, disabled", disabled, diagnosis.EmailSignInLink, true},
		{"confirming, unconfirmed", unconfirmed, diagnosis.ResendConfirmation, false},
		{"confirming, confirmed meanwhile", sound(), diagnosis.ResendConfirmation, false},
		{"confirming, disabled", disabled, diagnosis.ResendConfirmation, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := diagnosis.Diagnose(facts(t, tt.account))
			if got := r.Forbids("1", tt.action); got != tt.want {
				t.Errorf("forbids %t, want %t", got, tt.want)
			}
			if !r.Forbids("gone", tt.action) {
				t.Error("allows a link for an account that is no longer at the address")
			}
		})
	}
}

// "Here is why you can't sign in" would be wrong above trouble that is met once signed in.
func TestInside(t *testing.T) {
	without, unlinked := sound(), sound()
	without.BillingAccounts, unlinked.BillingAccounts, unlinked.Identity = nil, nil, nil
	second := without
	second.ID = "3"
	for _, tt := range []struct {
		name  string
		facts diagnosis.Facts
		want  bool
	}{
		{"no billing account", facts(t, without), true},
		{"no billing account, and unlinked", facts(t, unlinked), false},
		{"two of that kind: which one is a question before", facts(t, without, second), false},
		{"ready", facts(t, sound()), false},
		{"no account", facts(t), false},
	} {
		if got := diagnosis.Diagnose(tt.facts).Inside(); got != tt.want {
			t.Errorf("%s: inside %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestOrderOfAccounts(t *testing.T) {
	changed := func(id string, change func(*account.Account)) account.Account {
		a := sound()
		a.ID = id
		change(&a)
		return a
	}
	mismatched := func(a *account.Account) { a.Identity = identity(stranger) }
	tests := []struct {
		name string
		own  []account.Account
		want []string
	}{
		{"newest sign-in first", []account.Account{
			changed("older", func(a *account.Account) { a.LastSignInAt = now.AddDate(-1, 0, 0) }),
			changed("newer", func(a *account.Account) { a.LastSignInAt = now.AddDate(0, -1, 0) }),
		}, []string{"newer", "older", "2"}},
		{"no difference but the id", []account.Account{
			changed("b", func(*account.Account) {}), changed("a", func(*account.Account) {}),
		}, []string{"a", "b", "2"}},
		{"of two alike, the address's own first", []account.Account{
			changed("own", func(a *account.Account) { mismatched(a); a.LastSignInAt = time.Time{} }),
		}, []string{"own", "2"}},
		{"the one to get into first, whoever's", []account.Account{
			changed("disabled", func(a *account.Account) { a.SignInEnabled = false }),
		}, []string{"2", "disabled"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t, tt.own...)
			f.Linked = diagnosis.Answer([]account.Account{theirs()})
			var got []string
			for _, a := range diagnosis.Diagnose(f).Accounts {
				got = append(got, a.Account.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("accounts come as %v, want %v", got, tt.want)
			}
		})
	}
}

// The reset went to the proven address: it says nothing of an account with another.
func TestAResetIsOfItsOwnAddress(t *testing.T) {
	f := facts(t)
	f.Linked = diagnosis.Answer([]account.Account{theirs()})
	f.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)})
	got := ids(diagnosis.Diagnose(f).Accounts[0].Findings)
	if want := []diagnosis.ID{diagnosis.LinkedEmailMismatch}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

// What support asks for where several situations were found together.
func TestAsked(t *testing.T) {
	found := func(ids ...diagnosis.ID) (all []diagnosis.Finding) {
		for _, id := range ids {
			s, _ := diagnosis.ByID(id)
			all = append(all, diagnosis.Finding{Situation: s})
		}
		return all
	}
	mailbox, owner := []diagnosis.Proof{diagnosis.ProofMailbox}, []diagnosis.Proof{diagnosis.ProofIdentityOwner}
	all := found(diagnosis.DifferentEmail)[0].Proofs
	noInvoice := found(diagnosis.ResellerPurchase)[0].Proofs
	for _, tt := range []struct {
		name         string
		ids          []diagnosis.ID
		oneOf, allOf []diagnosis.Proof
	}{
		{"nothing", nil, nil, nil},
		{"the mailbox", []diagnosis.ID{diagnosis.UnlinkedLegacy}, mailbox, nil},
		{"the mailbox twice", []diagnosis.ID{diagnosis.UnlinkedLegacy, diagnosis.ResetOnWrongSite}, mailbox, nil},
		{"the mailbox, then more", []diagnosis.ID{diagnosis.ResetOnWrongSite, diagnosis.NoBillingAccess}, all, nil},
		{"more, then the mailbox", []diagnosis.ID{diagnosis.LinkedEmailMismatch, diagnosis.ResetOnWrongSite}, all, owner},
		{"needs once", []diagnosis.ID{diagnosis.LinkedEmailMismatch, diagnosis.IdentityLinkedElsewhere}, all, owner},
		{"a reseller's", []diagnosis.ID{diagnosis.NoBillingAccess, diagnosis.ResellerPurchase}, noInvoice, nil},
		{"a reseller's, first", []diagnosis.ID{diagnosis.ResellerPurchase, diagnosis.NoBillingAccess}, noInvoice, nil},
		{"neutral", []diagnosis.ID{diagnosis.SignInDisabled}, nil, nil},
		{"neutral beside another", []diagnosis.ID{diagnosis.LinkedEmailMismatch, diagnosis.SignInDisabled}, nil, nil},
	} {
		cut := len(tt.ids) / 2 // some of the address, some of an account
		r := diagnosis.Report{General: found(tt.ids[:cut]...), Accounts: []diagnosis.AccountReport{{Findings: found(tt.ids[cut:]...)}}}
		if oneOf, allOf := r.Asked(); !slices.Equal(oneOf, tt.oneOf) || !slices.Equal(allOf, tt.allOf) {
			t.Errorf("%s: asks for one of %v and all of %v, want %v and %v", tt.name, oneOf, allOf, tt.oneOf, tt.allOf)
		}
	}
}
