package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
	"latchkey/internal/recovery/dryrun"
)

// dryHouse is a demo customer portal alone, and what diagnose has to be told of it.
func dryHouse(t *testing.T) (*demo.Portal, []string) {
	t.Helper()
	shop := httptest.NewUnstartedServer(nil)
	portal, err := demo.OpenPortal(t.Context(), demo.Config{
		DataDir: t.TempDir(), Token: "token", PublicURL: func() string { return shop.URL },
	})
	if err != nil {
		t.Fatal(err)
	}
	shop.Config.Handler = portal.Handler()
	shop.Start()
	t.Cleanup(func() { _ = portal.Close(); shop.Close() })
	return portal, []string{"--portal-url", shop.URL, "--portal-token", "token", "--data", filepath.Join(t.TempDir(), "none")}
}

func diagnose(t *testing.T, email string, told ...string) (text, stderr string, status int) {
	t.Helper()
	return command(t.Context(), append([]string{"diagnose", email}, told...)...)
}

func diagnoseJSON(t *testing.T, email string, told ...string) dry {
	t.Helper()
	text, errs, status := diagnose(t, email, append(told, "--json")...)
	var d dry
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil || status != 0 {
		t.Fatalf("%s: %v, status %d, %s\n%s", email, err, status, errs, text)
	}
	return d
}

func (d dry) situations() []string {
	var ids []string
	for _, f := range d.General {
		ids = append(ids, f.Situation)
	}
	for _, a := range d.Accounts {
		for _, f := range a.Findings {
			ids = append(ids, f.Situation)
		}
	}
	return ids
}

// beyond are situations that the portal alone does not prove, or that the journey never comes to.
var beyond = []string{"", "reset-on-wrong-site", "mail-suppressed"}

func TestDiagnoseFindsWhatTheJourneyFinds(t *testing.T) {
	portal, told := dryHouse(t)
	calls := portal.Calls()
	for _, c := range demo.Customers() {
		d := diagnoseJSON(t, c.Address, told...)
		if !slices.Contains(beyond, c.Situation) && !slices.Contains(d.situations(), c.Situation) {
			t.Errorf("%s: %v, want %s", c.Address, d.situations(), c.Situation)
		}
		if d.Address != c.Address || d.Primary == nil || d.Page.Title == "" || !strings.Contains(d.Page.Text, "# ") {
			t.Errorf("%s: address %q, primary %v, page %q", c.Address, d.Address, d.Primary, d.Page.Title)
		}
		if d.Facts.Accounts.State != dryrun.StateKnown || d.Facts.Resets.State != dryrun.StateNotAsked {
			t.Errorf("%s: accounts %s, resets %s", c.Address, d.Facts.Accounts.State, d.Facts.Resets.State)
		}
	}
	if after := portal.Calls(); after["sign-in-links"] != calls["sign-in-links"] || after["confirmations"] != calls["confirmations"] || after["accounts?similar_to"] > 0 {
		t.Errorf("a dry run did something at the portal: %v", after)
	}
	if _, err := os.Stat(told[5]); !os.IsNotExist(err) {
		t.Errorf("a dry run made the data folder: %v", err)
	}
}

// R2: an admin's console shows ids, and of addresses the one asked for and those that its customer is shown.
func TestDiagnoseNamesNobodyElse(t *testing.T) {
	_, told := dryHouse(t)
	const asked = "customerZ@example.com"
	for _, more := range [][]string{nil, {"--json"}} {
		text, _, status := diagnose(t, asked, append(more, told...)...)
		if status != 0 || !strings.Contains(text, asked) || !strings.Contains(text, "1007") || !strings.Contains(text, "linked-email-mismatch") {
			t.Errorf("status %d, without the address, the account's id or the finding:\n%s", status, text)
		}
		if more == nil && !strings.Contains(text, "account 1007, theirs by its address if they prove this mailbox; permitted: ") {
			t.Errorf("it claims that something was proven:\n%s", text)
		}
		for _, secret := range []string{"gitlabZ@", "gitlabz", "Zoe", "Zeppelin"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is printed:\n%s", secret, text)
			}
		}
	}
	text, _, _ := diagnose(t, "firstname_lastname@organization.com", told...)
	if strings.Contains(text, "firstname.lastname@organization.com") || strings.Contains(text, "1004") {
		t.Errorf("the account at a similar address is told of:\n%s", text)
	}
}

