package diagnosis_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// world is what is known of a customer: the account at the address, which a cause may take away, perhaps a
// second one there, and perhaps one that the identity establishes.
type world struct {
	own, second, theirs *account.Account
	facts               diagnosis.Facts
}

func newWorld(t *testing.T) *world {
	t.Helper()
	own := sound()
	return &world{own: &own, facts: facts(t)}
}

// known are the facts of the world.
func (w *world) known() diagnosis.Facts {
	f := w.facts
	var own, linked []account.Account
	for _, a := range []*account.Account{w.own, w.second} {
		if a != nil {
			own = append(own, *a)
		}
	}
	if w.theirs != nil {
		linked = append(linked, *w.theirs)
	}
	f.Accounts, f.Linked = diagnosis.Answer(own), diagnosis.Answer(linked)
	return f
}

// of changes the account at the address, if there is one.
func of(change func(*account.Account)) func(*world) {
	return func(w *world) {
		if w.own != nil {
			change(w.own)
		}
	}
}

// causes make a customer show each situation.
var causes = map[diagnosis.ID]func(*world){
	diagnosis.Ready:          func(*world) {},
	diagnosis.DifferentEmail: func(w *world) { w.own = nil },
	diagnosis.SeveralAccounts: func(w *world) {
		second := sound()
		second.ID, second.LastSignInAt = "3", now.AddDate(-1, 0, 0)
		w.second = &second
	},
	diagnosis.IdentityLinkedElsewhere: func(w *world) { a := theirs(); w.theirs = &a },
	diagnosis.SignInDisabled:          of(func(a *account.Account) { a.SignInEnabled = false }),
	diagnosis.Unconfirmed:             of(func(a *account.Account) { a.ConfirmedAt = time.Time{} }),
	diagnosis.UnlinkedLegacy: of(func(a *account.Account) {
		a.Identity = nil
		if a.Origin == account.OriginSelfService {
			a.Origin = account.OriginLegacy
		}
	}),
	diagnosis.UnlinkedSales:       of(func(a *account.Account) { a.Identity, a.Origin = nil, account.OriginSales }),
	diagnosis.LinkedEmailMismatch: of(func(a *account.Account) { a.Identity = identity(stranger) }),
	diagnosis.IdentityLocked: of(func(a *account.Account) {
		if a.Identity != nil {
			a.Identity.State = account.IdentityLocked
		}
	}),
	diagnosis.PasswordDisabled: of(func(a *account.Account) {
		if a.Identity != nil {
			a.Identity.PasswordEnabled = false
		}
	}),
	diagnosis.OwnerLeft:          func(w *world) { w.facts.Said = []diagnosis.Symptom{diagnosis.SaidOwnerLeft} },
	diagnosis.MailSuppressed:     func(w *world) { w.facts.Suppressions = suppressed(account.ListBounces) },
	diagnosis.EmailChangePending: of(func(a *account.Account) { a.UnconfirmedEmail = stranger }),
	diagnosis.ResetOnWrongSite: func(w *world) {
		w.facts.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)})
	},
	diagnosis.InvitationPending: func(w *world) {
		of(func(a *account.Account) { a.BillingAccounts = nil })(w)
		w.facts.Invitations = invitedTo("B-2", account.InvitationOpen, time.Hour)
	},
	diagnosis.NoBillingAccess:    of(func(a *account.Account) { a.BillingAccounts = nil }),
	diagnosis.TwoBillingAccounts: func(w *world) { w.facts.Contacts = contactOf("B-2", account.RelationSoldTo) },
	diagnosis.ResellerPurchase:   of(func(a *account.Account) { a.Origin = account.OriginReseller }),
}

