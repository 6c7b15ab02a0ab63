package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

func saying(symptoms ...diagnosis.Symptom) func(subject) {
	return func(w subject) { w.Said = symptoms }
}

func TestWhatProvesAnIdentitysTrouble(t *testing.T) {
	ready, lock, password := []diagnosis.ID{diagnosis.Ready}, []diagnosis.ID{diagnosis.IdentityLocked}, []diagnosis.ID{diagnosis.PasswordDisabled}
	mismatch := []diagnosis.ID{diagnosis.LinkedEmailMismatch}
	for _, tt := range []proof{
		{"locked", func(w subject) { w.Identity.State = account.IdentityLocked }, lock},
		{"blocked is neutral", func(w subject) { w.Identity.State = account.IdentityBlocked }, []diagnosis.ID{diagnosis.SignInDisabled}},
		{"blocked and no password is neutral", func(w subject) {
			w.Identity.State, w.Identity.PasswordEnabled = account.IdentityBlocked, false
		}, []diagnosis.ID{diagnosis.SignInDisabled}},
		{"a state that is not known", func(w subject) { w.Identity.State = "dormant" }, ready},
		{"the lock of a stranger's identity is not told", func(w subject) {
			w.Identity = identity(stranger)
			w.Identity.State = account.IdentityLocked
		}, mismatch},
		{"nor that of one whose email is not verified", func(w subject) {
			w.Identity.State, w.Identity.EmailVerified = account.IdentityLocked, false
		}, ready},
		{"nor that of one whose email is not known", func(w subject) {
			w.Identity.State, w.Identity.Email = account.IdentityLocked, ""
		}, ready},

		{"the second factor is lost", func(w subject) {
			w.Identity.TwoFactor = true
			saying(diagnosis.SaidNoSecondFactor)(w)
		}, lock},
		{"the second factor is lost, and there is none", saying(diagnosis.SaidNoSecondFactor), ready},
		{"there is a second factor", func(w subject) { w.Identity.TwoFactor = true }, ready},
		{"something else was said", func(w subject) {
			w.Identity.TwoFactor = true
			saying("saw-something-else")(w)
		}, ready},
		{"the second factor of a stranger's identity", func(w subject) {
			w.Identity = identity(stranger)
			w.Identity.TwoFactor = true
			saying(diagnosis.SaidNoSecondFactor)(w)
		}, mismatch},

		{"no password", func(w subject) { w.Identity.PasswordEnabled = false }, password},
		{"no password, and locked", func(w subject) {
			w.Identity.PasswordEnabled, w.Identity.State = false, account.IdentityLocked
		}, []diagnosis.ID{diagnosis.IdentityLocked, diagnosis.PasswordDisabled}},
		{"a stranger's identity without a password is not told", func(w subject) {
			w.Identity = identity(stranger)
			w.Identity.PasswordEnabled = false
		}, mismatch},
		{"unlinked has no identity to be in trouble", func(w subject) {
			w.Identity = nil
			saying(diagnosis.SaidNoSecondFactor)(w)
		}, []diagnosis.ID{diagnosis.UnlinkedLegacy}},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t) })
	}
}

func TestWhatProvesTroubleWithMail(t *testing.T) {
	ready := []diagnosis.ID{diagnosis.Ready}
	stopped, change := []diagnosis.ID{diagnosis.MailSuppressed}, []diagnosis.ID{diagnosis.EmailChangePending}
	listed := func(lists ...account.SuppressionList) func(subject) {
		return func(w subject) { w.Suppressions = suppressed(lists...) }
	}
	for _, tt := range []struct {
		proof
		variant string
	}{
		{proof{"bounced", listed(account.ListBounces), stopped}, "bounce"},
		{proof{"a complaint", listed(account.ListComplaints), stopped}, "complaint"},
		{proof{"unsubscribed", listed(account.ListUnsubscribes), stopped}, "unsubscribe"},
		{proof{"on all lists", listed(account.ListUnsubscribes, account.ListComplaints, account.ListBounces), stopped}, "bounce"},
		{proof{"on none", listed(), ready}, ""},
		{proof{"a list that is not known", listed("other"), ready}, ""},
		{proof{"the lists could not be read", func(w subject) {
			w.Suppressions = diagnosis.Known[[]account.Suppression]{Value: suppressed(account.ListBounces).Value, Asked: true, Failed: true}
		}, ready}, ""},
		{proof{"the lists were not asked", func(w subject) {
			w.Suppressions = diagnosis.Known[[]account.Suppression]{Value: suppressed(account.ListBounces).Value}
		}, ready}, ""},

		{proof{"a new address waits", func(w subject) { w.UnconfirmedEmail = stranger }, change}, "other"},
		{proof{"the new address is the old one in capitals", func(w subject) { w.UnconfirmedEmail = "ADA@company.example" }, ready}, ""},
		{proof{"the new address is nothing", func(w subject) { w.UnconfirmedEmail = "  " }, ready}, ""},
		{proof{"the new address cannot be read", func(w subject) { w.UnconfirmedEmail = "ada at home" }, change}, "other"},
		{proof{"never confirmed, and a new address waits", func(w subject) {
			w.ConfirmedAt, w.UnconfirmedEmail = time.Time{}, stranger
		}, []diagnosis.ID{diagnosis.Unconfirmed, diagnosis.EmailChangePending}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.check(t)[0].Evidence; got.Variant != tt.variant {
				t.Errorf("variant %q, want %q", got.Variant, tt.variant)
			}
		})
	}
}

