package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// signedIn are facts of a customer who signed in to the identity with subject 77.
func signedIn(t *testing.T, email string, accounts ...account.Account) diagnosis.Facts {
	t.Helper()
	f := facts(t, accounts...)
	f.OwnIdentities = []account.Identity{{Provider: "gitlab", Subject: "77", Email: email, EmailVerified: email != ""}}
	return f
}

// The easy way in is told where the identity is the customer's and lets them in, and nowhere else.
func TestWhichAccountItsIdentityOpens(t *testing.T) {
	linked := func(changes ...func(*account.Account)) diagnosis.Facts {
		a := theirs()
		for _, change := range changes {
			change(&a)
		}
		f := facts(t)
		f.Linked = diagnosis.Answer([]account.Account{a})
		return f
	}
	foreign := sound()
	foreign.Identity = identity(stranger)
	ready := theirs()
	ready.Identity = identity(ready.Email)
	byOpenID := signedIn(t, ready.Email)
	byOpenID.Linked = diagnosis.Answer([]account.Account{ready})
	locked := func(a *account.Account) { a.Identity.State = account.IdentityLocked }
	without := linked(func(a *account.Account) { a.Identity.TwoFactor = true })
	without.Said = []diagnosis.Symptom{diagnosis.SaidNoSecondFactor}
	twice := linked()
	again := theirs()
	again.ID, again.Email = "4", "older@company.example"
	twice.Linked = diagnosis.Answer([]account.Account{theirs(), again})
	unsure := facts(t, sound())
	unsure.Linked = diagnosis.NoAnswer[[]account.Account]()
	elsewhere := linked()
	elsewhere.Accounts = diagnosis.Answer([]account.Account{unlinked()})
	for _, tt := range []struct {
		name  string
		facts diagnosis.Facts
		want  []bool
		open  bool
	}{
		{"the identity's email is the proven one", linked(), []bool{true}, true},
		{"signed in to it", byOpenID, []bool{true}, true},
		{"at the proven address, of a foreign identity", facts(t, foreign), []bool{false}, false},
		{"the same, signed in to it", signedIn(t, stranger, foreign), []bool{true}, true},
		{"at the proven address, nothing wrong", facts(t, sound()), []bool{true}, true},
		{"whether it opens another one is not known", unsure, []bool{false}, true},
		{"beside one at the address that is linked to none", elsewhere, []bool{false, true}, true},
		{"locked", linked(locked), []bool{false}, false},
		{"blocked", linked(func(a *account.Account) { a.Identity.State = account.IdentityBlocked }), []bool{false}, false},
		{"its second factor is lost", without, []bool{false}, false},
		{"its password is switched off", linked(func(a *account.Account) { a.Identity.PasswordEnabled = false }), []bool{false}, false},
		{"the account may not be signed in to", linked(func(a *account.Account) { a.SignInEnabled = false }), []bool{false}, false},
		{"the account is not confirmed", linked(func(a *account.Account) { a.ConfirmedAt = time.Time{} }), []bool{false}, false},
		{"the identity is linked to two accounts", twice, []bool{false, false}, false},
		{"linked to none", facts(t, unlinked()), []bool{false}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := diagnosis.Diagnose(tt.facts)
			var got []bool
			for _, a := range r.Accounts {
				got = append(got, a.OpenedByIdentity)
			}
			if !slices.Equal(got, tt.want) || r.Open() != tt.open {
				t.Errorf("opened by their identity: %v, and the usual way is open: %t; want %v and %t", got, r.Open(), tt.want, tt.open)
			}
		})
	}
}

// What only seemed to keep somebody out is still explained as that, whatever their identity opens.
func TestAResetStaysTheReason(t *testing.T) {
	f := facts(t, sound())
	f.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)})
	if r := diagnosis.Diagnose(f); !r.Accounts[0].OpenedByIdentity || r.Open() {
		t.Errorf("opened by the identity: %t, open: %t; want true and false", r.Accounts[0].OpenedByIdentity, r.Open())
	}
}

func unlinked() account.Account {
	a := sound()
	a.ID, a.Identity, a.Origin = "5", nil, account.OriginLegacy
	return a
}

