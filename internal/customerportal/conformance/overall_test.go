package conformance

import (
	"testing"
	"time"
)

// TestSlowAndLongAnswersAreNamed looks back at answers that no test waits for.
func TestSlowAndLongAnswersAreNamed(t *testing.T) {
	s := &session{past: []*Exchange{
		{Request: "GET /v1/accounts?email=a", Status: 200, took: 4900 * time.Millisecond, body: make([]byte, maxAnswer)},
		{Request: "GET /v1/accounts?email=b", Status: 200, took: 5100 * time.Millisecond, body: make([]byte, maxAnswer+1)},
	}}
	for _, c := range overallChecks() {
		r := s.make(t.Context(), c)
		want := 0
		if c.id == "speed" || c.id == "size" {
			want = 1
		}
		if len(r.Faults) != want || (want == 1 && r.Faults[0].Exchange != s.past[1]) {
			t.Errorf("%s: %+v, want %d", c.id, r.Faults, want)
		}
	}
}

func TestAFaultThatManyAnswersShareIsShownOnce(t *testing.T) {
	s := &session{}
	for range 10 {
		s.past = append(s.past, &Exchange{Request: "GET /v1/healthz", Status: 302})
	}
	for _, c := range overallChecks() {
		if r := s.make(t.Context(), c); c.id == "redirects" && (len(r.Faults) != 1 || r.Faults[0].Text != "answers 302 (and so in 9 more)") {
			t.Errorf("%+v", r.Faults)
		}
	}
}
