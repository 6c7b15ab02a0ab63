package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// subject is an account and what else is known, for a test to change.
type subject struct {
	*account.Account
	*diagnosis.Facts
}

// proof is a change of a sound account, and what is found then.
type proof struct {
	name   string
	change func(subject)
	want   []diagnosis.ID
}

func (p proof) check(t *testing.T) []diagnosis.Finding {
	t.Helper()
	a, f := sound(), facts(t)
	p.change(subject{&a, &f})
	f.Accounts = diagnosis.Answer([]account.Account{a})
	r := diagnosis.Diagnose(f)
	if len(r.Accounts) != 1 || len(r.General) != 0 || r.Incomplete {
		t.Fatalf("got %d accounts, %d general findings, incomplete %t", len(r.Accounts), len(r.General), r.Incomplete)
	}
	if got := ids(r.Accounts[0].Findings); !slices.Equal(got, p.want) {
		t.Errorf("found %v, want %v", got, p.want)
	}
	return r.Accounts[0].Findings
}

// What support reads of a finding besides its name.
func TestWhatTheEvidenceSays(t *testing.T) {
	for _, tt := range []struct {
		name        string
		change      func(subject)
		id          diagnosis.ID
		fact, value string
	}{
		{"one email", func(subject) {}, diagnosis.Ready, "identity.email", "same as account"},
		{"an email that is not known", func(s subject) { s.Identity.Email = "" }, diagnosis.Ready, "identity.email", "unknown"},
		{"another email", func(s subject) { s.Identity.Email = stranger }, diagnosis.LinkedEmailMismatch, "identity.email_verified", "true"},
		{"another email, not verified", func(s subject) {
			s.Identity.Email, s.Identity.EmailVerified = stranger, false
		}, diagnosis.LinkedEmailMismatch, "identity.email_verified", "false"},
		{"an identity by its email", func(s subject) {
			s.Linked = diagnosis.Answer([]account.Account{theirs()})
		}, diagnosis.IdentityLinkedElsewhere, "identity.owner", "by email, the proven address"},
		{"an identity by signing in", func(s subject) {
			a := theirs()
			a.Identity.Email = stranger
			s.Linked, s.OwnIdentities = diagnosis.Answer([]account.Account{a}), []account.Identity{*a.Identity}
		}, diagnosis.IdentityLinkedElsewhere, "identity.owner", "by sign-in"},
		{"who bought", func(s subject) {
			s.BillingAccounts, s.Contacts = nil, contactOf("B-2", account.RelationSoldTo)
		}, diagnosis.NoBillingAccess, "contact", account.RelationSoldTo},
		{"who pays", func(s subject) {
			s.BillingAccounts, s.Contacts = nil, contactOf("B-2", account.RelationBillTo)
		}, diagnosis.NoBillingAccess, "contact", account.RelationBillTo},
		{"no contact", func(s subject) { s.BillingAccounts = nil }, diagnosis.NoBillingAccess, "contact", "none"},
		{"a look-up that failed", func(s subject) {
			s.BillingAccounts, s.Contacts = nil, diagnosis.NoAnswer[[]account.BillingRelation]()
		}, diagnosis.NoBillingAccess, "contact", "not known"},
		{"an account at another address", func(s subject) {
			a := theirs()
			a.BillingAccounts = nil
			s.Linked, s.Contacts = diagnosis.Answer([]account.Account{a}), contactOf("B-2", account.RelationSoldTo)
		}, diagnosis.NoBillingAccess, "contact", "not known"},
		{"a reset there alone", func(s subject) {
			s.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)})
		}, diagnosis.ResetOnWrongSite, "reset.portal", "none"},
		{"a reset here before", func(s subject) {
			s.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour), Portal: now.Add(-2 * time.Hour)})
		}, diagnosis.ResetOnWrongSite, "reset.portal", "older"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, f := sound(), facts(t)
			tt.change(subject{&a, &f})
			f.Accounts = diagnosis.Answer([]account.Account{a})
			said := false
			for _, found := range diagnosis.Diagnose(f).Accounts {
				for _, finding := range found.Findings {
					if finding.ID == tt.id {
						said = said || slices.Contains(finding.Evidence.Facts, diagnosis.Fact{Name: tt.fact, Value: tt.value})
					}
				}
			}
			if !said {
				t.Errorf("no %s with %s %q in %+v", tt.id, tt.fact, tt.value, diagnosis.Diagnose(f).Accounts)
			}
		})
	}
}

