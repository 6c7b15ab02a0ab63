package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// hindered has three situations: two of one rank, and one after them.
func hindered(t *testing.T) diagnosis.Facts {
	t.Helper()
	address, err := account.ParseAddress("zoe@example.com")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	return diagnosis.Facts{
		Address: address, Now: now, Linked: diagnosis.Answer[[]account.Account](nil),
		Accounts: diagnosis.Answer([]account.Account{{
			ID: "1", Email: "zoe@example.com", CreatedAt: now.AddDate(-1, 0, 0), ConfirmedAt: now.AddDate(-1, 0, 0),
			SignInEnabled: true, UnconfirmedEmail: "new@example.com",
			Identity: &account.Identity{
				Provider: "gitlab", Subject: "9", Email: "other@example.com", State: account.IdentityActive, PasswordEnabled: true,
			},
			BillingAccounts: []account.Membership{{ID: "A-1", Role: account.RoleFormerOwner}},
		}}),
	}
}

func situationsOf(r diagnosis.Report) []diagnosis.ID {
	var ids []diagnosis.ID
	for _, a := range r.Accounts {
		for _, f := range a.Findings {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func TestWhatWasSeenComesFirstWithinItsRank(t *testing.T) {
	const mismatch, left, pending = diagnosis.LinkedEmailMismatch, diagnosis.OwnerLeft, diagnosis.EmailChangePending
	for _, tt := range []struct {
		name        string
		signs, want []diagnosis.ID
	}{
		{"nothing said", nil, []diagnosis.ID{mismatch, left, pending}},
		{"the second of a rank", []diagnosis.ID{left}, []diagnosis.ID{left, mismatch, pending}},
		{"both of a rank", []diagnosis.ID{left, mismatch}, []diagnosis.ID{mismatch, left, pending}},
		{"one of a later rank", []diagnosis.ID{pending}, []diagnosis.ID{mismatch, left, pending}},
		{"what was not found", []diagnosis.ID{diagnosis.Unconfirmed, diagnosis.SignInDisabled}, []diagnosis.ID{mismatch, left, pending}},
	} {
		f := hindered(t)
		f.Signs = tt.signs
		if got := situationsOf(diagnosis.Diagnose(f)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// What a rule found by the customer's word comes first too, without a message that is a sign of it.
func TestWhatWasFoundByWordComesFirst(t *testing.T) {
	f := hindered(t)
	f.Accounts.Value[0].BillingAccounts[0].Role = account.RoleManager
	f.Said = []diagnosis.Symptom{diagnosis.SaidOwnerLeft}
	if got := situationsOf(diagnosis.Diagnose(f)); got[0] != diagnosis.OwnerLeft {
		t.Errorf("%v, want %s first", got, diagnosis.OwnerLeft)
	}
}

// Whatever is said, the same is found and the same is permitted.
func TestWhatWasSeenChangesNoPermission(t *testing.T) {
	f := hindered(t)
	before := diagnosis.Diagnose(f)
	for _, s := range diagnosis.All() {
		f.Signs = []diagnosis.ID{s.ID}
		after := diagnosis.Diagnose(f)
		if a, b := sorted(before.Accounts[0].Actions()), sorted(after.Accounts[0].Actions()); !slices.Equal(a, b) {
			t.Errorf("seen %s: permits %v, before %v", s.ID, b, a)
		}
		if a, b := sorted(situationsOf(before)), sorted(situationsOf(after)); !slices.Equal(a, b) {
			t.Errorf("seen %s: finds %v, before %v", s.ID, b, a)
		}
		for i, finding := range after.Accounts[0].Findings[1:] {
			if finding.Order < after.Accounts[0].Findings[i].Order {
				t.Errorf("seen %s: %s stands after a lesser one", s.ID, finding.ID)
			}
		}
	}
}

func sorted[T ~string](of []T) []T { return slices.Sorted(slices.Values(of)) }