// An account that is linked to nothing is told which identity it could be linked to, and whether it can.
func TestWhichIdentityThereIsToLink(t *testing.T) {
	const mine = "ada.at.gitlab@elsewhere.example"
	elsewhere, unverified := theirs(), theirs()
	unverified.Identity.EmailVerified = false
	foreign := sound()
	foreign.Identity = identity(stranger)
	foreign.Identity.Subject = "78"
	byEmail, notTheirs, taken, unsure := facts(t, unlinked()), facts(t, unlinked()), signedIn(t, mine, unlinked()), signedIn(t, mine, unlinked())
	byEmail.Linked = diagnosis.Answer([]account.Account{elsewhere})
	notTheirs.Linked = diagnosis.Answer([]account.Account{unverified})
	older := theirs()
	older.Identity.Email = stranger // as the account data has it
	taken.Linked = diagnosis.Answer([]account.Account{older})
	unsure.Linked = diagnosis.NoAnswer[[]account.Account]()
	namesake := signedIn(t, mine, unlinked()) // of the number at another provider
	other := theirs()
	other.Identity.Provider = "another"
	namesake.Linked = diagnosis.Answer([]account.Account{other})
	both := signedIn(t, mine, unlinked())
	both.OwnIdentities[0].Subject = "79"
	both.Linked = diagnosis.Answer([]account.Account{elsewhere})
	for _, tt := range []struct {
		name  string
		facts diagnosis.Facts
		want  string // its email; "-" for none
		taken bool
	}{
		{"none is known", facts(t, unlinked()), "-", false},
		{"signed in to one that is free", signedIn(t, mine, unlinked()), mine, false},
		{"signed in to one without a verified email", signedIn(t, "", unlinked()), "", false},
		{"signed in to one that is linked elsewhere", taken, mine, true},
		{"one with the proven email is linked elsewhere", byEmail, proven, true},
		{"it is linked to another account at the address", facts(t, unlinked(), sound()), proven, true},
		{"its email is not verified", notTheirs, "-", false},
		{"another account has a foreign one", facts(t, unlinked(), foreign), "-", false},
		{"one is taken and one is free", both, mine, false},
		{"its number at another provider is taken", namesake, mine, false},
		{"whether it is free is not known", unsure, mine, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, a := range diagnosis.Diagnose(tt.facts).Accounts {
				got := "-"
				if a.Own != nil {
					got = a.Own.Email
				}
				if a.Account.ID != "5" {
					if a.Own != nil || a.Taken {
						t.Errorf("account %s is linked, and has %q to link", a.Account.ID, got)
					}
					continue
				}
				if got != tt.want || a.Taken != tt.taken {
					t.Errorf("to link there is %q, taken: %t; want %q, %t", got, a.Taken, tt.want, tt.taken)
				}
				if knows := a.KnowsIdentity(); knows != (tt.want != "-") {
					t.Errorf("an identity is known: %t", knows)
				}
			}
		})
	}
}

// An identity is known where it is the customer's: not because one is linked, nor where nothing may be said.
func TestWhoseIdentityIsKnown(t *testing.T) {
	foreign, off := sound(), sound()
	foreign.Identity, off.SignInEnabled = identity(stranger), false
	for name, tt := range map[string]struct {
		a    account.Account
		want bool
	}{"their own": {sound(), true}, "a foreign one": {foreign, false}, "neutral": {off, false}} {
		if got := diagnosis.Diagnose(facts(t, tt.a)).Accounts[0].KnowsIdentity(); got != tt.want {
			t.Errorf("%s: known %t, want %t", name, got, tt.want)
		}
	}
}

// Support asks for what was not shown yet: the mailbox that is enough is the account's own, and whoever has shown that
// the linked identity is theirs is not asked whether its owner agrees.
func TestSupportAsksForWhatWasNotShown(t *testing.T) {
	const mine = "ada.at.gitlab@elsewhere.example"
	locked := theirs()
	locked.Identity.State = account.IdentityLocked
	byIdentity := facts(t)
	byIdentity.Linked = diagnosis.Answer([]account.Account{locked})
	atAddress := sound()
	atAddress.Identity.State = account.IdentityLocked
	mismatched := sound()
	mismatched.Identity.Email = mine
	for name, tt := range map[string]struct {
		facts     diagnosis.Facts
		situation diagnosis.ID
		mailbox   bool
		needs     []diagnosis.Proof
	}{
		"at the address":                    {facts(t, atAddress), diagnosis.IdentityLocked, true, nil},
		"by the identity":                   {byIdentity, diagnosis.IdentityLocked, false, nil},
		"whose identity it is is not known": {facts(t, mismatched), diagnosis.LinkedEmailMismatch, false, []diagnosis.Proof{diagnosis.ProofIdentityOwner}},
		"signed in to the identity":         {signedIn(t, mine, mismatched), diagnosis.LinkedEmailMismatch, false, nil},
	} {
		found := false
		for _, a := range diagnosis.Diagnose(tt.facts).Accounts {
			for _, f := range a.Findings {
				if f.ID != tt.situation {
					continue
				}
				found = true
				if enough := slices.Equal(f.Proofs, []diagnosis.Proof{diagnosis.ProofMailbox}); enough != tt.mailbox || len(f.Proofs) == 0 || !slices.Equal(f.Needs, tt.needs) {
					t.Errorf("%s: one of %v, and %v", name, f.Proofs, f.Needs)
				}
			}
		}
		if !found {
			t.Errorf("%s: no %s", name, tt.situation)
		}
	}
}
