package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/handlers"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// reply makes a signed link for a demo customer, as a path.
func (h *house) reply(address string, expected diagnosis.ID) string {
	h.t.Helper()
	link, err := h.service.SupportLink(recovery.SupportLink{
		Ticket: "12345", Address: address, Expected: expected, Life: 72 * time.Hour,
	})
	must(h.t, err)
	return link // without a public URL it is a path
}

func (h *house) storedCase(b *browser) recovery.Case {
	h.t.Helper()
	references := b.page.hooks["reference"]
	if len(references) == 0 {
		h.t.Fatalf("%s shows no reference", b.page.url)
	}
	c, err := h.store.CaseByReference(h.t.Context(), references[0])
	must(h.t, err)
	return c
}

func TestStaticLinksFillInAndSendNothing(t *testing.T) {
	for _, tt := range []struct {
		query, email  string
		entry         recovery.Entry
		ticket, shown string
	}{
		{"?ref=12345", "", recovery.EntryMacro, "12345", ""},
		{"?ref=12345&lang=en", "", recovery.EntryMacro, "12345", ""},
		{"?ref=%2312345&lang=de", "", recovery.EntryMacro, "12345", ""},
		{"?ref=12345&lang=en&email=customerY%40example.com", "customerY@example.com", recovery.EntryMacro, "12345", ""},
		{"?email=customerY%40example.com", "customerY@example.com", recovery.EntryDirect, "", ""},
		{"?from=help-center", "", recovery.EntryForm, "", ""},
		{"?from=help-center&lang=en&email=customerY%40example.com", "customerY@example.com", recovery.EntryForm, "", ""},
		{"?from=elsewhere", "", recovery.EntryDirect, "", ""},
		{"?ref=1&ref=2&email=customerY%40example.com", "customerY@example.com", recovery.EntryDirect, "", ""},
		{"?ref={{ticket.id}}&lang=en", "", recovery.EntryDirect, "", ""},
		{"?ref=" + strings.Repeat("1", 5000), "", recovery.EntryDirect, "", ""},
		{"?ref=%00%ff<script>&lang=%f0%9f%94%91&email=nobody&from=%0d%0a", "", recovery.EntryDirect, "", ""},
		{"?ref[]=1&lang=en;q=1&email=a@b,c@d&%zz", "", recovery.EntryDirect, "", ""},
		{"?utm_source=newsletter", "", recovery.EntryDirect, "", ""},
	} {
		h := newHouse(t)
		b := h.browser()
		p := b.get("/" + tt.query)
		if b.at("/", http.StatusOK); p.url.RawQuery != "" {
			t.Errorf("%s stays in the URL %s", tt.query, p.url)
		}
		if got := b.form("email").fields.Get("email"); got != tt.email {
			t.Errorf("%s fills in %q, want %q", tt.query, got, tt.email)
		}
		if p.contains("sent you here") {
			t.Errorf("%s counts as a link of support's", tt.query)
		}
		if mails := h.mails("customerY@example.com"); len(mails) != 0 {
			t.Errorf("%s sent %d mails", tt.query, len(mails))
		}
		b.fill("email", "customerY@example.com")
		b.get("/check-email")
		if c := h.storedCase(b); c.Entry != tt.entry || c.Ticket != tt.ticket || c.Bound() {
			t.Errorf("%s: entry %s, ticket %q, bound %v", tt.query, c.Entry, c.Ticket, c.Bound())
		}
	}
}

