package templates_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/demo"
	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

// What somebody writes who adds a situation: its Go file, its words and its demo customer. Nothing else.

const tooNew diagnosis.ID = "too-new"

// addedGo is the one file in internal/diagnosis.
func addedGo() diagnosis.Situation {
	return diagnosis.Situation{
		ID: tooNew, Order: diagnosis.Explains, Scope: diagnosis.OfAccount, Drawing: diagnosis.DrawMissing,
		Offers: []diagnosis.Action{diagnosis.SignIn},
		Proofs: []diagnosis.Proof{diagnosis.ProofMailbox},
		Find: func(f diagnosis.Facts, a *account.Account) (diagnosis.Evidence, bool) {
			age := f.Now.Sub(a.CreatedAt)
			return diagnosis.Evidence{Rule: string(tooNew), Facts: []diagnosis.Fact{{Name: "age", Value: age.String()}}}, age < time.Hour
		},
	}
}

// addedWords are its table in the locales, a line each.
const addedWords = `title = "Your account is a few minutes old"
short = "You've just signed up."
what = "Your account needs a few minutes."
why = "It is copied to where you sign in."
steps = "Wait, and try again."
support = "Look whether the copy arrived."
admin = "Look at the queue."
reply = "It often means that an account is very new."`

// addedCustomer is the one in internal/demo.
var addedCustomer = demo.Customer{Address: "too-new@example.com", Situation: string(tooNew), About: "Signed up a minute ago."}

func rendererWith(t *testing.T, words string) *templates.Renderer {
	t.Helper()
	r, err := templates.NewWithMore(templates.Options{Site: sampleSite, Asset: asset}, "[situation."+string(tooNew)+"]\n"+words)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestASituationIsAddedByThreeThings(t *testing.T) {
	registry, customers := diagnosis.Registry{addedGo()}, []demo.Customer{addedCustomer}
	if lacks := incomplete(t, rendererWith(t, addedWords), registry, customers); len(lacks) > 0 {
		t.Fatalf("with all three there is still missing:\n%s", strings.Join(lacks, "\n"))
	}
	if lacks := incomplete(t, rendererWith(t, addedWords), registry, nil); len(lacks) != 1 {
		t.Errorf("without its demo customer: %v", lacks)
	}
	if lacks := incomplete(t, rendererWith(t, addedWords), nil, customers); len(lacks) != 1 {
		t.Errorf("without its Go file: %v", lacks)
	}
	for line := range strings.Lines(addedWords) {
		if lacks := incomplete(t, rendererWith(t, strings.ReplaceAll(addedWords, line, "")+"\nsaw = \"x\""), registry, customers); len(lacks) == 0 {
			t.Errorf("nothing notices that this is missing: %s", line)
		}
	}
}

// It is found and ranked, its actions stand, and its help page reads.
func TestAnAddedSituationWorks(t *testing.T) {
	a, err := account.ParseAddress("ada@company.example")
	if err != nil {
		t.Fatal(err)
	}
	fresh := account.Account{
		ID: "1", Email: a.String(), SignInEnabled: true, CreatedAt: at, ConfirmedAt: at, Origin: account.OriginSelfService,
		BillingAccounts: []account.Membership{{ID: "B"}},
	}
	r := append(diagnosis.All(), addedGo()).Diagnose(diagnosis.Facts{
		Address: a, Now: at.Add(time.Minute), Accounts: diagnosis.Answer([]account.Account{fresh}),
		Linked: diagnosis.Answer[[]account.Account](nil),
	})
	var found []diagnosis.ID
	for _, f := range r.Accounts[0].Findings {
		found = append(found, f.ID)
	}
	if want := []diagnosis.ID{diagnosis.UnlinkedLegacy, tooNew}; !slices.Equal(found, want) || !r.Allows("1", diagnosis.SignIn) {
		t.Errorf("found %v, want %v and signing in allowed", found, want)
	}
	help, err := pageText(rendererWith(t, addedWords), "en", templates.Help{Finding: templates.FindingView{
		Situation: string(tooNew), Drawing: string(diagnosis.DrawMissing),
	}})
	if err != nil || !strings.Contains(help, "Your account is a few minutes old") {
		t.Errorf("help page: %v", err)
	}
}
