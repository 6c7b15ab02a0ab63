package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
	"latchkey/internal/demo"
	"latchkey/internal/recovery"
)

const token = "demo-token"

// stand is a demo portal with an inbox behind a real listener, and the client that production uses.
type stand struct {
	*testing.T
	portal *demo.Portal
	inbox  *demo.Inbox
	server *httptest.Server
	client *customerportal.Client
	stored int
	now    time.Time
}

func newStand(t *testing.T) *stand { return openStand(t, t.TempDir()) }

func openStand(t *testing.T, folder string) *stand {
	t.Helper()
	s := &stand{T: t, now: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	var err error
	s.inbox, err = demo.OpenInbox(t.Context(), demo.InboxConfig{DataDir: folder, From: "Acme <help@acme.example>", Now: clock})
	s.must(err)
	s.portal, err = demo.OpenPortal(t.Context(), demo.Config{
		DataDir: folder, Token: token, Inbox: s.inbox, Now: clock,
		PublicURL:   func() string { return s.server.URL },
		LatchkeyURL: func() string { return "http://latchkey.example" },
	})
	s.must(err)
	s.server = httptest.NewServer(s.portal.Handler())
	s.client, err = customerportal.New(customerportal.Config{BaseURL: s.server.URL, Token: token})
	s.must(err)
	t.Cleanup(func() { _ = s.portal.Close(); s.server.Close(); _ = s.inbox.Close() })
	return s
}

func (s *stand) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *stand) address(typed string) account.Address {
	s.Helper()
	a, err := account.ParseAddress(typed)
	s.must(err)
	return a
}

func (s *stand) only(typed string) account.Account {
	s.Helper()
	found, err := s.client.AccountsByEmail(context.Background(), s.address(typed))
	s.must(err)
	if len(found) != 1 {
		s.Fatalf("accounts at %s: got %d, want 1", typed, len(found))
	}
	return found[0]
}

func TestEveryCustomerLooksUpAsTheyShould(t *testing.T) {
	s := newStand(t)
	want := map[string]struct {
		accounts int
		check    func(account.Account) bool
	}{
		"healthy@example.com": {1, func(a account.Account) bool { return a.Confirmed() && a.Identity.Email == a.Email && a.SignInEnabled }},
		"reset@example.com":   {1, func(a account.Account) bool { return a.Confirmed() && a.Identity != nil }},
		"unconfirmed@example.com": {1, func(a account.Account) bool {
			return !a.Confirmed() && a.Identity != nil && a.Origin == account.OriginSelfService
		}},
		"firstname_lastname@organization.com": {0, nil},
		"customerX@example.com": {1, func(a account.Account) bool {
			return a.Email == "customerX@example.com" && a.Identity == nil && a.Origin == account.OriginLegacy && a.Confirmed()
		}},
		"customerY@example.com": {1, func(a account.Account) bool {
			return a.Identity == nil && a.Origin == account.OriginSales && !a.Subscriptions[0].Applied
		}},
		"customerZ@example.com": {1, func(a account.Account) bool {
			return a.Identity.Email == "gitlabZ@example.com" && a.Identity.EmailVerified
		}},
		"disabled@example.com": {1, func(a account.Account) bool { return !a.SignInEnabled && a.Confirmed() }},
		"bounced@example.com":  {1, func(a account.Account) bool { return a.Confirmed() && a.SignInEnabled && a.Identity != nil }},
		"nobody@example.com":   {0, nil},
	}
	for _, c := range demo.Customers() {
		found, err := s.client.AccountsByEmail(t.Context(), s.address(c.Address))
		s.must(err)
		w, known := want[c.Address]
		if known && (len(found) != w.accounts || w.check != nil && !w.check(found[0])) {
			t.Errorf("%s: got %+v, want %d accounts as described", c.Address, found, w.accounts)
		}
		// Further customers are named after their situation.
		if !known && (len(found) == 0 || c.Address != c.Situation+"@example.com") {
			t.Errorf("%s: got %d accounts, and the situation %s", c.Address, len(found), c.Situation)
		}
		if c.About == "" {
			t.Errorf("%s says nothing about itself", c.Address)
		}
	}
}

func TestLookUpsIgnoreCaseAndKeepTheStoredBytes(t *testing.T) {
	s := newStand(t)
	if got := s.only("CUSTOMERx@EXAMPLE.com").Email; got != "customerX@example.com" {
		t.Errorf("got %q", got)
	}
	for typed, want := range map[string]string{"gitlabz@example.com": "1007", "customerz@example.com": ""} {
		found, err := s.client.AccountsByIdentityEmail(t.Context(), s.address(typed))
		s.must(err)
		if want == "" && len(found) != 0 || want != "" && (len(found) != 1 || found[0].ID != want) {
			t.Errorf("identity at %s: got %+v, want %q", typed, found, want)
		}
	}
	found, err := s.client.AccountsByIdentitySubject(t.Context(), "2000107")
	s.must(err)
	if len(found) != 1 || found[0].Email != "customerZ@example.com" {
		t.Errorf("by subject: got %+v", found)
	}
}

