package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
	"latchkey/internal/oidc"
	"latchkey/internal/oidc/oidctest"
	"latchkey/internal/recovery"
)

// back is a way back from the provider that was never gone.
func (b *browser) back(at *oidctest.Provider, username string) *url.URL {
	b.t.Helper()
	return at.SignIn(b.t, b.sentTo(), username)
}

func TestTheWayBackIsForOneBrowserAndOneTime(t *testing.T) {
	tests := []struct {
		name string
		come func(h *house, owner *browser, back *url.URL) *browser
		path string
		want int
	}{
		{"stolen, in a browser with a case of its own", func(h *house, _ *browser, back *url.URL) *browser {
			thief := h.prove("nobody@example.com")
			thief.comeBack(back)
			return thief
		}, "/identity/callback", http.StatusForbidden},
		{"stolen, in a browser without any", func(h *house, _ *browser, back *url.URL) *browser {
			thief := h.browser()
			thief.comeBack(back)
			return thief
		}, "/", http.StatusOK},
		{"with another state", func(_ *house, owner *browser, back *url.URL) *browser {
			owner.comeBack(changed(back, "state", owner.stateOf()))
			return owner
		}, "/identity/callback", http.StatusServiceUnavailable}, // its own, but the nonce and the verifier are another's
		{"with a broken state", func(_ *house, owner *browser, back *url.URL) *browser {
			owner.comeBack(changed(back, "state", back.Query().Get("state")[1:]))
			return owner
		}, "/identity/callback", http.StatusForbidden},
		{"with two states", func(_ *house, owner *browser, back *url.URL) *browser {
			owner.get(back.RequestURI() + "&state=" + back.Query().Get("state"))
			return owner
		}, "/identity/callback", http.StatusForbidden},
		{"without a code", func(_ *house, owner *browser, back *url.URL) *browser {
			owner.comeBack(changed(back, "code", ""))
			return owner
		}, "/identity/callback", http.StatusServiceUnavailable},
		{"with another code", func(_ *house, owner *browser, back *url.URL) *browser {
			owner.comeBack(changed(back, "code", "made-up"))
			return owner
		}, "/identity/callback", http.StatusServiceUnavailable},
		{"from another issuer", func(_ *house, owner *browser, back *url.URL) *browser {
			owner.comeBack(changed(back, "iss", "https://evil.example"))
			return owner
		}, "/identity/callback", http.StatusServiceUnavailable},
		{"too late", func(h *house, owner *browser, back *url.URL) *browser {
			h.clock.Pass(10 * time.Minute)
			owner.comeBack(back)
			return owner
		}, "/identity/callback", http.StatusForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, at := newOpenHouse(t)
			owner := h.prove(zoe)
			b := tt.come(h, owner, owner.back(at, "gitlabz"))
			b.at(tt.path, tt.want)
			if b.page.contains(zoesMail) {
				t.Error("the answer names the identity")
			}
			b.get("/situation")
			if b.page.contains(zoesMail) || b.page.has("identity", "own") {
				t.Error("the identity is taken for the browser's customer's")
			}
		})
	}
}

// stateOf is that of another sign-in which the same browser began.
func (b *browser) stateOf() string {
	b.t.Helper()
	u, err := url.Parse(b.sentTo())
	must(b.t, err)
	return u.Query().Get("state")
}

func changed(u *url.URL, name, value string) *url.URL {
	other, q := *u, u.Query()
	q.Set(name, value)
	other.RawQuery = q.Encode()
	return &other
}

// A way back that was used does nothing the second time, nor does the code of it.
func TestAReplayDoesNothing(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	back := b.back(at, "gitlabz")
	b.comeBack(back)
	b.at("/situation", http.StatusOK)
	exchanges := at.Calls("/oauth/token")
	b.comeBack(back)
	b.at("/identity/callback", http.StatusForbidden)
	if at.Calls("/oauth/token") != exchanges {
		t.Error("the code was redeemed once more")
	}
	thief := h.prove("nobody@example.com")
	code := changed(back, "state", thief.stateOf())
	thief.comeBack(code)
	thief.at("/identity/callback", http.StatusServiceUnavailable)
	if thief.page.contains(zoesMail) {
		t.Error("the code of somebody else's sign-in works")
	}
}

