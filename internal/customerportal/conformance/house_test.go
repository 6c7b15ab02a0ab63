package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/customerportal/conformance"
	"latchkey/internal/demo"
)

const token = "demo-token-1"

var now = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

var samples = conformance.Samples{
	Account: "healthy@example.com", Unconfirmed: "unconfirmed@example.com", Disabled: "disabled@example.com",
	Similar: "firstname_lastname@organization.com", Contact: "healthy@example.com", Invited: "invitation-pending@example.com",
}

// vendor is the demo portal, behind whatever a vendor may have got wrong, and the checks' configuration.
func vendor(t *testing.T, wrong ...func(http.Handler) http.Handler) conformance.Config {
	t.Helper()
	var server *httptest.Server
	portal, err := demo.OpenPortal(t.Context(), demo.Config{
		DataDir: t.TempDir(), Token: token, Now: clock, PublicURL: func() string { return server.URL },
	})
	if err != nil {
		t.Fatal(err)
	}
	h := portal.Handler()
	for _, w := range wrong {
		h = w(h)
	}
	server = httptest.NewServer(h)
	t.Cleanup(func() { server.Close(); _ = portal.Close() })
	return conformance.Config{BaseURL: server.URL, Token: token, Samples: samples, Now: clock, Origins: []string{server.URL}}
}

func run(t *testing.T, cfg conformance.Config) conformance.Report {
	t.Helper()
	report, err := conformance.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// of are the ids of the checks that came out so.
func of(r conformance.Report, s conformance.State) []string {
	var ids []string
	for _, one := range r.Results {
		if one.State == s {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

func printed(t *testing.T, r conformance.Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func contains(all []string, one string) bool { return slices.Contains(all, one) }
