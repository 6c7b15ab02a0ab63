package demo_test

import (
	"strings"
	"testing"
)

// lookUps are the look-ups of the API with values that find somebody among the demo's customers.
var lookUps = []struct{ parameter, value string }{
	{"email", "healthy@example.com"},
	{"identity_email", "gitlabZ@example.com"},
	{"identity_subject", "2000101"},
	{"similar_to", "firstname_lastname@organization.com"},
	{"contact_email", "healthy@example.com"},
	{"invited_email", "healthy@example.com"},
}

// TestNoLookUpReadsATable: each is a walk along an index, so that it costs the same among a million accounts.
func TestNoLookUpReadsATable(t *testing.T) {
	s := newStand(t)
	for _, l := range lookUps {
		steps, err := s.portal.Plans(t.Context(), l.parameter, l.value)
		s.must(err)
		if len(steps) == 0 {
			t.Errorf("%s: no plan", l.parameter)
		}
		for _, step := range steps {
			if strings.Contains(step, "SCAN ") && !strings.HasPrefix(step, "SCAN (subquery") && !strings.HasPrefix(step, "SCAN CONSTANT") {
				t.Errorf("%s: %s", l.parameter, step)
			}
			if testing.Verbose() {
				t.Logf("%s: %s", l.parameter, step)
			}
		}
	}
}