// Somebody leads a customer's browser to the way back of a sign-in of their own, so as to have their own
// identity taken for the customer's.
func TestASignInCannotBeForcedOnAnybody(t *testing.T) {
	h, at := newOpenHouse(t)
	attacker, victim := h.prove("nobody@example.com"), h.prove(zoe)
	victim.comeBack(attacker.back(at, "hanna"))
	victim.at("/identity/callback", http.StatusForbidden)
	victim.get("/situation")
	if victim.page.has("identity", "own") || victim.page.contains("healthy@example.com") {
		t.Error("the attacker's identity is taken for the victim's")
	}
}

// Programs that look at links send HEAD: it takes nothing, and the browser's own GET still works.
func TestALookAtTheWayBackTakesNothing(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	back := b.back(at, "gitlabz")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, back.String(), nil)
	must(t, err)
	b.do(r)
	b.comeBack(back)
	b.at("/situation", http.StatusOK)
	if !b.page.contains(zoesMail) {
		t.Error("the sign-in was taken by a HEAD")
	}
}

func TestSayingNoIsNoProblem(t *testing.T) {
	h, _ := newOpenHouse(t)
	b := h.prove(zoe)
	b.press("prove-identity")
	b.submit(b.form(oidctest.FieldUsername), oidctest.FieldCancel, "yes")
	b.at("/identity/callback", http.StatusForbidden)
	if !strings.Contains(b.page.text(), "You came back without signing in to GitLab.com") || !b.page.has("situation", "linked-email-mismatch") {
		t.Errorf("the page says: %s", b.page.text())
	}
	b.signIn("gitlabz")
	b.at("/situation", http.StatusOK)
	if !b.page.contains(zoesMail) {
		t.Error("the next attempt does not work")
	}
}

// A provider that is out of order is said to be, and everything else goes on.
func TestAProviderThatIsDown(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	back := b.back(at, "gitlabz")
	at.Stop()
	b.comeBack(back)
	b.at("/identity/callback", http.StatusServiceUnavailable)
	if !strings.Contains(b.page.text(), "GitLab.com didn’t confirm that you signed in") || !b.page.has("situation", "linked-email-mismatch") {
		t.Errorf("the page says: %s", b.page.text())
	}
	h.restartProvider(at)
	b.press("prove-identity")
	b.at("/situation/identity", http.StatusServiceUnavailable)
	if !b.page.has("action", "hand-off") {
		t.Error("no hand-off")
	}
}

// restartProvider forgets what is known of the provider, as a restart of Latchkey does.
func (h *house) restartProvider(at *oidctest.Provider) {
	h.t.Helper()
	p, err := oidc.New(oidc.Config{
		Issuer: at.URL, Name: "gitlab", ClientID: oidctest.ClientID, RedirectURL: h.server.URL + "/identity/callback",
		Origins: []string{at.URL}, Timeout: 5 * time.Second, Now: time.Now,
	})
	must(h.t, err)
	h.service.IdentityProvider = p
}

// Nothing that a request holds decides where a browser is sent (R7), and forms may lead to the issuer.
func TestBrowsersAreSentToTheProviderAlone(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	const evil = "https://evil.example/"
	to, err := url.Parse(b.sentTo("redirect_uri", evil, "issuer", evil, "next", evil, "state", "mine"))
	must(t, err)
	if to.Scheme+"://"+to.Host != at.URL || to.Query().Get("redirect_uri") != h.server.URL+"/identity/callback" ||
		to.Query().Get("state") == "mine" || to.Query().Get("code_challenge_method") != "S256" {
		t.Errorf("sent to %s", to)
	}
	back := b.back(at, "gitlabz")
	b.get(back.RequestURI() + "&redirect_uri=" + url.QueryEscape(evil) + "&next=" + url.QueryEscape(evil))
	b.at("/situation", http.StatusOK)
	policy := b.page.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'self' "+h.shop.URL+" "+at.URL+";") {
		t.Errorf("Content-Security-Policy is %s", policy)
	}
}