func TestBillingAccountsAreFoundByContactAndInvitation(t *testing.T) {
	s := newStand(t)
	s.must(s.portal.AddAccount(t.Context(), account.Account{
		ID: "9001", Email: "Invited@example.com", Origin: account.OriginSelfService, CreatedAt: s.now,
		Invitations: []account.Invitation{{BillingAccount: "A-2001", State: "open", CreatedAt: s.now}},
	}))
	found, err := s.client.BillingAccountsByContact(t.Context(), s.address("customerY@example.com"))
	s.must(err)
	if len(found) != 2 || found[0].ID != "A-2006" || found[0].Relation != "sold-to" || found[1].Relation != "bill-to" {
		t.Errorf("by contact: got %+v", found)
	}
	found, err = s.client.BillingAccountsByInvitation(t.Context(), s.address("invited@example.com"))
	s.must(err)
	if len(found) != 1 || found[0].InvitationState != "open" || !found[0].CreatedAt.Equal(s.now) {
		t.Errorf("by invitation: got %+v", found)
	}
	if a := s.only("invited@example.com"); len(a.Invitations) != 1 || a.Invitations[0].BillingAccount != "A-2001" {
		t.Errorf("invitations: got %+v", a.Invitations)
	}
	none, err := s.client.BillingAccountsByContact(t.Context(), s.address("nobody@example.com"))
	if err != nil || len(none) != 0 {
		t.Errorf("nobody: got %v, %v", none, err)
	}
}

func TestTheAPIRefusesInProblemJSON(t *testing.T) {
	s := newStand(t)
	for _, c := range []struct {
		method, path, auth string
		status             int
		kind               string
	}{
		{"GET", "/v1/accounts?email=healthy@example.com", "", 401, "urn:customer-portal:unauthorized"},
		{"GET", "/v1/accounts?email=healthy@example.com", "Bearer wrong", 401, "urn:customer-portal:unauthorized"},
		{"GET", "/v1/accounts?email=healthy@example.com", "Basic " + token, 401, "urn:customer-portal:unauthorized"},
		{"POST", "/v1/accounts/1001/sign-in-links", "", 401, "urn:customer-portal:unauthorized"},
		{"GET", "/v1/healthz", "", 401, "urn:customer-portal:unauthorized"},
		{"GET", "/v1/accounts", "Bearer " + token, 400, "urn:customer-portal:bad-request"},
		{"GET", "/v1/accounts?name=x", "Bearer " + token, 400, "urn:customer-portal:bad-request"},
		{"GET", "/v1/accounts?email=a@b.example&email=c@d.example", "Bearer " + token, 400, "urn:customer-portal:bad-request"},
		{"GET", "/v1/accounts?email=a@b.example&similar_to=c@d.example", "Bearer " + token, 400, "urn:customer-portal:bad-request"},
		{"GET", "/v1/accounts?email=nonsense", "Bearer " + token, 400, "urn:customer-portal:bad-address"},
		{"GET", "/v1/billing-accounts?contact_email=", "Bearer " + token, 400, "urn:customer-portal:bad-request"},
		{"GET", "/v1/nothing", "Bearer " + token, 404, "urn:customer-portal:no-such-call"},
		{"GET", "/v1/accounts/1001/sign-in-links", "Bearer " + token, 404, "urn:customer-portal:no-such-call"},
		{"POST", "/v1/accounts/none/sign-in-links", "Bearer " + token, 404, "urn:customer-portal:not-found"},
		{"POST", "/v1/accounts/1008/sign-in-links", "Bearer " + token, 409, "urn:customer-portal:sign-in-disabled"},
		{"POST", "/v1/accounts/1003/sign-in-links", "Bearer " + token, 409, "urn:customer-portal:unconfirmed"},
		{"POST", "/v1/accounts/1001/confirmation-links", "Bearer " + token, 409, "urn:customer-portal:nothing-to-confirm"},
		{"POST", "/v1/accounts/1001/confirmations", "Bearer " + token, 409, "urn:customer-portal:nothing-to-confirm"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.server.URL+c.path, nil)
		s.must(err)
		req.Header.Set("Authorization", c.auth)
		res, err := http.DefaultClient.Do(req)
		s.must(err)
		var problem customerportal.Problem
		err = json.NewDecoder(res.Body).Decode(&problem)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || problem.Status != c.status || problem.Type != c.kind ||
			res.Header.Get("Content-Type") != customerportal.MediaProblem {
			t.Errorf("%s %s: got %d %+v as %s, %v; want %d %s", c.method, c.path, res.StatusCode, problem,
				res.Header.Get("Content-Type"), err, c.status, c.kind)
		}
	}
	// The five about one account and the one with a bad address: no other got as far as the work.
	if n := s.portal.CallCount(); n != 6 {
		t.Errorf("calls counted: %d of %v, want 6", n, s.portal.Calls())
	}
}

