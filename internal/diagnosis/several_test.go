package diagnosis_test

import (
	"slices"
	"testing"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

func TestWhichAccountsAreSeveral(t *testing.T) {
	second := sound()
	second.ID = "3"
	off, offToo := sound(), second
	off.SignInEnabled, offToo.SignInEnabled = false, false
	none := diagnosis.Answer[[]account.Account](nil)
	one := func(a ...account.Account) diagnosis.Known[[]account.Account] { return diagnosis.Answer(a) }
	for _, tt := range []struct {
		name             string
		accounts, linked diagnosis.Known[[]account.Account]
		want             bool
	}{
		{"one", one(sound()), none, false},
		{"two at the address", one(sound(), second), none, true},
		{"one at the address, one by the identity", one(sound()), one(theirs()), true},
		{"two by the identity", none, one(theirs(), func() account.Account { a := theirs(); a.ID = "4"; return a }()), true},
		{"the same one twice", one(sound(), sound()), none, false},
		{"one with a similar address", one(sound(), theirs()), none, false},
		{"one and another's", one(sound()), one(func() account.Account { a := theirs(); a.Identity.EmailVerified = false; return a }()), false},
		{"a second that is off", one(sound(), offToo), none, true},
		{"nothing may be said of either", one(off, offToo), none, false},
		{"the second look-up failed", one(sound()), diagnosis.NoAnswer[[]account.Account](), false},
		{"the first look-up failed", diagnosis.NoAnswer[[]account.Account](), one(theirs()), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t)
			f.Accounts, f.Linked = tt.accounts, tt.linked
			got := slices.Equal(ids(diagnosis.Diagnose(f).General), []diagnosis.ID{diagnosis.SeveralAccounts})
			if got != tt.want {
				t.Errorf("several accounts: %t, want %t", got, tt.want)
			}
		})
	}
}

func TestWhereTheIdentityIsLinked(t *testing.T) {
	mismatched, unverified := sound(), theirs()
	mismatched.Identity = identity(stranger)
	unverified.Identity.EmailVerified = false
	none := diagnosis.Answer[[]account.Account](nil)
	for _, tt := range []struct {
		name     string
		accounts diagnosis.Known[[]account.Account]
		linked   account.Account
		want     []diagnosis.ID // on the account of the identity; nil if it is not shown
	}{
		{"an account here, the identity's elsewhere", diagnosis.Answer([]account.Account{mismatched}), theirs(), []diagnosis.ID{diagnosis.IdentityLinkedElsewhere}},
		{"no account here", none, theirs(), []diagnosis.ID{diagnosis.LinkedEmailMismatch}},
		{"whether there is one here is not known", diagnosis.NoAnswer[[]account.Account](), theirs(), []diagnosis.ID{diagnosis.LinkedEmailMismatch}},
		{"the identity is not established", diagnosis.Answer([]account.Account{mismatched}), unverified, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t)
			f.Accounts, f.Linked = tt.accounts, diagnosis.Answer([]account.Account{tt.linked})
			var got []diagnosis.ID
			for _, a := range diagnosis.Diagnose(f).Accounts {
				if a.Ownership == diagnosis.ByIdentity {
					got = ids(a.Findings)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v", got, tt.want)
			}
		})
	}
}
