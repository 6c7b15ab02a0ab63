package diagnosis_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// shown is all of a report that anybody could ever print of it.
func shown(t *testing.T, r diagnosis.Report) string {
	t.Helper()
	type finding struct {
		ID       diagnosis.ID
		Evidence diagnosis.Evidence
		Actions  []diagnosis.Action
	}
	var all []any
	for _, a := range r.Accounts {
		all = append(all, a.Account, a.Ownership, a.Own)
		for _, f := range a.Findings {
			all = append(all, finding{f.ID, f.Evidence, f.Actions})
		}
	}
	for _, f := range r.General {
		all = append(all, finding{f.ID, f.Evidence, f.Actions})
	}
	text, err := json.Marshal(append(all, r.Checks))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Owning the account's address does not establish the identity linked to it (R2).
func TestNothingOfAForeignIdentityIsShown(t *testing.T) {
	for set := range 8 {
		a := sound()
		a.Identity = identity(stranger)
		a.Identity.Subject = "subject-of-another"
		a.UnconfirmedEmail = "new.address@elsewhere.example"
		a.SignInEnabled = set&1 == 0
		if set&2 != 0 {
			a.ConfirmedAt = time.Time{}
		}
		a.Identity.EmailVerified = set&4 == 0
		text := shown(t, diagnosis.Diagnose(facts(t, a)))
		for _, secret := range []string{"elsewhere", "someone-else", "subject-of-another"} {
			if strings.Contains(text, secret) {
				t.Errorf("case %d shows %q: %s", set, secret, text)
			}
		}
		if a.Identity.Email != stranger {
			t.Error("Diagnose changed the facts")
		}
	}
}

// Owning the identity's verified email does establish it, and the accounts linked to it.
func TestAnEstablishedIdentityIsShown(t *testing.T) {
	f := facts(t)
	f.Linked = diagnosis.Answer([]account.Account{theirs()})
	r := diagnosis.Diagnose(f)
	a := r.Accounts[0]
	if a.Ownership != diagnosis.ByIdentity || a.Account.Identity.Email != proven || a.Account.Email != "billing@company.example" {
		t.Errorf("got %+v", a)
	}
}

// Signing in to an identity establishes it too, whatever its email: an account at another address that is
// linked to it is shown, by that ownership, and the email is the one that its provider told.
func TestASignedInIdentityIsShown(t *testing.T) {
	const current = "ada.lovelace@elsewhere.example"
	mine := account.Identity{Provider: "gitlab", Subject: "77", Email: current, EmailVerified: true}
	linked := theirs()
	linked.Identity = identity(stranger)
	tests := []struct {
		name  string
		mine  account.Identity
		shown bool
		email string
	}{
		{"the linked one", mine, true, current},
		{"its email is not verified", account.Identity{Provider: "gitlab", Subject: "77"}, true, ""},
		{"another subject", account.Identity{Provider: "gitlab", Subject: "78", Email: stranger, EmailVerified: true}, false, ""},
		{"the same subject at another provider", account.Identity{Provider: "other", Subject: "77", Email: stranger, EmailVerified: true}, false, ""},
		{"no subject", account.Identity{Provider: "gitlab", Email: stranger, EmailVerified: true}, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			own := sound()
			own.Identity = identity(stranger)
			f := facts(t, own)
			f.Linked = diagnosis.Answer([]account.Account{linked})
			f.OwnIdentities = []account.Identity{tt.mine}
			r := diagnosis.Diagnose(f)
			if got := len(r.Accounts) == 2; got != tt.shown {
				t.Fatalf("%d accounts shown, want the linked one shown: %t", len(r.Accounts), tt.shown)
			}
			for _, a := range r.Accounts {
				if a.Account.Identity.Email != tt.email {
					t.Errorf("account %s shows the identity %q, want %q", a.Account.ID, a.Account.Identity.Email, tt.email)
				}
				if signIn := r.Allows(a.Account.ID, diagnosis.SignIn); signIn != (a.Ownership == diagnosis.ByAddress) {
					t.Errorf("account %s, owned by %s, may be signed in to at once: %t", a.Account.ID, a.Ownership, signIn)
				}
			}
			if text := shown(t, r); strings.Contains(text, "secret.colleague") {
				t.Errorf("shows what only the account data says: %s", text)
			}
		})
	}
}

