package gitlab_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/gitlab"
	"latchkey/internal/gitlab/gitlabtest"
	"latchkey/internal/recovery"
)

func TestBySubjectIsTheIdentityAsItStands(t *testing.T) {
	h := open(t)
	h.users.Put(zoe())
	got, err := h.client.BySubject(t.Context(), "2000107")
	want := account.Identity{
		Provider: "gitlab", Subject: "2000107", Username: "zoe", Email: "zoe@example.com", EmailVerified: true,
		State: account.IdentityActive, PasswordEnabled: true, TwoFactor: true,
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, want := h.server.Wire()[0], (gitlabtest.Request{Method: "GET", URI: "/api/v4/users/2000107", Authorized: true}); got != want {
		t.Errorf("asked %+v, want %+v", got, want)
	}
}

func TestStates(t *testing.T) {
	for _, tt := range []struct {
		state  string
		locked bool
		want   account.IdentityState
	}{
		{"active", false, account.IdentityActive},
		{"active", true, account.IdentityLocked},
		{"deactivated", false, account.IdentityActive},
		{"blocked", false, account.IdentityBlocked},
		{"blocked", true, account.IdentityBlocked},
		{"ldap_blocked", false, account.IdentityBlocked},
		{"blocked_pending_approval", false, account.IdentityBlocked},
		{"banned", false, account.IdentityBlocked},
	} {
		h := open(t)
		u := zoe()
		u.State, u.Locked = tt.state, tt.locked
		h.users.Put(u)
		got, err := h.client.BySubject(t.Context(), "2000107")
		if err != nil || got.State != tt.want {
			t.Errorf("%s, locked %t: got %q, %v; want %q", tt.state, tt.locked, got.State, err, tt.want)
		}
	}
	h := open(t)
	u := zoe()
	u.State = "asleep"
	h.users.Put(u)
	_, err := h.client.BySubject(t.Context(), "2000107")
	h.fails(err, gitlab.OutcomeNonsense)
}

func TestNobodyIsNotFoundAndNoFailure(t *testing.T) {
	h := open(t)
	if _, err := h.client.BySubject(t.Context(), "7"); !errors.Is(err, recovery.ErrNotFound) || errors.Is(err, recovery.ErrIdentities) {
		t.Errorf("by subject: %v, want ErrNotFound", err)
	}
	if _, err := h.client.ByEmail(t.Context(), h.address("nobody@example.com")); !errors.Is(err, recovery.ErrNotFound) {
		t.Errorf("by email: %v, want ErrNotFound", err)
	}
}

func TestASubjectThatIsNoIDIsNotAskedFor(t *testing.T) {
	h := open(t)
	for _, subject := range []string{"", "0", "-1", "+1", "01", "1/emails", "zoe", "1?x=1", "99999999999999999999"} {
		_, err := h.client.BySubject(t.Context(), subject)
		h.fails(err, gitlab.OutcomeNonsense)
	}
	if h.asked() != 0 {
		t.Errorf("asked %v", h.server.Wire())
	}
}

// TestOnlyThePrimaryConfirmedEmailCounts is R2: everything else that GitLab's search finds establishes
// nothing.
func TestOnlyThePrimaryConfirmedEmailCounts(t *testing.T) {
	const wanted = "zoe@example.com"
	with := func(change func(*gitlabtest.User)) gitlabtest.User {
		u := zoe()
		u.ID, u.Email = 99, "other@example.com"
		change(&u)
		return u
	}
	for _, tt := range []struct {
		name  string
		users []gitlabtest.User
		asked string
		want  string // the subject; empty for none
	}{
		{"itself", []gitlabtest.User{zoe()}, wanted, "2000107"},
		{"in capitals", []gitlabtest.User{zoe()}, "ZOE@Example.COM", "2000107"},
		{"stored in capitals", []gitlabtest.User{with(func(u *gitlabtest.User) { u.Email = "Zoe@Example.com" })}, wanted, "99"},
		{"a secondary email", []gitlabtest.User{with(func(u *gitlabtest.User) { u.SecondaryEmails = []string{wanted} })}, wanted, ""},
		{"a public email", []gitlabtest.User{with(func(u *gitlabtest.User) { u.PublicEmail = wanted })}, wanted, ""},
		{"a commit email", []gitlabtest.User{with(func(u *gitlabtest.User) { u.CommitEmail, u.Name = wanted, wanted })}, wanted, ""},
		{"a name", []gitlabtest.User{with(func(u *gitlabtest.User) { u.Name = wanted })}, wanted, ""},
		{"a name around it", []gitlabtest.User{with(func(u *gitlabtest.User) { u.Name = "x" + wanted + "x" })}, wanted, ""},
		{"a longer email", []gitlabtest.User{with(func(u *gitlabtest.User) { u.Email, u.Name = "azoe@example.com.tr", wanted })}, wanted, ""},
		{"never confirmed", []gitlabtest.User{with(func(u *gitlabtest.User) { u.Email, u.ConfirmedAt = wanted, time.Time{} })}, wanted, ""},
		{"among others", []gitlabtest.User{with(func(u *gitlabtest.User) { u.Name = wanted }), zoe()}, wanted, "2000107"},
		{"dots are not folded", []gitlabtest.User{zoe()}, "z.oe@example.com", ""},
		{"plus tags are not folded", []gitlabtest.User{zoe()}, "zoe+x@example.com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			h.users.Put(tt.users...)
			got, err := h.client.ByEmail(t.Context(), h.address(tt.asked))
			if tt.want == "" {
				if !errors.Is(err, recovery.ErrNotFound) {
					t.Errorf("got %+v, %v; want ErrNotFound", got, err)
				}
				return
			}
			if err != nil || got.Subject != tt.want {
				t.Errorf("got %+v, %v; want subject %s", got, err, tt.want)
			}
		})
	}
}

