package demo_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/demo"
)

// browser keeps cookies and sends with a form what a browser sends.
type browser struct {
	*stand
	http   *http.Client
	status int
	body   string
	url    string
}

func newBrowser(s *stand) *browser {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &browser{stand: s, http: &http.Client{Jar: jar}}
}

func (b *browser) do(req *http.Request) *http.Response {
	b.Helper()
	res, err := b.http.Do(req)
	b.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	b.must(err)
	b.status, b.body, b.url = res.StatusCode, string(body), res.Request.URL.Path
	return res
}

func (b *browser) get(link string) {
	b.Helper()
	if strings.HasPrefix(link, "/") {
		link = b.server.URL + link
	}
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, link, nil)
	b.must(err)
	b.do(req)
}

func (b *browser) submit(path string, pairs ...string) {
	b.Helper()
	b.post(path, "same-origin", pairs...)
}

func (b *browser) post(path, site string, pairs ...string) {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.server.URL+path, strings.NewReader(form.Encode()))
	b.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", site)
	b.do(req)
}

// signIn arrives as from Latchkey: by a URL that the API gave.
func (b *browser) signIn(id string) {
	b.Helper()
	link, err := b.client.SignInLink(b.Context(), id)
	b.must(err)
	b.get(link)
	if b.status != 200 || b.url != "/customers" {
		b.Fatalf("signing in ended at %s with %d", b.url, b.status)
	}
}

func (b *browser) shows(status int, words ...string) {
	b.Helper()
	if b.status != status {
		b.Errorf("%s: status %d, want %d", b.url, b.status, status)
	}
	for _, w := range words {
		if !strings.Contains(b.body, w) {
			b.Errorf("%s does not show %q:\n%s", b.url, w, b.body)
		}
	}
}

func TestASignInLinkSignsInOnce(t *testing.T) {
	s := newStand(t)
	link, err := s.client.SignInLink(t.Context(), "1005")
	s.must(err)
	if !strings.HasPrefix(link, s.server.URL+"/customers/sign_in/") {
		t.Errorf("link %s", link)
	}
	res, err := http.Head(link)
	s.must(err)
	res.Body.Close()
	b := newBrowser(s)
	b.get(link)
	b.shows(200, "You are signed in", "customerX@example.com", "Not linked", "Xylem Instruments", "Premium, 25 seats")
	if b.url != "/customers" {
		t.Errorf("the secret stays in the URL: %s", b.url)
	}
	other := newBrowser(s)
	other.get(link)
	other.shows(http.StatusGone, "This link no longer works")
	other.get("/customers")
	if other.url != "/customers/sign_in" {
		t.Errorf("the second browser is at %s", other.url)
	}
	if got := s.only("customerX@example.com").LastSignInAt; !got.Equal(s.now) {
		t.Errorf("last sign-in %v, want %v", got, s.now)
	}
}

func TestALinkEnds(t *testing.T) {
	s := newStand(t)
	link, err := s.client.SignInLink(t.Context(), "1001")
	s.must(err)
	s.now = s.now.Add(5 * time.Minute)
	b := newBrowser(s)
	b.get(link)
	b.shows(http.StatusGone)
	b.signIn("1001")
	s.now = s.now.Add(12 * time.Hour)
	if b.get("/customers/profile"); b.url != "/customers/sign_in" {
		t.Errorf("after 12 hours at %s", b.url)
	}
}

func TestLinkingAnIdentityRepairs(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.signIn("1006")
	b.get("/customers/profile")
	b.shows(200, "No GitLab.com account is linked", "Link account")
	b.submit("/customers/subscription", "name", "Ultimate, 40 seats")
	if s.only("customerY@example.com").Subscriptions[0].Applied {
		t.Error("applied without an identity")
	}
	b.submit("/customers/profile/identity", "subject", "2000101")
	b.shows(http.StatusConflict, "This GitLab.com account has already been linked to another Customers Portal account")
	b.submit("/customers/profile/identity", "subject", "2000106")
	b.shows(200, "Your GitLab.com account is linked", "customery")
	if i := s.only("customerY@example.com").Identity; i == nil || i.Email != "customerY@example.com" || !i.EmailVerified {
		t.Errorf("identity %+v", i)
	}
	b.submit("/customers/subscription", "name", "Ultimate, 40 seats")
	b.shows(200, "The subscription is applied")
	if !s.only("customerY@example.com").Subscriptions[0].Applied {
		t.Error("not applied")
	}
	b.submit("/customers/profile/identity", "subject", "made-up")
	b.shows(http.StatusNotFound)
}