// shows reports whether the situation's own rule fires, whatever becomes of the finding.
func shows(s diagnosis.Situation, f diagnosis.Facts) bool {
	accounts := slices.Concat(f.Accounts.Value, f.Linked.Value)
	once := s.Scope&diagnosis.OfAddress != 0 && len(accounts) == 0 || s.Scope&diagnosis.OfAccounts != 0 && len(accounts) > 1
	if once {
		_, found := s.Find(f, nil)
		return found
	}
	return s.Scope&diagnosis.OfAccount != 0 && slices.ContainsFunc(accounts, func(a account.Account) bool {
		_, found := s.Find(f, &a)
		return found
	})
}

// together are the facts of a customer in all these situations; false if nobody can be.
func together(t *testing.T, all ...diagnosis.Situation) (diagnosis.Facts, bool) {
	t.Helper()
	w := newWorld(t)
	for _, s := range all {
		if causes[s.ID] == nil {
			t.Fatalf("%s: causes, in stack_test.go, does not say what it takes to be in it", s.ID)
		}
		causes[s.ID](w)
	}
	f := w.known()
	for _, s := range all {
		if !shows(s, f) {
			return f, false
		}
	}
	return f, true
}

var update = flag.Bool("update", false, "write testdata/pairs.txt anew, to be read before it is kept")

// pairsFile is the table: what every two situations that one customer can be in come to.
const pairsFile = "testdata/pairs.txt"

const pairsHead = `# What every two situations that one customer can be in come to. Findings stand in the order of the page: of all
# accounts together first, then account by account. In brackets is what may be done under each; the star is the
# page's one primary action. Made by: go test ./internal/diagnosis -run Pairs -update

`