func TestJunkInALinkStoresNothing(t *testing.T) {
	h := newHouse(t)
	for _, query := range []string{"?ref=a%40b", "?lang=german", "?from=x", "?email=nobody", "?ref=1&ref=2", "?x=1"} {
		h.browser().get("/" + query)
	}
	if n := h.store.updates.Load(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

func TestHelpTakesALanguage(t *testing.T) {
	h := newHouse(t)
	for _, query := range []string{"?lang=en", "?lang=de", "?lang=%00", "?lang=en&lang=de", "?lang=" + strings.Repeat("a,", 3000)} {
		p := h.browser().get("/help/unconfirmed" + query)
		if p.status != http.StatusOK || p.header.Get("Content-Language") != "en" || len(p.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%.40s: %d in %q, cookies %d", query, p.status, p.header.Get("Content-Language"), len(p.header.Values("Set-Cookie")))
		}
	}
}

// A customer comes by a signed link, proves the mailbox, and reads that support was right.
func TestASignedLinkLeadsToItsCase(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t)
	b := h.browser()
	link := h.reply(address, diagnosis.UnlinkedLegacy)
	b.get(link)
	b.at("/", http.StatusOK)
	if got := b.form("email").fields.Get("email"); got != address || !b.page.contains("support team sent you here") {
		t.Errorf("the start page is filled in with %q, or does not say who sent the customer", got)
	}
	if len(h.mails(address)) != 0 || h.portal.CallCount() != 0 {
		t.Error("opening the link mailed or asked something")
	}
	b.submit(b.form("email"))
	b.at("/check-email", http.StatusOK)
	b.fill("code", codeOf(t, h.mail(address)))
	b.at("/situation", http.StatusOK)
	if !b.page.has("expected", "found") || !b.page.contains("what our support team expected") {
		t.Error("the page does not say that support expected it")
	}
	c := h.storedCase(b)
	if !c.Bound() || c.Ticket != "12345" {
		t.Errorf("case %+v", c)
	}
	b.get(link)
	b.at("/situation", http.StatusOK)
	if h.storedCase(b).ID != c.ID {
		t.Error("the link once more led to another case")
	}
	b.get("/support")
	b.fill("message", "please help")
	if m := h.mail("support@example.com"); !strings.Contains(m.Text, "ticket 12345, and was signed by us") {
		t.Errorf("the hand-off does not name the ticket:\n%s", m.Text)
	}
}

// In the hands of a stranger it is worth nothing: a mailbox is proven as ever, and what was expected of
// somebody else is not named.
func TestALeakedLinkGivesNothing(t *testing.T) {
	h := newHouse(t)
	link := h.reply("customerX@example.com", diagnosis.UnlinkedLegacy)
	b := h.browser()
	b.get(link)
	for _, path := range []string{"/situation", "/support"} {
		b.get(path)
		b.at("/", http.StatusOK)
	}
	b.get("/")
	b.fill("email", "customerX@example.com")
	for _, path := range []string{"/situation", "/support"} {
		b.get(path)
		b.at("/check-email", http.StatusOK)
	}
	if h.portal.CallCount() != 0 {
		t.Error("the portal was asked before a proof")
	}
	// The stranger's own mailbox shows the stranger's own situation, and that it is not what was expected.
	b.get(link)
	b.get("/")
	b.fill("email", "unconfirmed@example.com")
	b.at("/check-email", http.StatusOK)
	b.fill("code", codeOf(t, h.mail("unconfirmed@example.com")))
	b.at("/situation", http.StatusOK)
	if !b.page.has("expected", "other") || !b.page.has("situation", "unconfirmed") ||
		!b.page.contains("Our support team expected something else. They’ll see what we found.") {
		t.Error("the page does not say that something else was found")
	}
	if n := strings.Count(b.page.body, "Your email address isn’t confirmed yet"); n != 1 {
		t.Errorf("the page says %d times what was found instead", n)
	}
	title, _ := h.renderer.Text("en", "situation.unlinked-legacy.title")
	if b.page.contains(title) || b.page.has("situation", "unlinked-legacy") || strings.Contains(strings.ToLower(b.page.body), "customerx") {
		t.Error("the page names what was expected of somebody else")
	}
}

// A page that says nothing of a cause says nothing of what was expected.
func TestANeutralPageSaysNothingOfWhatWasExpected(t *testing.T) {
	for _, expected := range []diagnosis.ID{diagnosis.SignInDisabled, diagnosis.Unconfirmed} {
		h := newHouse(t)
		b := h.browser()
		b.get(h.reply("", expected))
		b.fill("email", "disabled@example.com")
		b.fill("code", codeOf(t, h.mail("disabled@example.com")))
		b.at("/situation", http.StatusOK)
		if len(b.page.hooks["expected"]) > 0 {
			t.Errorf("expected %s: the page says that it is, or is not", expected)
		}
	}
}

func TestDeadSupportLinksOfferAFreshStart(t *testing.T) {
	h := newHouse(t)
	link := h.reply("customerX@example.com", diagnosis.UnlinkedLegacy)
	other, err := secret.Generate()
	must(t, err)
	ring, err := secret.Parse(other)
	must(t, err)
	token := strings.TrimPrefix(link, "/s/")
	middle := len(token) / 2
	dead := map[string]string{
		"altered":  "/s/" + token[:middle] + string(token[middle]^1) + token[middle+1:],
		"cut off":  link[:len(link)-8],
		"foreign":  "/s/" + ring.SealSupport([]byte(`{"t":"12345","x":99999999999}`)),
		"nonsense": "/s/nonsense",
		"long":     "/s/" + strings.Repeat("A", 4000),
	}
	fresh := func(name, link string) {
		t.Helper()
		b := h.browser()
		p := b.get(link)
		if p.status != http.StatusGone || !p.contains("This link no longer works") || !p.contains("Links in our replies") {
			t.Errorf("%s: %d, and the page does not explain it", name, p.status)
		}
		if strings.Count(p.body, `class="button"`) != 1 || !p.contains(`<a class="button" href="/">`) {
			t.Errorf("%s: no one button to the start", name)
		}
		if b.get("/"); b.form("email").fields.Get("email") != "" || b.page.contains("sent you here") {
			t.Errorf("%s: the start page knows of the link", name)
		}
	}
	for name, link := range dead {
		fresh(name, link)
	}
	h.clock.Pass(72 * time.Hour)
	fresh("expired", link)
}

// What a retired key sealed leads to a fresh start, and once more when the key has gone from the key file.
func TestSupportLinksOfOldKeys(t *testing.T) {
	h := newHouse(t)
	link := h.reply("customerX@example.com", "")
	for _, key := range []string{"retired", "gone"} {
		h.rotateKeys() // which keeps one retired key
		b := h.browser()
		if p := b.get(link); p.status != http.StatusGone {
			t.Errorf("a link of a key that is %s: %d", key, p.status)
		}
		if b.get("/"); b.form("email").fields.Get("email") != "" {
			t.Errorf("a link of a key that is %s fills in the address", key)
		}
	}
}

// Robots look at links in mails: nothing is sent, nothing is used up, and a HEAD keeps nothing.
func TestRobotsThatOpenASupportLink(t *testing.T) {
	h := newHouse(t)
	link := h.reply("customerX@example.com", "")
	if w := h.ask(http.MethodHead, link, ""); w.Code != http.StatusOK || h.store.updates.Load() != 0 {
		t.Errorf("HEAD: %d with %d transactions", w.Code, h.store.updates.Load())
	}
	for range 20 {
		h.browser().get(link)
	}
	if mails := h.mails("customerX@example.com"); len(mails) != 0 {
		t.Errorf("%d mails", len(mails))
	}
	b := h.browser()
	if b.get(link); b.form("email").fields.Get("email") != "customerX@example.com" {
		t.Error("the robots used the link up")
	}
}

// Neither the address nor the link stands in the log, before and after the redirect.
func TestSupportLinksAreNotLogged(t *testing.T) {
	h := newHouse(t)
	link := h.reply("customerX@example.com", diagnosis.UnlinkedLegacy)
	b := h.browser()
	b.get(link)
	b.submit(b.form("email"))
	h.browser().get("/?ref=777123&email=customerY%40example.com&lang=en")
	h.browser().get(link[:len(link)-1])
	log := strings.ToLower(h.log.String())
	if !strings.Contains(log, "/s/:token") {
		t.Fatal("the log shows no support link: this test sees nothing")
	}
	for _, secret := range []string{"customerx", "customery", "777123", link[3:40], url.QueryEscape("customerX@example.com")} {
		if strings.Contains(log, strings.ToLower(secret)) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// The browser that has a case already gets another for the ticket, and proves the mailbox for it.
func TestASignedLinkInABrowserWithACase(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t)
	b := h.prove(address)
	first := h.storedCase(b)
	b.start("nobody@example.com") // and waits for another code
	b.get(h.reply(address, ""))
	b.at("/", http.StatusOK)
	if len(b.page.hooks["reference"]) > 0 || b.page.contains(`href="/situation"`) || b.page.contains(`href="/check-email"`) {
		t.Error("the start page speaks of the case that is being left")
	}
	b.submit(b.form("email"))
	b.at("/check-email", http.StatusOK)
	b.get("/situation")
	b.at("/check-email", http.StatusOK)
	b.fill("code", codeOf(t, h.mail(address)))
	b.at("/situation", http.StatusOK)
	if c := h.storedCase(b); c.ID == first.ID || !c.Bound() {
		t.Errorf("case %+v", c)
	}
}

// The mail's link in another browser: that case is bound as well.
func TestTheProofLinkElsewhereKeepsTheTicket(t *testing.T) {
	const address = "customerX@example.com"
	h := newHouse(t)
	b := h.browser()
	b.get(h.reply(address, diagnosis.UnlinkedLegacy))
	b.submit(b.form("email"))
	phone := h.browser()
	phone.get(linksOf(t, h.mail(address))[0])
	phone.fill("email", address)
	phone.at("/situation", http.StatusOK)
	if c := h.storedCase(phone); !c.Bound() || c.Ticket != "12345" || !phone.page.has("expected", "found") {
		t.Errorf("case %+v", c)
	}
}

// german has German besides, in English words.
type german struct{ handlers.Renderer }

func (g german) Match(accept string) string {
	if strings.HasPrefix(strings.ToLower(accept), "de") {
		return "de"
	}
	return g.Renderer.Match(accept)
}

// A link's language holds for the pages and the case, wherever there are words in it; else the browser's.
func TestALinksLanguageHolds(t *testing.T) {
	for _, tt := range []struct{ query, accept, want string }{
		{"lang=de", "en", "de"},
		{"lang=de-AT", "en", "de"},
		{"lang=en", "de", "en"},
		{"lang=fr", "de", "de"}, // no words
		{"lang=fr", "", "en"},
		{"lang=", "de", "de"},
		{"ref=1", "de", "de"},
	} {
		h := newHouse(t, func(c *handlers.Config) { c.Renderer = german{c.Renderer} })
		b := h.browser()
		b.client.Transport = accepting(tt.accept)
		b.get("/?ref=12345&" + tt.query)
		for _, step := range []func(){
			func() {},
			func() { b.fill("email", "customerX@example.com") },
			func() { b.get("/check-email") },
		} {
			step()
			if got := b.page.header.Get("Content-Language"); got != tt.want {
				t.Errorf("%s with %q: %s is in %q, want %q", tt.query, tt.accept, b.page.url.Path, got, tt.want)
			}
		}
		if got := h.storedCase(b).Language; got != tt.want {
			t.Errorf("%s with %q: the case is in %q, want %q", tt.query, tt.accept, got, tt.want)
		}
		if tt.query != "ref=1" {
			if got := b.get("/help/ready?" + tt.query).header.Get("Content-Language"); got != tt.want {
				t.Errorf("help with %s and %q is in %q, want %q", tt.query, tt.accept, got, tt.want)
			}
		}
	}
}

// accepting is a browser that asks for a language.
type accepting string

func (a accepting) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept-Language", string(a))
	return http.DefaultTransport.RoundTrip(r)
}