func TestChangingTheLinkedIdentityRepairs(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.signIn("1007")
	b.get("/customers/profile")
	b.shows(200, "gitlabZ@example.com", "Change linked account")
	b.submit("/customers/profile/identity", "subject", "2000117")
	if i := s.only("customerZ@example.com").Identity; i == nil || i.Subject != "2000117" {
		t.Errorf("identity %+v", i)
	}
	found, err := s.client.AccountsByIdentityEmail(t.Context(), s.address("gitlabZ@example.com"))
	if err != nil || len(found) != 0 {
		t.Errorf("the old identity still leads to %v, %v", found, err)
	}
}

func TestChangingTheEmailWaitsForItsOwnMailbox(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.signIn("1007")
	for typed, words := range map[string]string{
		"healthy@example.com": "Email has already been taken", "CustomerZ@example.com": "address already", "nonsense": "name@example.com",
	} {
		b.submit("/customers/profile/email", "email", typed)
		if b.status < 400 || !strings.Contains(b.body, words) {
			t.Errorf("%s: %d without %q", typed, b.status, words)
		}
	}
	b.submit("/customers/profile/email", "email", "gitlabZ@example.com")
	b.shows(200, "We mailed a link", "waits for its confirmation")
	a := s.only("customerZ@example.com")
	if a.UnconfirmedEmail != "gitlabZ@example.com" || !a.Confirmed() {
		t.Errorf("account %+v", a)
	}
	if _, err := s.client.ConfirmationLink(t.Context(), "1007"); err == nil {
		t.Error("the API confirmed an address for whoever holds the old one")
	}
	mails, err := s.inbox.Mails(t.Context(), "gitlabz@example.com", 10)
	s.must(err)
	if len(mails) != 1 || mails[0].Tags[0] != "confirmation" || !strings.Contains(mails[0].From, demo.PortalMailDomain) {
		t.Fatalf("mails %+v", mails)
	}
	link := firstURL(mails[0].Text)
	other := newBrowser(s)
	other.get(link)
	other.shows(200, "Your email address is confirmed", "gitlabZ@example.com")
	a = s.only("gitlabz@example.com")
	if a.ID != "1007" || a.Email != "gitlabZ@example.com" || a.UnconfirmedEmail != "" || !a.ConfirmedAt.Equal(s.now) {
		t.Errorf("account %+v", a)
	}
	if found, _ := s.client.AccountsByEmail(t.Context(), s.address("customerZ@example.com")); len(found) != 0 {
		t.Errorf("the old address still finds %v", found)
	}
	if got := s.similar("gitlab_z@example.com"); len(got) != 1 {
		t.Errorf("the skeleton stayed behind: %v", got)
	}
	other.get(link)
	other.shows(http.StatusGone)
}

func TestAConfirmationLinkConfirmsByGET(t *testing.T) {
	s := newStand(t)
	link, err := s.client.ConfirmationLink(t.Context(), "1003")
	s.must(err)
	if s.only("unconfirmed@example.com").Confirmed() {
		t.Error("asking for a link confirmed")
	}
	res, err := http.Head(link)
	s.must(err)
	res.Body.Close()
	b := newBrowser(s)
	b.get(link)
	b.shows(200, "Your email address is confirmed", "unconfirmed@example.com")
	if !s.only("unconfirmed@example.com").Confirmed() {
		t.Error("not confirmed")
	}
	b.get(link)
	b.shows(http.StatusGone)
}

func TestTheVendorMailsAConfirmation(t *testing.T) {
	s := newStand(t)
	s.must(s.client.SendConfirmation(t.Context(), "1003"))
	mails, err := s.inbox.Mails(t.Context(), "unconfirmed@example.com", 10)
	s.must(err)
	if len(mails) != 1 {
		t.Fatalf("mails %+v", mails)
	}
	newBrowser(s).get(firstURL(mails[0].Text))
	if !s.only("unconfirmed@example.com").Confirmed() {
		t.Error("not confirmed")
	}
}