func TestPairsOfSituations(t *testing.T) {
	var got strings.Builder
	got.WriteString(pairsHead)
	all := diagnosis.All()
	for i, first := range all {
		for _, second := range all[i+1:] {
			f, possible := together(t, first, second)
			if !possible {
				continue
			}
			r := diagnosis.Diagnose(f)
			fmt.Fprintf(&got, "%s + %s\n    %s\n", first.ID, second.ID, describe(r))
			for _, fault := range faults(r) {
				t.Errorf("%s + %s: %s", first.ID, second.ID, fault)
			}
		}
	}
	if *update {
		if err := os.WriteFile(pairsFile, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(pairsFile)
	if err != nil {
		t.Fatal(err)
	}
	if lines := differing(got.String(), string(want)); len(lines) > 0 {
		t.Errorf("%s is another now; where that is meant, go test ./internal/diagnosis -run Pairs -update, and read the difference:\n%s",
			pairsFile, strings.Join(lines, "\n"))
	}
}

// differing are the lines that one of two tables has and the other has not.
func differing(got, want string) []string {
	var out []string
	has := func(table, line string) bool { return slices.Contains(strings.Split(table, "\n"), line) }
	for line := range strings.SplitSeq(got, "\n") {
		if !has(want, line) {
			out = append(out, "got  "+line)
		}
	}
	for line := range strings.SplitSeq(want, "\n") {
		if !has(got, line) {
			out = append(out, "want "+line)
		}
	}
	if len(out) == 0 && got != want {
		out = append(out, "the same lines in another order")
	}
	return out
}

// describe writes a report as a line.
func describe(r diagnosis.Report) string {
	primary, _ := r.Primary()
	var parts []string
	add := func(account string, findings []diagnosis.Finding) {
		var out []string
		for _, f := range findings {
			var actions []string
			for _, a := range f.Actions {
				if primary == (diagnosis.Primary{AccountID: account, Situation: f.ID, Action: a}) {
					a += "*"
				}
				actions = append(actions, string(a))
			}
			out = append(out, fmt.Sprintf("%s [%s]", f.ID, strings.Join(actions, " ")))
		}
		if len(out) > 0 {
			parts = append(parts, strings.Join(out, ", "))
		}
	}
	add("", r.General)
	for _, a := range r.Accounts {
		add(a.Account.ID, a.Findings)
	}
	return strings.Join(parts, " | ")
}

// Three causes at once, wherever one customer can have them: what bars comes first, one action stands out,
// and nothing that a finding forbids is left.
func TestAnyThreeCausesTogether(t *testing.T) {
	all := diagnosis.All()
	for i, first := range all {
		for j, second := range all[i+1:] {
			for _, third := range all[i+1+j+1:] {
				f, possible := together(t, first, second, third)
				if !possible {
					continue
				}
				for _, fault := range faults(diagnosis.Diagnose(f)) {
					t.Errorf("%s + %s + %s: %s", first.ID, second.ID, third.ID, fault)
				}
			}
		}
	}
}

// faults are the rules that a report breaks.
func faults(r diagnosis.Report) []string {
	var out []string
	lists := [][]diagnosis.Finding{r.General}
	for _, a := range r.Accounts {
		lists = append(lists, a.Findings)
		for _, f := range a.Findings {
			if f.Neutral && len(a.Findings) > 1 {
				out = append(out, fmt.Sprintf("%s does not stand alone", f.ID))
			}
			for _, forbidden := range f.Forbids {
				if r.Allows(a.Account.ID, forbidden) || slices.Contains(a.Actions(), forbidden) {
					out = append(out, fmt.Sprintf("%s forbids %s, which is allowed", f.ID, forbidden))
				}
			}
		}
	}
	for _, findings := range lists {
		out = append(out, faultsOfList(findings)...)
	}
	if stars := strings.Count(describe(r), "*"); stars != 1 {
		out = append(out, fmt.Sprintf("%d primary actions", stars))
	}
	return out
}

func faultsOfList(findings []diagnosis.Finding) []string {
	var out []string
	if !slices.IsSortedFunc(findings, func(x, y diagnosis.Finding) int { return int(x.Order) - int(y.Order) }) {
		out = append(out, fmt.Sprintf("not in order: %v", ids(findings)))
	}
	for _, f := range findings {
		if f.Actions[len(f.Actions)-1] != diagnosis.HandOff {
			out = append(out, fmt.Sprintf("%s does not end with the hand-off", f.ID))
		}
		if f.Alone && len(findings) > 1 {
			out = append(out, fmt.Sprintf("%s does not stand alone", f.ID))
		}
		if len(f.Variants) > 0 && !slices.Contains(f.Variants, f.Evidence.Variant) || len(f.Variants) == 0 && f.Evidence.Variant != "" {
			out = append(out, fmt.Sprintf("%s has no variant %q", f.ID, f.Evidence.Variant))
		}
	}
	return out
}

// A button is pressed on the grounds alone: what only explains is not asked again, and nothing that was
// offered may depend on it.
func TestWhatOnlyExplainsPermitsNothing(t *testing.T) {
	all := diagnosis.All()
	for i, first := range all {
		for _, second := range all[i:] {
			f, possible := together(t, first, second)
			if !possible {
				continue
			}
			grounds := diagnosis.Facts{
				Address: f.Address, Now: f.Now, Accounts: f.Accounts, Linked: f.Linked, Identities: f.Identities, Said: f.Said,
			}
			pressed := diagnosis.Diagnose(grounds)
			for _, a := range diagnosis.Diagnose(f).Accounts {
				for _, action := range a.Actions() {
					if !pressed.Allows(a.Account.ID, action) {
						t.Errorf("%s + %s: %s is offered and then refused", first.ID, second.ID, action)
					}
				}
			}
		}
	}
}

func TestWhatBarsComesFirst(t *testing.T) {
	for _, s := range diagnosis.All() {
		if slices.Contains(s.Forbids, diagnosis.SignIn) && s.Order != diagnosis.Bars {
			t.Errorf("%s forbids signing in and has rank %d", s.ID, s.Order)
		}
		if s.Alone != (s.Order == diagnosis.Clear) {
			t.Errorf("%s: alone %t, rank %d; only what is all right stands alone", s.ID, s.Alone, s.Order)
		}
	}
}
