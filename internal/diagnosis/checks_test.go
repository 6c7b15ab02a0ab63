package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

func TestChecks(t *testing.T) {
	all := []diagnosis.CheckID{
		diagnosis.CheckAddressConfirmed, diagnosis.CheckSignInEnabled, diagnosis.CheckLinked,
		diagnosis.CheckSameEmail, diagnosis.CheckIdentityOpen, diagnosis.CheckBillingAccount,
		diagnosis.CheckInvitations, diagnosis.CheckPortalMail, diagnosis.CheckResets,
	}
	without := func(ids ...diagnosis.CheckID) []diagnosis.CheckID {
		return slices.DeleteFunc(slices.Clone(all), func(id diagnosis.CheckID) bool { return slices.Contains(ids, id) })
	}
	changed := func(change func(*account.Account)) diagnosis.Facts {
		a := sound()
		change(&a)
		return facts(t, a)
	}
	asking := func(change func(*diagnosis.Facts)) diagnosis.Facts {
		f := facts(t, sound())
		change(&f)
		return f
	}
	tests := []struct {
		name          string
		facts         diagnosis.Facts
		right, failed []diagnosis.CheckID
	}{
		{"ready", facts(t, sound()), all, nil},
		{"unconfirmed", changed(func(a *account.Account) { a.ConfirmedAt = time.Time{} }), without(diagnosis.CheckAddressConfirmed), nil},
		{"unlinked", changed(func(a *account.Account) { a.Identity = nil }), without(diagnosis.CheckLinked, diagnosis.CheckSameEmail, diagnosis.CheckIdentityOpen), nil},
		{"another email", changed(func(a *account.Account) { a.Identity.Email = stranger }), without(diagnosis.CheckSameEmail, diagnosis.CheckIdentityOpen), nil},
		{"email not known", changed(func(a *account.Account) { a.Identity.Email = "" }), without(diagnosis.CheckSameEmail, diagnosis.CheckIdentityOpen), nil},
		{"no billing account", changed(func(a *account.Account) { a.BillingAccounts = nil }), without(diagnosis.CheckBillingAccount), nil},
		{"locked", changed(func(a *account.Account) { a.Identity.State = account.IdentityLocked }), without(diagnosis.CheckIdentityOpen), nil},
		{"no password", changed(func(a *account.Account) { a.Identity.PasswordEnabled = false }), without(diagnosis.CheckIdentityOpen), nil},
		{"the identity is of who was there before", asking(func(f *diagnosis.Facts) {
			f.Said = []diagnosis.Symptom{diagnosis.SaidOwnerLeft}
		}), without(diagnosis.CheckIdentityOpen), nil},
		{"how a stranger's identity does is not said", changed(func(a *account.Account) {
			a.Identity = identity(stranger)
			a.Identity.State = account.IdentityLocked
		}), without(diagnosis.CheckSameEmail, diagnosis.CheckIdentityOpen), nil},
		{"an invitation waits", asking(func(f *diagnosis.Facts) {
			f.Invitations = invitedTo("B-2", account.InvitationOpen, time.Hour)
		}), without(diagnosis.CheckInvitations), nil},
		{"a second billing account", asking(func(f *diagnosis.Facts) {
			f.Contacts = contactOf("B-2", account.RelationSoldTo)
		}), without(diagnosis.CheckInvitations), nil},
		{"invitations could not be asked for", asking(func(f *diagnosis.Facts) {
			f.Invitations = diagnosis.NoAnswer[[]account.BillingRelation]()
		}), without(diagnosis.CheckInvitations), []diagnosis.CheckID{diagnosis.CheckInvitations}},
		{"contacts could not be asked for", asking(func(f *diagnosis.Facts) {
			f.Contacts = diagnosis.NoAnswer[[]account.BillingRelation]()
		}), without(diagnosis.CheckInvitations), []diagnosis.CheckID{diagnosis.CheckInvitations}},
		{"the address is suppressed", asking(func(f *diagnosis.Facts) {
			f.Suppressions = suppressed(account.ListBounces)
		}), without(diagnosis.CheckPortalMail), nil},
		{"the suppressions could not be read", asking(func(f *diagnosis.Facts) {
			f.Suppressions = diagnosis.NoAnswer[[]account.Suppression]()
		}), without(diagnosis.CheckPortalMail), []diagnosis.CheckID{diagnosis.CheckPortalMail}},
		{"the suppressions are not asked for", asking(func(f *diagnosis.Facts) {
			f.Suppressions = diagnosis.Known[[]account.Suppression]{}
		}), without(diagnosis.CheckPortalMail), nil},
		{"a reset", asking(func(f *diagnosis.Facts) {
			f.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)})
		}), without(diagnosis.CheckResets), nil},
		{"the mail log is silent", asking(func(f *diagnosis.Facts) {
			f.Resets = diagnosis.NoAnswer[diagnosis.Resets]()
		}), without(diagnosis.CheckResets), []diagnosis.CheckID{diagnosis.CheckResets}},
		{"there is no mail log", asking(func(f *diagnosis.Facts) {
			f.Resets = diagnosis.Known[diagnosis.Resets]{}
		}), without(diagnosis.CheckResets), nil},
		{"the identity's look-up failed", asking(func(f *diagnosis.Facts) {
			f.Linked = diagnosis.NoAnswer[[]account.Account]()
		}), all, []diagnosis.CheckID{diagnosis.CheckLinkedAccounts}},
		{"the identity provider is silent", asking(func(f *diagnosis.Facts) {
			f.Identities = diagnosis.NoAnswer[struct{}]()
		}), all, []diagnosis.CheckID{diagnosis.CheckIdentity}},
		{"the identity provider answers", asking(func(f *diagnosis.Facts) {
			f.Identities = diagnosis.Answer(struct{}{})
		}), all, nil},
		{"the accounts' look-up failed", asking(func(f *diagnosis.Facts) {
			f.Accounts = diagnosis.NoAnswer[[]account.Account]()
		}), nil, []diagnosis.CheckID{diagnosis.CheckAccounts}},
		{"no account", facts(t), nil, nil},
		{"right with one account of two", func() diagnosis.Facts {
			second := sound()
			second.ID, second.Identity = "2", nil
			return facts(t, sound(), second)
		}(), without(diagnosis.CheckLinked, diagnosis.CheckSameEmail, diagnosis.CheckIdentityOpen), nil},
	}
	listed := diagnosis.AllChecks()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := diagnosis.Diagnose(tt.facts).Checks
			if right := checkIDs(got, diagnosis.CheckRight); !slices.Equal(right, tt.right) {
				t.Errorf("right: %v, want %v", right, tt.right)
			}
			if failed := checkIDs(got, diagnosis.CheckFailed); !slices.Equal(failed, tt.failed) {
				t.Errorf("not made: %v, want %v", failed, tt.failed)
			}
			for _, c := range got {
				if !slices.Contains(listed, c) {
					t.Errorf("AllChecks does not list %v", c)
				}
			}
		})
	}
}