// Each situation: what proves it, and what looks like it but is something else.
func TestWhatProvesASituation(t *testing.T) {
	reset := func(identity, portal time.Duration) func(subject) {
		return func(w subject) {
			r := diagnosis.Resets{Identity: now.Add(-identity)}
			if portal > 0 {
				r.Portal = now.Add(-portal)
			}
			w.Resets = diagnosis.Answer(r)
		}
	}
	const hour, day = time.Hour, 24 * time.Hour
	tests := []proof{
		{"nothing wrong", func(subject) {}, []diagnosis.ID{diagnosis.Ready}},
		{"the identity's email differs in case alone", func(w subject) { w.Identity.Email = "ADA@Company.EXAMPLE" }, []diagnosis.ID{diagnosis.Ready}},
		{"the identity's email is not known", func(w subject) { w.Identity.Email = "" }, []diagnosis.ID{diagnosis.Ready}},
		{"the identity's email cannot be read", func(w subject) { w.Identity.Email = "ada at company" }, []diagnosis.ID{diagnosis.Ready}},
		{"never signed in", func(w subject) { w.LastSignInAt = time.Time{} }, []diagnosis.ID{diagnosis.Ready}},

		{"signing in is switched off", func(w subject) { w.SignInEnabled = false }, []diagnosis.ID{diagnosis.SignInDisabled}},
		{"the identity is blocked", func(w subject) { w.Identity.State = account.IdentityBlocked }, []diagnosis.ID{diagnosis.SignInDisabled}},
		{"the identity's state is not known", func(w subject) { w.Identity.State = "" }, []diagnosis.ID{diagnosis.Ready}},

		{"never confirmed", func(w subject) { w.ConfirmedAt = time.Time{} }, []diagnosis.ID{diagnosis.Unconfirmed}},
		{"never confirmed, never linked", func(w subject) { w.ConfirmedAt, w.Identity = time.Time{}, nil }, []diagnosis.ID{diagnosis.Unconfirmed}},

		{"unlinked, legacy", func(w subject) { w.Identity, w.Origin = nil, account.OriginLegacy }, []diagnosis.ID{diagnosis.UnlinkedLegacy}},
		{"unlinked, self-service", func(w subject) { w.Identity = nil }, []diagnosis.ID{diagnosis.UnlinkedLegacy}},
		{"unlinked, origin not known", func(w subject) { w.Identity, w.Origin = nil, "" }, []diagnosis.ID{diagnosis.UnlinkedLegacy}},
		{"legacy, but linked", func(w subject) { w.Origin = account.OriginLegacy }, []diagnosis.ID{diagnosis.Ready}},

		{"unlinked, sales", func(w subject) { w.Identity, w.Origin = nil, account.OriginSales }, []diagnosis.ID{diagnosis.UnlinkedSales}},
		{"sales, but linked", func(w subject) { w.Origin = account.OriginSales }, []diagnosis.ID{diagnosis.Ready}},
		{"unlinked, sales, never confirmed", func(w subject) {
			w.Identity, w.Origin, w.ConfirmedAt = nil, account.OriginSales, time.Time{}
		}, []diagnosis.ID{diagnosis.Unconfirmed, diagnosis.UnlinkedSales}},

		{"the identity has another email", func(w subject) { w.Identity.Email = stranger }, []diagnosis.ID{diagnosis.LinkedEmailMismatch}},
		{"a dot makes another email", func(w subject) { w.Identity.Email = "a.da@company.example" }, []diagnosis.ID{diagnosis.LinkedEmailMismatch}},
		{"a plus tag makes another email", func(w subject) { w.Identity.Email = "ada+gitlab@company.example" }, []diagnosis.ID{diagnosis.LinkedEmailMismatch}},
		{"another email, not verified", func(w subject) {
			w.Identity.Email, w.Identity.EmailVerified = stranger, false
		}, []diagnosis.ID{diagnosis.LinkedEmailMismatch}},

		{"a reset at the identity", reset(hour, 0), []diagnosis.ID{diagnosis.ResetOnWrongSite}},
		{"a reset at the identity, after one at the portal", reset(hour, 2*hour), []diagnosis.ID{diagnosis.ResetOnWrongSite}},
		{"a reset at the identity, before one at the portal", reset(2*hour, hour), []diagnosis.ID{diagnosis.Ready}},
		{"a reset as old as the mail log was asked for", reset(21*day, 0), []diagnosis.ID{diagnosis.ResetOnWrongSite}},
		{"a reset at the portal alone", func(w subject) {
			w.Resets = diagnosis.Answer(diagnosis.Resets{Portal: now.Add(-hour)})
		}, []diagnosis.ID{diagnosis.Ready}},
		{"signed in since the reset", func(w subject) {
			reset(2*hour, 0)(w)
			w.LastSignInAt = now.Add(-hour)
		}, []diagnosis.ID{diagnosis.Ready}},
		{"the mail log did not answer", func(w subject) {
			w.Resets = diagnosis.Known[diagnosis.Resets]{
				Value: diagnosis.Resets{Identity: now.Add(-hour)}, Asked: true, Failed: true,
			}
		}, []diagnosis.ID{diagnosis.Ready}},
		{"the mail log was not asked", func(w subject) {
			w.Resets = diagnosis.Known[diagnosis.Resets]{Value: diagnosis.Resets{Identity: now.Add(-hour)}}
		}, []diagnosis.ID{diagnosis.Ready}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.check(t) })
	}
}

