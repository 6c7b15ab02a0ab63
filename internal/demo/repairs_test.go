package demo_test

import (
	"net/http"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/demo"
)

func TestAnInvitationIsAcceptedOnce(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.signIn("1021")
	b.shows(200, "invited", "Accept the invitation", "No purchases listed")
	b.submit("/customers/invitation", "billing_account", "A-2001")
	b.shows(http.StatusConflict, "cannot be accepted any more")
	b.submit("/customers/invitation", "billing_account", "A-2121")
	b.shows(200, "You are a member of the billing account now", "Ivy Architects")
	a := s.only("invitation-pending@example.com")
	if len(a.BillingAccounts) != 1 || a.Invitations[0].State != account.InvitationAccepted {
		t.Errorf("account %+v", a)
	}
}

func TestAnInvitationEnds(t *testing.T) {
	s := newStand(t)
	s.now = s.now.Add(5*24*time.Hour + time.Second) // it was two days old
	b := newBrowser(s)
	b.signIn("1021")
	b.submit("/customers/invitation", "billing_account", "A-2121")
	b.shows(http.StatusConflict, "cannot be accepted any more")
	if a := s.only("invitation-pending@example.com"); len(a.BillingAccounts) != 0 {
		t.Errorf("account %+v", a)
	}
}

func TestAnAccountIsInOneBillingAccount(t *testing.T) {
	s := newStand(t)
	s.must(s.portal.AddAccount(t.Context(), account.Account{
		ID: "9003", Email: "both@example.com", Origin: account.OriginSelfService, CreatedAt: s.now, ConfirmedAt: s.now, SignInEnabled: true,
		BillingAccounts: []account.Membership{{ID: "A-9003", Name: "First", Role: account.RoleManager}},
		Invitations:     []account.Invitation{{BillingAccount: "A-2001", State: account.InvitationOpen, CreatedAt: s.now}},
	}))
	b := newBrowser(s)
	b.signIn("9003")
	b.submit("/customers/invitation", "billing_account", "A-2001")
	b.shows(http.StatusConflict, "cannot be associated with two billing accounts at the same time")
}

func TestWhoLinksAnIdentityTakesTheAccountOver(t *testing.T) {
	s := newStand(t)
	if role := s.only("owner-left@example.com").BillingAccounts[0].Role; role != account.RoleFormerOwner {
		t.Fatalf("role %q", role)
	}
	b := newBrowser(s)
	b.signIn("1018")
	b.submit("/customers/profile/identity", "subject", "2001118")
	if a := s.only("owner-left@example.com"); a.BillingAccounts[0].Role != account.RoleManager || a.Identity.Email != "new-owner@example.com" {
		t.Errorf("account %+v", a)
	}
}

func TestIdentitiesThatLetNobodyIn(t *testing.T) {
	for _, subject := range []string{"2001016", "2001017"} {
		b := newBrowser(newStand(t))
		b.submit("/customers/gitlab", "subject", subject)
		b.shows(http.StatusForbidden, "Your GitLab.com account cannot be used at the moment")
	}
}

func TestThePortalsMailIsSuppressed(t *testing.T) {
	s := newStand(t)
	found, err := s.portal.Suppressions().Of(t.Context(), "Mail-Suppressed@example.com")
	s.must(err)
	if len(found) != 1 || found[0].List != account.ListBounces || found[0].Code != "550" || found[0].Since.IsZero() {
		t.Errorf("got %+v", found)
	}
	if found, err = s.portal.Suppressions().Of(t.Context(), "healthy@example.com"); err != nil || len(found) != 0 {
		t.Errorf("somebody else: %v, %v", found, err)
	}
	s.must(s.portal.AddAccount(t.Context(), account.Account{
		ID: "9004", Email: "moving@example.com", UnconfirmedEmail: "mail-suppressed@example.com",
		Origin: account.OriginSelfService, CreatedAt: s.now, ConfirmedAt: s.now, SignInEnabled: true,
	}))
	s.must(s.client.SendConfirmation(t.Context(), "9004"))
	mails, err := s.inbox.Mails(t.Context(), "mail-suppressed@example.com", 1)
	if err != nil || len(mails) != 0 {
		t.Errorf("%d mails arrive all the same, %v", len(mails), err)
	}
}

// Addresses are what a test of privacy looks for: it must know them all.
func TestAddressesAreAll(t *testing.T) {
	known := map[string]bool{}
	for _, a := range demo.Addresses() {
		known[a] = true
	}
	for _, want := range []string{
		"nobody@example.com", "firstname.lastname@organization.com", "gitlabZ@example.com", "chen.new@example.com",
		"elsewhere@example.com", "new-owner@example.com", "office@ivy-architects.example",
	} {
		if !known[want] {
			t.Errorf("%s is missing", want)
		}
	}
}