func TestASuppressionTellsReasonAndDate(t *testing.T) {
	f := facts(t, sound())
	f.Suppressions = suppressed(account.ListBounces)
	e := diagnosis.Diagnose(f).Accounts[0].Findings[0].Evidence
	want := []diagnosis.Fact{
		{Name: "suppression.list", Value: "bounce"},
		{Name: "suppression.code", Value: "550"},
		{Name: "suppression.since", Value: "2026-11-04T09:00:00Z"},
	}
	if !slices.Equal(e.Facts, want) || !e.At.Equal(now.AddDate(0, 0, -16)) {
		t.Errorf("got %v at %v, want %v", e.Facts, e.At, want)
	}
}

func TestWhatProvesThatTheOwnerLeft(t *testing.T) {
	role := func(r account.Role) func(subject) {
		return func(w subject) { w.BillingAccounts = []account.Membership{{ID: "B-1", Role: r}} }
	}
	for _, tt := range []proof{
		{"the customer says so", saying(diagnosis.SaidOwnerLeft), []diagnosis.ID{diagnosis.OwnerLeft}},
		{"the vendor knows", role(account.RoleFormerOwner), []diagnosis.ID{diagnosis.OwnerLeft}},
		{"a manager", role(account.RoleManager), []diagnosis.ID{diagnosis.Ready}},
		{"something else was said", saying(diagnosis.SaidNoSecondFactor), []diagnosis.ID{diagnosis.Ready}},
		{"linked to the former owner's own identity", func(w subject) {
			w.Identity = identity(stranger)
			saying(diagnosis.SaidOwnerLeft)(w)
		}, []diagnosis.ID{diagnosis.OwnerLeft, diagnosis.LinkedEmailMismatch}},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.check(t) })
	}
}

// An account that is linked to nobody is not drawn, nor told, as linked to who left.
func TestWhoLeftAnAccountThatIsNotLinked(t *testing.T) {
	for _, tt := range []struct {
		identity *account.Identity
		variant  string
		drawing  diagnosis.Drawing
	}{
		{identity(stranger), "linked", diagnosis.DrawLeft},
		{nil, "unlinked", diagnosis.DrawMissing},
	} {
		f := facts(t)
		a := sound()
		a.Identity = tt.identity
		f.Accounts, f.Said = diagnosis.Answer([]account.Account{a}), []diagnosis.Symptom{diagnosis.SaidOwnerLeft}
		found := diagnosis.Diagnose(f).Accounts[0].Findings
		i := slices.IndexFunc(found, func(f diagnosis.Finding) bool { return f.ID == diagnosis.OwnerLeft })
		if i < 0 || found[i].Evidence.Variant != tt.variant || found[i].Drawing != tt.drawing {
			t.Errorf("%s: found %v", tt.variant, found)
		}
	}
}

// What was asked about the proven address, or said of it, means nothing for an account with another one.
func TestFactsOfTheAddressAreNotThoseOfAnother(t *testing.T) {
	f := facts(t)
	f.Linked = diagnosis.Answer([]account.Account{theirs()})
	f.Contacts, f.Invitations = contactOf("B-2", account.RelationSoldTo), invitedTo("B-3", account.InvitationOpen, hour)
	f.Suppressions, f.Said = suppressed(account.ListBounces), diagnosis.Symptoms()
	if got, want := ids(diagnosis.Diagnose(f).Accounts[0].Findings), []diagnosis.ID{diagnosis.LinkedEmailMismatch}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

// A change of address whose new mailbox is the proven one can be told so: it is the customer's own.
func TestTheChangeThatWaitsHere(t *testing.T) {
	a := theirs()
	a.UnconfirmedEmail = "Ada@company.example"
	f := facts(t)
	f.Linked = diagnosis.Answer([]account.Account{a})
	found := diagnosis.Diagnose(f).Accounts[0].Findings
	i := slices.IndexFunc(found, func(f diagnosis.Finding) bool { return f.ID == diagnosis.EmailChangePending })
	if i < 0 || found[i].Evidence.Variant != "here" {
		t.Errorf("found %v", found)
	}
}
