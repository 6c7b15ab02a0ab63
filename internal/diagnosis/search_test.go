package diagnosis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/diagnosis"
)

func TestMentioning(t *testing.T) {
	texts := map[diagnosis.ID]string{
		diagnosis.Unconfirmed:      "The mail never arrives.",
		diagnosis.PasswordDisabled: "No password works. The mail to reset the Password never arrives.",
		diagnosis.IdentityLocked:   "Several wrong passwords, or a second code.",
		diagnosis.Ready:            "",
	}
	for _, tt := range []struct{ typed, want string }{
		{"password", "identity-locked password-disabled"},
		{"PASSWORD?", "identity-locked password-disabled"},
		{"my password never arrives", "password-disabled"},
		{"code never arrives", "unconfirmed password-disabled"},
		{"the mail", "unconfirmed password-disabled"},
		{"second code", "identity-locked"},
		{"code code code never", ""}, // one of two words is not more than half
		{"word", ""},                 // inside of a word
		{"guru meditation code", ""},
		{"", ""},
		{"the", ""},
		{"a b c", ""},
		{"—", ""},
	} {
		var got []string
		for _, id := range diagnosis.All().Mentioning(tt.typed, func(id diagnosis.ID) string { return texts[id] }) {
			got = append(got, string(id))
		}
		if !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("%q: %v, want %s", tt.typed, got, tt.want)
		}
	}
}

// A page of words costs no more than a sentence: what comes late in it is not looked for.
func TestMentioningIsBounded(t *testing.T) {
	var known, typed strings.Builder
	for i := range 20 {
		fmt.Fprintf(&typed, "unheard%d ", i)
	}
	for i := range 40 {
		fmt.Fprintf(&known, "known%d ", i)
	}
	texts := func(diagnosis.ID) string { return known.String() }
	if got := diagnosis.All().Mentioning(typed.String()+known.String(), texts); got != nil {
		t.Errorf("found %v by the words after the first twenty", got)
	}
	if got := diagnosis.All().Mentioning(known.String(), texts); len(got) != len(diagnosis.All()) {
		t.Errorf("found %d by the first twenty, want all", len(got))
	}
}
