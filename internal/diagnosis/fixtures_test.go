package diagnosis_test

import (
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const (
	proven   = "ada@company.example"
	stranger = "secret.colleague@elsewhere.example"
)

func address(t testing.TB, s string) account.Address {
	t.Helper()
	a, err := account.ParseAddress(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return a
}

// sound is an account at the proven address with nothing wrong.
func sound() account.Account {
	return account.Account{
		ID: "1", Email: proven, Name: "Ada", SignInEnabled: true, Origin: account.OriginSelfService,
		CreatedAt: now.AddDate(-2, 0, 0), ConfirmedAt: now.AddDate(-2, 0, 0), LastSignInAt: now.AddDate(0, -3, 0),
		Identity:        identity(proven),
		BillingAccounts: []account.Membership{{ID: "B-1"}},
	}
}

func identity(email string) *account.Identity {
	return &account.Identity{
		Provider: "gitlab", Subject: "77", Username: "someone-else", Email: email, EmailVerified: true,
		State: account.IdentityActive, PasswordEnabled: true,
	}
}

// theirs is a colleague's account, linked to the identity of the proven address.
func theirs() account.Account {
	a := sound()
	a.ID, a.Email = "2", "billing@company.example"
	return a
}

// facts are what is known where every system answers: the accounts at the address, no others, no reset.
func facts(t testing.TB, accounts ...account.Account) diagnosis.Facts {
	t.Helper()
	return diagnosis.Facts{
		Address: address(t, proven), Now: now,
		Accounts: diagnosis.Answer(accounts),
		Linked:   diagnosis.Answer[[]account.Account](nil),
		Resets:   diagnosis.Answer(diagnosis.Resets{}),

		Contacts:     diagnosis.Answer[[]account.BillingRelation](nil),
		Invitations:  diagnosis.Answer[[]account.BillingRelation](nil),
		Suppressions: diagnosis.Answer[[]account.Suppression](nil),
	}
}

// invitedTo is an invitation of the proven address, of an age.
func invitedTo(billingAccount, state string, age time.Duration) diagnosis.Known[[]account.BillingRelation] {
	return diagnosis.Answer([]account.BillingRelation{{
		ID: billingAccount, Relation: account.RelationInvited, InvitationState: state, CreatedAt: now.Add(-age),
	}})
}

// contactOf is the proven address as a contact of a billing account.
func contactOf(billingAccount, relation string) diagnosis.Known[[]account.BillingRelation] {
	return diagnosis.Answer([]account.BillingRelation{{ID: billingAccount, Relation: relation, CreatedAt: now.AddDate(-1, 0, 0)}})
}

func suppressed(lists ...account.SuppressionList) diagnosis.Known[[]account.Suppression] {
	var all []account.Suppression
	for _, l := range lists {
		s := account.Suppression{List: l, Since: now.AddDate(0, 0, -16)}
		if l == account.ListBounces {
			s.Code = "550"
		}
		all = append(all, s)
	}
	return diagnosis.Answer(all)
}

func ids(findings []diagnosis.Finding) []diagnosis.ID {
	var out []diagnosis.ID
	for _, f := range findings {
		out = append(out, f.ID)
	}
	return out
}

func checkIDs(checks []diagnosis.Check, state diagnosis.CheckState) []diagnosis.CheckID {
	var out []diagnosis.CheckID
	for _, c := range checks {
		if c.State == state {
			out = append(out, c.ID)
		}
	}
	return out
}