func TestWithoutAClientNothingIsOffered(t *testing.T) {
	h := newHouse(t)
	b := h.prove(zoe)
	if b.page.has("action", "prove-identity") {
		t.Error("the button is there")
	}
	b.post("/situation/identity", url.Values{"token": {b.page.forms[0].fields.Get("token")}})
	b.at("/situation/identity", http.StatusConflict)
	b.get("/identity/callback?code=c&state=s")
	b.at("/identity/callback", http.StatusForbidden)
}

// Where there is nothing to find out, or nothing may be said, the button is not there.
func TestWhereTheButtonIsNot(t *testing.T) {
	h, _ := newOpenHouse(t)
	want := map[string]bool{
		"healthy@example.com": false, "disabled@example.com": false, "nobody@example.com": true, "customerX@example.com": true,
		"customerY@example.com": true, zoe: true, "several-accounts@example.com": true, "no-billing-access@example.com": true,
		"identity-linked-elsewhere@example.com": true, "owner-left@example.com": true, "firstname_lastname@organization.com": true,
		"unconfirmed@example.com": false, "reset@example.com": false, "identity-locked@example.com": false,
		"password-disabled@example.com": false, "mail-suppressed@example.com": false, "invitation-pending@example.com": false,
		"two-billing-accounts@example.com": false, "reseller-purchase@example.com": false, "email-change-pending@example.com": false,
	}
	for _, c := range demo.Customers() {
		if c.Situation == "" {
			continue
		}
		offered, known := want[c.Address]
		if !known {
			t.Errorf("%s: say here whether more comes out once they sign in to an identity", c.Address)
			continue
		}
		if b := h.prove(c.Address); b.page.has("action", "prove-identity") != offered {
			t.Errorf("%s: offered %v, want %t", c.Address, b.page.hooks["action"], offered)
		}
	}
	h.patience = time.Second
	b := h.prove("nobody@example.com")
	h.shop.Close()
	b.get("/situation")
	if b.page.has("action", "prove-identity") {
		t.Error("it is offered although the portal cannot be asked about it")
	}
}

// No state, code, token or address of a sign-in gets into a log line (R11).
func TestASignInLeavesNothingInTheLog(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	back := b.back(at, "gitlabz")
	b.comeBack(back)
	b.comeBack(back)
	b.comeBack(changed(back, "code", "made-up"))
	b.get("/situation")
	at.Stop()
	h.restartProvider(at)
	b.press("prove-identity")
	log := h.log.String()
	for _, secret := range []string{
		back.Query().Get("code"), back.Query().Get("state"), zoesMail, "2000107", oidctest.ClientSecret, "eyJ",
	} {
		if strings.Contains(strings.ToLower(log), strings.ToLower(secret)) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(log, "/identity/callback") {
		t.Error("the log does not tell of the way back at all")
	}
}

// What the owner of the mailbox ends, ends for the identity too (R12).
func TestDisowningEndsTheIdentity(t *testing.T) {
	h, at := newOpenHouse(t)
	b := h.prove(zoe)
	b.signIn("gitlabz")
	b.press("email-sign-in-link")
	open := b.back(at, "gitlabz")
	owner := h.browser()
	links := linksOf(t, h.mail(zoe))
	owner.get(links[len(links)-1])
	owner.fill("email", zoe)
	b.comeBack(open)
	b.at("/", http.StatusOK)
	proofs, err := h.store.CaseIdentityProofs(t.Context(), h.caseOf(b))
	must(t, err)
	if len(proofs) > 0 {
		t.Errorf("%d identities are still proven", len(proofs))
	}
}

// caseOf is the case of the newest page with a reference.
func (h *house) caseOf(b *browser) string {
	h.t.Helper()
	mail := h.mail(zoe)
	found := regexp.MustCompile(`LK-\w{4}-\w{4}`).FindString(mail.Text + mail.Subject)
	c, err := h.store.CaseByReference(h.t.Context(), found)
	must(h.t, err)
	return c.ID
}

var _ recovery.IdentityProvider = (*oidc.Provider)(nil)
