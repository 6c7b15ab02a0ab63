package dryrun_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
)

const asked = "zoe@example.com"

// systems have one account, whose linked identity has another email; what fails says so.
type systems struct {
	recovery.CustomerPortal // nil: whatever else is asked of it ends the test
	fails                   string
}

// nobody is no failure: the identity provider is sure that the address is nobody's.
const nobody = "nobody"

func answer[T any](s systems, what string, value T) (T, error) {
	if s.fails != what {
		return value, nil
	}
	var none T
	return none, errors.New(what + " is away")
}

func (s systems) AccountsByEmail(context.Context, account.Address) ([]account.Account, error) {
	return answer(s, "accounts", []account.Account{{
		ID: "1", Email: asked, Name: "Zoe Zeppelin", ConfirmedAt: time.Unix(1, 0), SignInEnabled: true,
		Identity: &account.Identity{Provider: "gitlab", Subject: "7", Email: "other@example.org", EmailVerified: true, State: account.IdentityActive},
	}})
}

func (s systems) AccountsByIdentityEmail(context.Context, account.Address) ([]account.Account, error) {
	return answer(s, "linked", []account.Account(nil))
}

func (s systems) AccountsByIdentitySubject(context.Context, string) ([]account.Account, error) {
	return answer(s, "linked by subject", []account.Account(nil))
}

func (s systems) BillingAccountsByContact(context.Context, account.Address) ([]account.BillingRelation, error) {
	return answer(s, "contacts", []account.BillingRelation(nil))
}

func (s systems) BillingAccountsByInvitation(context.Context, account.Address) ([]account.BillingRelation, error) {
	return answer(s, "invitations", []account.BillingRelation(nil))
}

func (s systems) PasswordResets(context.Context, account.Address, time.Time) (account.Resets, error) {
	return answer(s, "resets", account.Resets{})
}

func (s systems) Of(context.Context, string) ([]account.Suppression, error) {
	return answer(s, "suppressions", []account.Suppression(nil))
}

func (s systems) Provider() string { return "gitlab" }

func (s systems) BySubject(context.Context, string) (account.Identity, error) {
	return answer(s, "identities", account.Identity{Provider: "gitlab", Subject: "7", State: account.IdentityActive})
}

func (s systems) ByEmail(context.Context, account.Address) (account.Identity, error) {
	if s.fails == nobody {
		return account.Identity{}, recovery.ErrNotFound
	}
	return answer(s, "identity by email", account.Identity{Provider: "gitlab", Subject: "8", Email: asked, EmailVerified: true})
}

func run(t *testing.T, d recovery.Deps) dryrun.Result {
	t.Helper()
	a, err := account.ParseAddress(asked)
	if err != nil {
		t.Fatal(err)
	}
	d.Now, d.Policy = time.Now, recovery.DefaultPolicy()
	r, err := dryrun.Run(t.Context(), d, a, func(d recovery.Diagnosis) (dryrun.Page, error) {
		return dryrun.Page{Title: d.Address, Text: "what a customer sees"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Whatever fails is told of with why, and of nothing else is it said that it failed.
func TestARunSaysWhichSystemFailedAndWhy(t *testing.T) {
	for fails, want := range map[string]string{
		"": "", nobody: "", "accounts": "accounts", "linked": "linked", "linked by subject": "linked", "contacts": "contacts",
		"invitations": "invitations", "resets": "resets", "suppressions": "suppressions",
		"identities": "identities", "identity by email": "linked",
	} {
		s := systems{fails: fails}
		f := run(t, recovery.Deps{Portal: s, MailLog: s, Suppressions: s, Identities: s}).Facts
		for name, got := range map[string]struct{ state, why string }{
			"accounts": {f.Accounts.State, f.Accounts.Why}, "linked": {f.Linked.State, f.Linked.Why},
			"identities": {f.Identities.State, f.Identities.Why}, "resets": {f.Resets.State, f.Resets.Why},
			"contacts": {f.Contacts.State, f.Contacts.Why}, "invitations": {f.Invitations.State, f.Invitations.Why},
			"suppressions": {f.Suppressions.State, f.Suppressions.Why},
		} {
			switch {
			case name == want:
				if got.state != dryrun.StateFailed || got.why != fails+" is away" {
					t.Errorf("%s fails: %s is %+v", fails, name, got)
				}
			case want == "accounts" && (name == "identities" || name == "suppressions"): // of no account is there anything to ask
				if got.state != dryrun.StateNotAsked {
					t.Errorf("%s fails: %s is %+v, want not asked", fails, name, got)
				}
			case got.state != dryrun.StateKnown || got.why != "":
				t.Errorf("%s fails: %s is %+v, want known", fails, name, got)
			}
		}
	}
}

// What is not configured is not asked, and is no failure.
func TestARunAsksOnlyWhatThereIs(t *testing.T) {
	r := run(t, recovery.Deps{Portal: systems{}})
	for name, got := range map[string]string{
		"identities": r.Facts.Identities.State, "resets": r.Facts.Resets.State, "suppressions": r.Facts.Suppressions.State,
	} {
		if got != dryrun.StateNotAsked {
			t.Errorf("%s is %s, want %s", name, got, dryrun.StateNotAsked)
		}
	}
	if r.Address != asked || r.Page.Title != asked || len(r.Accounts) != 1 || r.Primary == nil || r.Incomplete {
		t.Errorf("%+v: want one account, its first button and the page of %s", r, asked)
	}
}

// Of an account it has the id, and of the identity's email only that it is another one (R2).
func TestARunNamesNobody(t *testing.T) {
	r := run(t, recovery.Deps{Portal: systems{}})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if i := r.Facts.Accounts.Value[0].Identity; i == nil || i.Email != "other" || i.Subject != "7" {
		t.Errorf("identity %+v, want its id and an email that is another", i)
	}
	for _, secret := range []string{"Zeppelin", "example.org"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is told: %s", secret, text)
		}
	}
}