func TestAnEmailThatWasNeverConfirmedIsToldAsSuch(t *testing.T) {
	h := open(t)
	u := zoe()
	u.ConfirmedAt = time.Time{}
	h.users.Put(u)
	got, err := h.client.BySubject(t.Context(), "2000107")
	if err != nil || got.EmailVerified || got.Email != "zoe@example.com" {
		t.Errorf("by subject: %+v, %v; want the email, not verified", got, err)
	}
}

// TestOddAddressesAreEscaped: what RFC 5322 allows before the @ means something in a query.
func TestOddAddressesAreEscaped(t *testing.T) {
	for _, odd := range []string{
		"a+b@example.com", "a&private=1@example.com", "a=b@example.com", "a?b@example.com", "a/b@example.com",
		"a%40b@example.com", "a#b@example.com", "o'hara@example.com", "{a}|`b`@example.com", "a*!$^_~-@example.com",
		"zoe@bücher.example",
	} {
		h := open(t)
		address := h.address(odd)
		u := zoe()
		u.Email = address.Canonical()
		h.users.Put(u)
		if got, err := h.client.ByEmail(t.Context(), address); err != nil || got.Subject != "2000107" {
			t.Errorf("%s: got %+v, %v", odd, got, err)
		}
		_, query, _ := strings.Cut(h.server.Wire()[0].URI, "?")
		want := url.Values{"search": {address.Canonical()}, "per_page": {"100"}, "page": {"1"}}.Encode()
		if query != want {
			t.Errorf("%s: asked %s, want %s", odd, query, want)
		}
	}
}

// TestNamesakesDoNotHideTheOwner: anybody may take an address as a name, and GitLab lists the newest first.
func TestNamesakesDoNotHideTheOwner(t *testing.T) {
	crowd := func(n int) *house {
		h := open(t)
		h.users.Put(zoe())
		for i := range n {
			h.users.Put(gitlabtest.User{
				ID: 3000000 + int64(i), Username: fmt.Sprintf("n%d", i), Name: "zoe@example.com",
				Email: fmt.Sprintf("n%d@example.net", i), ConfirmedAt: longAgo,
			})
		}
		return h
	}
	for _, n := range []int{99, 100, 199, 298} {
		h := crowd(n)
		if got, err := h.client.ByEmail(t.Context(), h.address("zoe@example.com")); err != nil || got.Subject != "2000107" {
			t.Errorf("%d namesakes: got %+v, %v", n, got, err)
		}
	}
	h := crowd(400)
	_, err := h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
	h.fails(err, gitlab.OutcomeNonsense)
}

func TestTwoOwnersAreNone(t *testing.T) {
	h := open(t)
	second := zoe()
	second.ID = 8
	h.users.Put(zoe(), second)
	_, err := h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
	h.fails(err, gitlab.OutcomeNonsense)
}

// TestATokenWithoutRightsIsAFailure: it is shown no private email, which must not be read as "nobody has
// this one".
func TestATokenWithoutRightsIsAFailure(t *testing.T) {
	h := open(t, func(c *gitlab.Config, _ *gitlabtest.Options) { c.Token = plain })
	h.users.Put(zoe())
	_, err := h.client.BySubject(t.Context(), "2000107")
	h.fails(err, gitlab.OutcomeNonsense)
	_, err = h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
	h.fails(err, gitlab.OutcomeNonsense)
	_, err = h.client.BySubject(t.Context(), "5")
	h.fails(err, gitlab.OutcomeNonsense)

	h = open(t, func(c *gitlab.Config, _ *gitlabtest.Options) { c.Token = "another" })
	_, err = h.client.ByEmail(t.Context(), h.address("zoe@example.com"))
	h.fails(err, gitlab.OutcomeRefused)
}