func TestFaultsHitTheAPIAndNothingElse(t *testing.T) {
	s := newStand(t)
	set := func(f demo.Fault) { s.portal.SetFault(func(*http.Request) demo.Fault { return f }) }
	for name, f := range map[string]demo.Fault{
		"a status": {Status: 503}, "a page": {Body: "<h1>Welcome</h1>"}, "a reset": {Reset: true}, "a hang": {Hang: true},
		"a delay that is too long": {Delay: time.Hour},
	} {
		set(f)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		if _, err := s.client.AccountsByEmail(ctx, s.address("healthy@example.com")); !errors.Is(err, recovery.ErrPortal) {
			t.Errorf("%s: error %v", name, err)
		}
		cancel()
	}
	if n := s.portal.CallCount(); n != 0 {
		t.Errorf("%d calls were worked on", n)
	}
	set(demo.Fault{Reset: true, After: true})
	if _, err := s.client.SignInLink(t.Context(), "1001"); err == nil || s.portal.Calls()["sign-in-links"] != 1 {
		t.Errorf("after the work: error %v, calls %v", err, s.portal.Calls())
	}
	s.portal.SetFault(nil)
	if got := s.only("healthy@example.com").ID; got != "1001" {
		t.Errorf("without faults: got %q", got)
	}
	s.must(s.client.Healthy(t.Context()))
}

func TestTheMailLogKnowsOneResetAndItsDomain(t *testing.T) {
	s := newStand(t)
	week := s.now.Add(-7 * 24 * time.Hour)
	got, err := s.portal.PasswordResets(t.Context(), s.address("Reset@example.com"), week)
	s.must(err)
	if want := s.now.Add(-2 * time.Hour); !got.Identity.Equal(want) || got.From != demo.IdentityMailDomain || !got.Portal.IsZero() {
		t.Errorf("got %+v, want %v from %s and none", got, want, demo.IdentityMailDomain)
	}
	got, err = s.portal.PasswordResets(t.Context(), s.address("reset@example.com"), s.now.Add(-time.Hour))
	if err != nil || !got.Identity.IsZero() {
		t.Errorf("outside the window: got %v, %v", got, err)
	}
	got, err = s.portal.PasswordResets(t.Context(), s.address("healthy@example.com"), week)
	if err != nil || !got.Identity.IsZero() || !got.Portal.IsZero() {
		t.Errorf("somebody else: got %v, %v", got, err)
	}
}

func TestARestartKeepsWhatChangedAndRefreshesTheReset(t *testing.T) {
	folder := t.TempDir()
	s := openStand(t, folder)
	s.must(s.portal.AddAccount(t.Context(), account.Account{ID: "9002", Email: "new@example.com", Origin: account.OriginLegacy, CreatedAt: s.now}))
	b := newBrowser(s)
	b.signIn("1005")
	b.submit("/customers/profile/identity", "subject", "2000105")
	s.must(s.portal.Close())

	again := openStand(t, folder)
	if a := again.only("customerX@example.com"); a.Identity == nil {
		t.Error("the repair is gone")
	}
	again.only("new@example.com")
	again.only("healthy@example.com")

	s.must(again.portal.Close())
	later := s.now.Add(30 * 24 * time.Hour)
	p, err := demo.OpenPortal(t.Context(), demo.Config{DataDir: folder, Token: token, PublicURL: func() string { return "" }, Now: func() time.Time { return later }})
	s.must(err)
	defer p.Close()
	got, err := p.PasswordResets(t.Context(), s.address("reset@example.com"), time.Time{})
	if want := later.Add(-2 * time.Hour); err != nil || !got.Identity.Equal(want) {
		t.Errorf("a month later: got %v, %v; want %v", got, err, want)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := demo.OpenPortal(t.Context(), demo.Config{DataDir: file, Token: token, PublicURL: func() string { return "" }})
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("portal: %v, want one line", err)
	}
	_, err = demo.OpenInbox(t.Context(), demo.InboxConfig{DataDir: file, From: "a@example.com"})
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("inbox: %v, want one line", err)
	}
}