func TestAnAddressTakenMeanwhileIsNotConfirmed(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.signIn("1007")
	b.submit("/customers/profile/email", "email", "wanted@example.com")
	s.store("Wanted@example.com")
	mails, err := s.inbox.Mails(t.Context(), "wanted@example.com", 1)
	s.must(err)
	b.get(firstURL(mails[0].Text))
	b.shows(http.StatusGone)
	s.only("wanted@example.com")
	s.only("customerZ@example.com")
}

func TestContinueWithGitLabMeetsTheRealErrors(t *testing.T) {
	for _, c := range []struct{ name, subject, words string }{
		{"unlinked", "2000105", "it has not been linked to your GitLab.com account"},
		{"without account", "2000114", "No Customers Portal account is linked"},
		{"unconfirmed", "2000103", "You have to confirm your email address"},
		{"disabled", "2000108", "cannot be used at the moment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBrowser(newStand(t))
			b.submit("/customers/gitlab", "subject", c.subject)
			b.shows(http.StatusForbidden, c.words, `href="http://latchkey.example"`)
			if b.get("/customers"); b.url != "/customers/sign_in" {
				t.Errorf("signed in all the same, at %s", b.url)
			}
		})
	}
	b := newBrowser(newStand(t))
	b.submit("/customers/gitlab", "subject", "2000101")
	b.shows(200, "healthy@example.com")
	b.submit("/customers/sign_out")
	if b.get("/customers"); b.url != "/customers/sign_in" {
		t.Errorf("still signed in, at %s", b.url)
	}
}

func TestAResetAtTheWrongSiteIsLogged(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.submit("/customers/gitlab/password", "subject", "2000101")
	b.shows(200, "It changes nothing in this portal")
	got, err := s.portal.PasswordResets(t.Context(), s.address("healthy@example.com"), s.now.Add(-time.Hour))
	if err != nil || !got.Identity.Equal(s.now) || !got.Portal.IsZero() {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestAForeignSiteChangesNothing(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	b.signIn("1005")
	for _, path := range []string{"/customers/profile/identity", "/customers/profile/email", "/customers/subscription", "/customers/sign_out", "/customers/gitlab"} {
		b.post(path, "cross-site", "subject", "2000105", "email", "new@example.com", "name", "Premium, 25 seats")
		b.shows(http.StatusForbidden)
	}
	if a := s.only("customerX@example.com"); a.Identity != nil || a.UnconfirmedEmail != "" {
		t.Errorf("account %+v", a)
	}
	b.get("/customers")
	b.shows(200, "customerX@example.com")
}

func TestPagesAreClosed(t *testing.T) {
	s := newStand(t)
	b := newBrowser(s)
	link, err := s.client.SignInLink(t.Context(), "1001")
	s.must(err)
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	s.must(err)
	res := b.do(req)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/customers" {
		t.Errorf("%d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	cookie := res.Cookies()[0]
	if cookie.Name != "demo_customer_portal" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", cookie)
	}
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", res.Header)
	}
	b.get("/customers/portal.css")
	b.shows(200, "--accent")
	b.get("/nowhere")
	b.shows(404, "There is no such page")
	if strings.Contains(b.body, "style=") || strings.Contains(b.body, "<script") {
		t.Error("the page has what its policy forbids")
	}
}

func TestTextOfACustomerIsNeverMarkup(t *testing.T) {
	s := newStand(t)
	s.must(s.portal.AddAccount(t.Context(), account.Account{
		ID: "9", Email: "x@example.com", Name: "<script>alert(1)</script>", Origin: account.OriginLegacy, CreatedAt: s.now, ConfirmedAt: s.now, SignInEnabled: true,
	}))
	b := newBrowser(s)
	b.signIn("9")
	if strings.Contains(b.body, "<script") {
		t.Error("a name became markup")
	}
}

func firstURL(text string) string {
	_, rest, _ := strings.Cut(text, "http://")
	return "http://" + strings.Fields(rest)[0]
}