// Whatever is found on an account that an identity shows, its owner gets in by mail where anybody would get
// in at once.
func TestAnAccountOfAnIdentityIsEnteredByMail(t *testing.T) {
	for id, cause := range causes {
		w := newWorld(t)
		cause(w)
		if w.own == nil || w.own.Identity == nil || w.second != nil || w.theirs != nil {
			continue // nothing that one linked account can have
		}
		at, a, i := diagnosis.Diagnose(w.known()), *w.own, *w.own.Identity
		if a.Email, a.Identity = "billing@company.example", &i; i.Email == proven {
			i.Email = a.Email // an identity with the account's email still has it
		}
		f := w.facts
		f.Accounts, f.Linked = diagnosis.Answer[[]account.Account](nil), diagnosis.Answer([]account.Account{a})
		f.OwnIdentities = []account.Identity{{Provider: a.Identity.Provider, Subject: a.Identity.Subject}}
		r := diagnosis.Diagnose(f)
		if len(r.Accounts) != 1 {
			t.Errorf("%s: %d accounts", id, len(r.Accounts))
			continue
		}
		if r.Allows(a.ID, diagnosis.SignIn) {
			t.Errorf("%s: signing in at once is allowed", id)
		}
		if mailed := r.Allows(a.ID, diagnosis.EmailSignInLink); at.Allows(a.ID, diagnosis.SignIn) && !mailed {
			t.Errorf("%s: no link is offered, found %v", id, ids(r.Accounts[0].Findings))
		}
	}
}

// An account without a subject to compare is nobody's, whatever the customer signed in to.
func TestAnIdentityWithoutSubjectIsNotEstablished(t *testing.T) {
	a := theirs()
	a.Identity = identity(stranger)
	a.Identity.Subject = ""
	f := facts(t)
	f.Linked = diagnosis.Answer([]account.Account{a})
	f.OwnIdentities = []account.Identity{{Provider: "gitlab"}}
	if r := diagnosis.Diagnose(f); len(r.Accounts) > 0 {
		t.Errorf("shows %+v", r.Accounts)
	}
}

// An identity whose email is the proven address, but not verified, may be anybody's.
func TestAnUnverifiedIdentityIsNotEstablished(t *testing.T) {
	a := sound()
	a.Identity.EmailVerified = false
	if text := shown(t, diagnosis.Diagnose(facts(t, a))); strings.Contains(text, "someone-else") {
		t.Errorf("shows the identity's name: %s", text)
	}
}

// Evidence goes into tickets, which get quoted: no address and no name in any of it.
func TestEvidenceHoldsNoAddress(t *testing.T) {
	for _, s := range diagnosis.All() {
		f, _ := together(t, s)
		r := diagnosis.Diagnose(f)
		findings := r.General
		for _, a := range r.Accounts {
			findings = append(findings, a.Findings...)
		}
		for _, finding := range findings {
			text, err := json.Marshal(finding.Evidence)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "@") || strings.Contains(string(text), sound().Name) {
				t.Errorf("%s: %s", s.ID, text)
			}
			if !finding.Neutral && (finding.Evidence.Rule != string(finding.ID) || len(finding.Evidence.Facts) == 0) {
				t.Errorf("%s: the evidence says too little: %s", s.ID, text)
			}
		}
	}
}

// Disabled and blocked cannot be told apart by anything in the report, nor from anything it lacks.
func TestNeutralAccountsAreAlike(t *testing.T) {
	disabled, blocked, both := sound(), sound(), sound()
	disabled.SignInEnabled = false
	blocked.Identity.State = account.IdentityBlocked
	both.SignInEnabled, both.ConfirmedAt, both.Identity = false, time.Time{}, identity(stranger)
	f := facts(t, disabled)
	want := said(diagnosis.Diagnose(f))
	for name, a := range map[string]account.Account{"blocked": blocked, "unconfirmed and mismatched besides": both} {
		f.Accounts = diagnosis.Answer([]account.Account{a})
		if got := said(diagnosis.Diagnose(f)); got != want {
			t.Errorf("%s says %s, disabled says %s", name, got, want)
		}
	}
	if strings.Contains(want, "sign_in_enabled") || strings.Contains(want, string(diagnosis.CheckRight)) {
		t.Errorf("a neutral report says %s", want)
	}
}

// said is what a page is made of.
func said(r diagnosis.Report) string {
	type finding struct {
		ID       diagnosis.ID
		Evidence diagnosis.Evidence
		Actions  []diagnosis.Action
		Drawing  diagnosis.Drawing
	}
	var all []any
	for _, a := range r.Accounts {
		for _, f := range a.Findings {
			all = append(all, finding{f.ID, f.Evidence, f.Actions, f.Drawing})
		}
	}
	text, err := json.Marshal(append(all, r.Checks))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestANeutralAccountSilencesTheChecks(t *testing.T) {
	disabled := sound()
	disabled.ID, disabled.SignInEnabled = "8", false
	r := diagnosis.Diagnose(facts(t, sound(), disabled))
	if right := checkIDs(r.Checks, diagnosis.CheckRight); len(right) > 0 {
		t.Errorf("beside a neutral account these are said to be right: %v", right)
	}
	if i := slices.IndexFunc(r.Accounts, diagnosis.AccountReport.Neutral); i < 0 || r.Accounts[i].Account.ID != "8" {
		t.Errorf("neutral account at %d", i)
	}
}