func TestDiagnoseIsReadable(t *testing.T) {
	_, told := dryHouse(t)
	text, _, _ := diagnose(t, "unconfirmed@example.com", told...)
	for _, want := range []string{
		"unconfirmed: bars signing in", "rule unconfirmed: confirmed_at = empty", "actions: resend-confirmation, hand-off",
		"forbids: sign-in, email-sign-in-link", "first button: resend-confirmation", "password resets: not asked",
		"confirmed never", "| [Send the confirmation again]", "| 1. Have the confirmation sent again.",
		"| Customers Portal account: unconfirmed@example.com",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  |") && len([]rune(line)) > 84 {
			t.Errorf("a line of the page is %d wide: %s", len([]rune(line)), line)
		}
	}
}

func TestDiagnoseSaysWhyItKnowsNothing(t *testing.T) {
	portal, told := dryHouse(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	portal.SetFault(func(r *http.Request) demo.Fault {
		if r.URL.Query().Has("contact_email") {
			return demo.Fault{Status: http.StatusInternalServerError}
		}
		return demo.Fault{}
	})
	for _, tt := range []struct {
		name, email string
		told        []string
		want        []string
		status      int
	}{
		{"wrong token", "zoe@example.com", []string{"--portal-url", told[1], "--portal-token", "other"}, []string{"refused, status 401"}, exitFailed},
		{"nobody there", "zoe@example.com", []string{"--portal-url", closed.URL, "--portal-token", "token"}, []string{"accounts-by-email: network"}, exitFailed},
		{"no address", "zoe", told, []string{"<email>: is no address"}, exitUsage},
		{"not told", "zoe@example.com", nil, []string{"--portal-url (or LATCHKEY_PORTAL_URL) is missing", "--portal-token-file"}, exitUsage},
	} {
		text, errs, status := diagnose(t, tt.email, tt.told...)
		for _, want := range tt.want {
			if !strings.Contains(errs, want) || status != tt.status {
				t.Errorf("%s: %q, status %d; want %q, status %d", tt.name, errs, status, want, tt.status)
			}
		}
		if tt.status == exitFailed && !strings.Contains(text, "whether there are accounts is not known") {
			t.Errorf("%s: the report does not say it:\n%s", tt.name, text)
		}
		if strings.Contains(errs, "zoe@") {
			t.Errorf("%s: the error names the address: %q", tt.name, errs)
		}
	}
	d := diagnoseJSON(t, "healthy@example.com", told...)
	if d.Facts.Contacts.State != dryrun.StateFailed || !strings.Contains(d.Facts.Contacts.Why, "failed, status 500") || d.Facts.Accounts.State != dryrun.StateKnown {
		t.Errorf("contacts %+v, accounts %s", d.Facts.Contacts, d.Facts.Accounts.State)
	}
}

// The JSON is promised: what a field is called may not change.
func TestDiagnoseJSONKeepsItsNames(t *testing.T) {
	_, told := dryHouse(t)
	text, _, _ := diagnose(t, "customerZ@example.com", append(told, "--json")...)
	for _, name := range []string{
		"address", "at", "facts", "accounts", "linked", "identities", "resets", "contacts", "invitations", "suppressions", "state",
		"value", "id", "at_address", "created_at", "confirmed_at", "email_change_pending", "sign_in_enabled", "origin",
		"last_sign_in_at", "identity", "provider", "subject", "email", "email_verified", "password_enabled", "two_factor",
		"memberships", "billing_account", "role", "subscriptions", "subscriptions_applied", "incomplete", "ownership", "findings",
		"situation", "order", "evidence", "rule", "facts", "name", "actions", "forbids", "permitted", "general", "checks", "primary",
		"account", "action", "page", "title", "text", "obtain_one_of", "obtain_all_of",
	} {
		if !strings.Contains(text, `"`+name+`": `) {
			t.Errorf("no %q", name)
		}
	}
	if d := diagnoseJSON(t, "customerZ@example.com", told...); time.Since(d.At) > time.Hour || d.Incomplete {
		t.Errorf("at %s, incomplete %t", d.At, d.Incomplete)
	}
}
