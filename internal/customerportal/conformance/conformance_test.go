package conformance_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/internal/customerportal/conformance"
)

func TestTheDemoPortalIsAllRight(t *testing.T) {
	r := run(t, vendor(t))
	if n := r.Count(conformance.Right); n != len(r.Results) || n < 35 {
		t.Errorf("%d of %d are right:\n%s", n, len(r.Results), printed(t, r))
	}
}

func TestWhatNeedsATestAccountIsListedLoudly(t *testing.T) {
	cfg := vendor(t)
	cfg.Samples = conformance.Samples{}
	r := run(t, cfg)
	text := printed(t, r)
	if len(of(r, conformance.Wrong)) > 0 {
		t.Errorf("wrong without samples: %v", of(r, conformance.Wrong))
	}
	for _, flag := range []string{
		"--account-email", "--unconfirmed-email", "--disabled-email", "--similar-email", "--contact-email", "--invited-email",
	} {
		if !strings.Contains(text, "needs "+flag) {
			t.Errorf("nothing says that %s is wanted", flag)
		}
	}
	if !strings.Contains(text, "NOT CHECKED") || !strings.Contains(text, "0 wrong") {
		t.Errorf("the summary: %s", text[len(text)-80:])
	}
}

func TestNoReportHoldsASecret(t *testing.T) {
	cfg := vendor(t, echo, linkInPast)
	r := run(t, cfg)
	var encoded strings.Builder
	if err := r.WriteJSON(&encoded); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{printed(t, r), encoded.String()} {
		if strings.Contains(text, token) {
			t.Error("the token is in the report")
		}
		if strings.Contains(text, "/customers/sign_in/") {
			t.Error("a working link is in the report")
		}
		if !strings.Contains(text, "Bearer ****") || !strings.Contains(text, cfg.BaseURL+"/****") {
			t.Error("what was masked is not shown as such")
		}
	}
	var back conformance.Report
	if err := json.Unmarshal([]byte(encoded.String()), &back); err != nil || len(back.Results) != len(r.Results) {
		t.Errorf("the JSON reads back as %d checks, %v", len(back.Results), err)
	}
}

func TestRunSaysWhyNothingCanBeChecked(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct {
		name string
		cfg  conformance.Config
		want string
	}{
		{"nothing there", conformance.Config{BaseURL: gone.URL, Token: token}, "nothing answers at " + gone.URL},
		{"no URL", conformance.Config{BaseURL: "customers.example.com", Token: token}, "the URL must be"},
		{"no token", conformance.Config{BaseURL: gone.URL}, "the token is empty"},
		{"a sample that is none", conformance.Config{BaseURL: gone.URL, Token: token, Samples: conformance.Samples{Invited: "guest"}}, "guest is no address"},
	} {
		if _, err := conformance.Run(t.Context(), tt.cfg); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestEveryCheckHasARuleAndANameOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range run(t, vendor(t)).Results {
		if seen[one.ID] || one.ID == "" || len(one.Rule) < 20 {
			t.Errorf("%q: %q", one.ID, one.Rule)
		}
		seen[one.ID] = true
	}
}