// Everything about the address itself: which accounts count, and what their lack means.
func TestWhichAccountsCount(t *testing.T) {
	with := func(change func(*account.Account)) account.Account {
		a := theirs()
		change(&a)
		return a
	}
	failed := diagnosis.NoAnswer[[]account.Account]()
	none := diagnosis.Answer[[]account.Account](nil)
	answer := func(a ...account.Account) diagnosis.Known[[]account.Account] { return diagnosis.Answer(a) }
	tests := []struct {
		name             string
		accounts, linked diagnosis.Known[[]account.Account]
		want             string // the accounts' ids
		general          bool   // different-email
		incomplete       bool
	}{
		{"one at the address", answer(sound()), none, "1", false, false},
		{"one at the address, the portal's spelling in capitals", answer(with(func(a *account.Account) { a.Email = "ADA@COMPANY.example" })), none, "2", false, false},
		{"none", none, none, "", true, false},
		{"none at the address, one by the identity", none, answer(theirs()), "2", false, false},
		{"both", answer(sound()), answer(theirs()), "1 2", false, false},
		{"the same from both", answer(sound()), answer(sound()), "1", false, false},
		{"twice", answer(sound(), sound()), none, "1", false, false},

		{"the portal answers with a similar address", answer(theirs()), none, "", true, false},
		{"a similar one by dots", answer(with(func(a *account.Account) { a.Email = "a.da@company.example" })), none, "", true, false},
		{"linked, but the identity's email is not verified", none, answer(with(func(a *account.Account) { a.Identity.EmailVerified = false })), "", true, false},
		{"linked, but the identity's email is another", none, answer(with(func(a *account.Account) { a.Identity.Email = stranger })), "", true, false},
		{"said to be linked, but is not", none, answer(with(func(a *account.Account) { a.Identity = nil })), "", true, false},

		{"the accounts' look-up failed", failed, none, "", false, true},
		{"it failed, one by the identity", failed, answer(theirs()), "2", false, true},
		{"the identity's look-up failed, none at the address", none, failed, "", false, true},
		{"the identity's look-up failed, one at the address", answer(sound()), failed, "1", false, false},
		{"both failed", failed, failed, "", false, true},
		{"nothing was asked", diagnosis.Known[[]account.Account]{}, diagnosis.Known[[]account.Account]{}, "", false, true},
		{"a failed look-up's value is worth nothing", diagnosis.Known[[]account.Account]{Value: []account.Account{sound()}, Asked: true, Failed: true}, none, "", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t)
			f.Accounts, f.Linked = tt.accounts, tt.linked
			r := diagnosis.Diagnose(f)
			got := ""
			for i, a := range r.Accounts {
				if i > 0 {
					got += " "
				}
				got += a.Account.ID
			}
			general := slices.Equal(ids(r.General), []diagnosis.ID{diagnosis.DifferentEmail})
			if got != tt.want || general != tt.general || len(r.General) > 1 || r.Incomplete != tt.incomplete {
				t.Errorf("got accounts %q, general %v, incomplete %t; want %q, different-email %t, incomplete %t",
					got, ids(r.General), r.Incomplete, tt.want, tt.general, tt.incomplete)
			}
		})
	}
}

// Whatever an account is like, something is said of it.
func TestEveryAccountHasAFinding(t *testing.T) {
	both := []bool{false, true}
	for _, enabled := range both {
		for _, confirmed := range both {
			for _, id := range []*account.Identity{nil, identity(proven), identity(stranger), identity("")} {
				for _, origin := range []account.Origin{"", account.OriginLegacy, account.OriginSales, account.OriginSelfService, account.OriginReseller} {
					a := sound()
					a.SignInEnabled, a.Identity, a.Origin = enabled, id, origin
					if !confirmed {
						a.ConfirmedAt = time.Time{}
					}
					if r := diagnosis.Diagnose(facts(t, a)); len(r.Accounts[0].Findings) == 0 {
						t.Errorf("nothing found: enabled %t, confirmed %t, identity %v, origin %q", enabled, confirmed, id, origin)
					}
				}
			}
		}
	}
}
