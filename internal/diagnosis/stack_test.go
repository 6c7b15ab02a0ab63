package diagnosis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// causes make an account show each situation that an account can have.
var causes = map[diagnosis.ID]func(*account.Account, *diagnosis.Facts){
	diagnosis.Ready:          func(*account.Account, *diagnosis.Facts) {},
	diagnosis.SignInDisabled: func(a *account.Account, _ *diagnosis.Facts) { a.SignInEnabled = false },
	diagnosis.Unconfirmed:    func(a *account.Account, _ *diagnosis.Facts) { a.ConfirmedAt = time.Time{} },
	diagnosis.UnlinkedLegacy: func(a *account.Account, _ *diagnosis.Facts) {
		a.Identity, a.Origin = nil, account.OriginLegacy
	},
	diagnosis.UnlinkedSales: func(a *account.Account, _ *diagnosis.Facts) {
		a.Identity, a.Origin = nil, account.OriginSales
	},
	diagnosis.LinkedEmailMismatch: func(a *account.Account, _ *diagnosis.Facts) {
		a.Identity = identity(stranger)
	},
	diagnosis.ResetOnWrongSite: func(_ *account.Account, f *diagnosis.Facts) {
		f.Resets = diagnosis.Answer(diagnosis.Resets{Identity: now.Add(-time.Hour)})
	},
}

// pairs is what every two situations that one account can have together come to, in the registry's order.
// Findings stand in the order of the page; in brackets, what may be done under each.
const pairs = `
unconfirmed + unlinked-sales: unconfirmed [resend-confirmation hand-off], unlinked-sales [hand-off]
unconfirmed + linked-email-mismatch: unconfirmed [resend-confirmation hand-off], linked-email-mismatch [hand-off]
unconfirmed + reset-on-wrong-site: unconfirmed [resend-confirmation hand-off], reset-on-wrong-site [hand-off]
unconfirmed + sign-in-disabled: sign-in-disabled [hand-off]
unlinked-sales + reset-on-wrong-site: unlinked-sales [sign-in email-sign-in-link hand-off], reset-on-wrong-site [sign-in hand-off]
unlinked-sales + sign-in-disabled: sign-in-disabled [hand-off]
unlinked-legacy + reset-on-wrong-site: unlinked-legacy [sign-in email-sign-in-link hand-off], reset-on-wrong-site [sign-in hand-off]
unlinked-legacy + sign-in-disabled: sign-in-disabled [hand-off]
linked-email-mismatch + reset-on-wrong-site: linked-email-mismatch [sign-in email-sign-in-link hand-off], reset-on-wrong-site [sign-in hand-off]
linked-email-mismatch + sign-in-disabled: sign-in-disabled [hand-off]
reset-on-wrong-site + ready: reset-on-wrong-site [sign-in hand-off]
reset-on-wrong-site + sign-in-disabled: sign-in-disabled [hand-off]
`

func TestHowPairsOfSituationsStack(t *testing.T) {
	var got strings.Builder
	got.WriteString("\n")
	all := ofAccounts(t)
	for i, first := range all {
		for _, second := range all[i+1:] {
			if a, f, ok := together(t, first, second); ok {
				fmt.Fprintf(&got, "%s + %s: %s\n", first.ID, second.ID, describe(diagnosis.Diagnose(withAccount(f, a)).Accounts[0].Findings))
			}
		}
	}
	if got.String() != pairs {
		t.Errorf("pairs come to:%s\nwant:%s", got.String(), pairs)
	}
}

// together is an account that shows both situations by their own rules, if there can be one.
func together(t *testing.T, first, second diagnosis.Situation) (account.Account, diagnosis.Facts, bool) {
	t.Helper()
	a, f := sound(), facts(t)
	causes[first.ID](&a, &f)
	causes[second.ID](&a, &f)
	f = withAccount(f, a)
	_, one := first.Find(f, &a)
	_, other := second.Find(f, &a)
	return a, f, one && other
}

func ofAccounts(t *testing.T) []diagnosis.Situation {
	t.Helper()
	var out []diagnosis.Situation
	for _, s := range diagnosis.All() {
		if s.WithoutAccount {
			continue
		}
		if causes[s.ID] == nil {
			t.Errorf("%s: causes does not say what it takes", s.ID)
			continue
		}
		out = append(out, s)
	}
	return out
}

func withAccount(f diagnosis.Facts, a account.Account) diagnosis.Facts {
	f.Accounts = diagnosis.Answer([]account.Account{a})
	return f
}

func describe(findings []diagnosis.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %v", f.ID, f.Actions))
	}
	return strings.Join(out, ", ")
}

// Any number of causes at once: what blocks comes first, and nothing that a finding forbids is left.
func TestAnyCausesTogether(t *testing.T) {
	all := ofAccounts(t)
	for set := 1; set < 1<<len(all); set++ {
		a, f := sound(), facts(t)
		var names []string
		for i, s := range all {
			if set&(1<<i) != 0 {
				causes[s.ID](&a, &f)
				names = append(names, string(s.ID))
			}
		}
		r := diagnosis.Diagnose(withAccount(f, a))
		name := strings.Join(names, "+")
		for _, problem := range faults(r) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// faults are the rules that a report breaks.
func faults(r diagnosis.Report) []string {
	var out []string
	for _, a := range r.Accounts {
		if !slices.IsSortedFunc(a.Findings, func(x, y diagnosis.Finding) int { return int(x.Order) - int(y.Order) }) {
			out = append(out, fmt.Sprintf("not in order: %v", ids(a.Findings)))
		}
		for _, f := range a.Findings {
			if f.Actions[len(f.Actions)-1] != diagnosis.HandOff {
				out = append(out, fmt.Sprintf("%s does not end with the hand-off", f.ID))
			}
			if (f.Neutral || f.Alone) && len(a.Findings) > 1 {
				out = append(out, fmt.Sprintf("%s does not stand alone", f.ID))
			}
			for _, forbidden := range f.Forbids {
				if r.Allows(a.Account.ID, forbidden) || slices.Contains(a.Actions(), forbidden) {
					out = append(out, fmt.Sprintf("%s forbids %s, which is allowed", f.ID, forbidden))
				}
			}
		}
	}
	return out
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
