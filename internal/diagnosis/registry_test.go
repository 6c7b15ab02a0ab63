package diagnosis_test

import (
	"regexp"
	"testing"

	"latchkey/internal/diagnosis"
)

var slug = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

func TestRegistryIsSound(t *testing.T) {
	seen := map[diagnosis.ID]bool{}
	for _, s := range diagnosis.All() {
		if !slug.MatchString(string(s.ID)) || seen[s.ID] {
			t.Errorf("%q is no slug of its own", s.ID)
		}
		seen[s.ID] = true
		if found, ok := diagnosis.ByID(s.ID); !ok || found.ID != s.ID {
			t.Errorf("%s: ByID gives %v, %t", s.ID, found.ID, ok)
		}
		for _, lack := range lacks(s) {
			t.Errorf("%s: %s", s.ID, lack)
		}
	}
	if _, ok := diagnosis.ByID("no-such-situation"); ok {
		t.Error("ByID finds what is not there")
	}
}

// lacks names what a situation is missing or has wrong by itself; its words, help page and demo customer
// are looked for where they are.
func lacks(s diagnosis.Situation) []string {
	var out []string
	if s.Order < diagnosis.Bars || s.Order > diagnosis.Clear {
		out = append(out, "no rank")
	}
	if s.Drawing == "" {
		out = append(out, "no drawing")
	}
	if s.Scope <= 0 || s.Scope > diagnosis.OfAccount|diagnosis.OfAddress|diagnosis.OfAccounts {
		out = append(out, "no scope")
	}
	if s.Find == nil {
		out = append(out, "no rule")
	}
	if s.Inside && (s.Order != diagnosis.Explains || len(s.Forbids) > 0) {
		out = append(out, "is met inside and keeps people out")
	}
	if len(s.Offers) == 0 {
		out = append(out, "offers nothing")
	}
	if len(s.Proofs) == 0 && !s.Neutral {
		out = append(out, "does not say what support needs")
	}
	for _, a := range s.Forbids {
		if a == diagnosis.HandOff {
			out = append(out, "forbids the hand-off")
		}
		for _, offered := range s.Offers {
			if a == offered {
				out = append(out, "forbids what it offers: "+string(a))
			}
		}
	}
	for _, a := range s.Offers {
		ofAccount := a == diagnosis.SignIn || a == diagnosis.EmailSignInLink || a == diagnosis.ResendConfirmation
		// Who gets in, and does not find what they look for, may have it at another address.
		elsewhere := a == diagnosis.TryAnotherAddress && s.Inside
		if ofAccount && s.Scope&diagnosis.OfAccount == 0 ||
			!ofAccount && a != diagnosis.HandOff && !elsewhere && s.Scope&diagnosis.OfAddress == 0 {
			out = append(out, "cannot offer "+string(a))
		}
	}
	return out
}

// Nobody can change the registry for others by changing what they were given.
func TestRegistryCannotBeChanged(t *testing.T) {
	before := diagnosis.All()[0]
	given := diagnosis.All()
	given[0].ID, given[0].Offers[0] = "changed", diagnosis.SignIn
	if after := diagnosis.All()[0]; after.ID != before.ID || after.Offers[0] != before.Offers[0] {
		t.Error("a change of what All gave changed the registry")
	}
}
