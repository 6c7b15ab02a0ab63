package recovery_test

import (
	"slices"
	"testing"

	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// Two accounts can be in the same situation: support is told of it once, by the finding that came first.
func TestSituationsFoundAreNamedOnce(t *testing.T) {
	e := recovery.Evidence{Findings: []recovery.EvidenceFinding{
		{Situation: diagnosis.Unconfirmed, AccountID: "1"},
		{Situation: diagnosis.NoBillingAccess, AccountID: "1"},
		{Situation: diagnosis.Unconfirmed, AccountID: "2"},
		{Situation: diagnosis.Ready, AccountID: "3"},
		{Situation: diagnosis.NoBillingAccess, AccountID: "2"},
	}}
	if got, want := e.SituationsFound(), []string{"unconfirmed", "no-billing-access", "ready"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	var accounts []string
	for _, f := range e.FirstOfEach() {
		accounts = append(accounts, f.AccountID)
	}
	if want := []string{"1", "1", "3"}; !slices.Equal(accounts, want) {
		t.Errorf("the first of each are of %v, want %v", accounts, want)
	}
	if got := (recovery.Evidence{}).SituationsFound(); len(got) > 0 {
		t.Errorf("of nothing found: %v", got)
	}
}
