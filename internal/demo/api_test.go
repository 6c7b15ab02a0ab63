package demo_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
	"latchkey/internal/demo"
)

const token = "demo-token"

// stand is a demo portal with an inbox behind a real listener, and the client that production uses.
type stand struct {
	*testing.T
	portal *demo.Portal
	inbox  *demo.Inbox
	server *httptest.Server
	client *customerportal.Client
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
	customers := demo.Customers()
	if len(customers) != len(want) {
		t.Errorf("customers: got %d, want %d", len(customers), len(want))
	}
	for _, c := range customers {
		found, err := s.client.AccountsByEmail(t.Context(), s.address(c.Address))
		s.must(err)
		w, known := want[c.Address]
		if !known || len(found) != w.accounts || w.check != nil && !w.check(found[0]) {
			t.Errorf("%s: got %+v, want %d accounts as described", c.Address, found, w.accounts)
		}
		if c.About == "" {
			t.Errorf("%s says nothing about itself", c.Address)
		}
	}
}
