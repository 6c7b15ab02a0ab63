package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"latchkey/handlers"
	"latchkey/internal/limit"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// few are limits that a test reaches.
func few(c *handlers.Config) {
	c.Limits = limit.New(limit.Config{Now: c.Now, Rates: map[limit.Name]limit.Rate{
		limit.Starts:   {Count: 3, Period: limit.DefaultRates()[limit.Starts].Period},
		limit.Prefills: {Count: 2, Period: limit.DefaultRates()[limit.Prefills].Period},
	}})
}

func TestStartsAreLimitedByClient(t *testing.T) {
	h := newHouse(t, few)
	b := h.browser()
	b.start("nobody@example.com")
	h.mails("nobody@example.com")
	b.get("/check-email")
	b.resend() // counts as a start
	b.get("/")
	page := b.page
	b.fill("email", "broken") // and so does what is refused
	b.at("/", http.StatusUnprocessableEntity)
	b.page = page
	b.fill("email", "somebody@example.com")
	b.at("/", http.StatusTooManyRequests)
	if after, err := strconv.Atoi(b.page.header.Get("Retry-After")); err != nil || after < 1 || after > 600 {
		t.Errorf("Retry-After is %q", b.page.header.Get("Retry-After"))
	}
	if len(h.mails("somebody@example.com")) != 0 {
		t.Error("mail over the limit")
	}
	b.get("/help")
	b.at("/help", http.StatusOK)
}

// Who asked support often enough for a day is told so on the form, with their words, and when it is over.
func TestHandOffsAreLimitedByAddress(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		b := h.prove("healthy@example.com")
		b.get("/support")
		b.fill("message", "please help")
		b.at("/support", http.StatusOK)
	}
	b := h.prove("healthy@example.com")
	b.get("/support")
	b.fill("message", "please help again")
	b.at("/support", http.StatusTooManyRequests)
	if after, err := strconv.Atoi(b.page.header.Get("Retry-After")); err != nil || after != 24*3600+6*60 {
		t.Errorf("Retry-After is %q", b.page.header.Get("Retry-After"))
	}
	if got := b.form("message").fields.Get("message"); !strings.Contains(got, "please help again") || !b.page.contains("Ask again tomorrow") {
		t.Errorf("the form has %q", got)
	}
}

func TestPrefillsAreLimited(t *testing.T) {
	h := newHouse(t, few)
	for i, want := range []int{200, 200, 429} {
		b := h.browser()
		if p := b.get("/?email=nobody%40example.com"); p.status != want {
			t.Errorf("prefill %d answers %d, want %d", i, p.status, want)
		}
	}
}

// The client is the rightmost hop that no trusted proxy named; all else is what anybody may write.
func TestClientsAreToldApartBehindATrustedProxyOnly(t *testing.T) {
	for _, tt := range []struct {
		what    string
		proxies []string
		headers []string
		refused bool
	}{
		{"no proxy is trusted", nil, []string{"203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"}, true},
		{"clients", []string{"192.0.2.1"}, []string{"203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"}, false},
		{"a spoofed first hop", []string{"192.0.2.0/24"}, []string{"1.1.1.1, 203.0.113.1", "2.2.2.2, 203.0.113.1", "3.3.3.3, 203.0.113.1", "4.4.4.4, 203.0.113.1"}, true},
		{"one IPv6 line", []string{"192.0.2.1"}, []string{"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::ffff"}, true},
		{"four IPv6 lines", []string{"192.0.2.1"}, []string{"2001:db8::1", "2001:db8:0:1::", "2001:db8:0:2::", "2001:db8:0:3::"}, false},
	} {
		h := newHouse(t, few, func(c *handlers.Config) { c.TrustedProxies = tt.proxies })
		var last int
		for _, forwarded := range tt.headers { // httptest asks from 192.0.2.1
			cookie, token := h.freshForm()
			w := h.ask(http.MethodPost, "/", "email=nobody%40example.com&token="+token, "Cookie", cookie, "X-Forwarded-For", forwarded)
			last = w.Code
		}
		if refused := last == http.StatusTooManyRequests; refused != tt.refused {
			t.Errorf("%s: the fourth start answers %d, want refused: %v", tt.what, last, tt.refused)
		}
	}
}

// Each line about a case says which, and names the address by its hash, also where a request ends at another
// site or comes by a link.
func TestRequestsAreLoggedWithCaseAndAddress(t *testing.T) {
	const address = "customerY@example.com"
	h := newHouse(t)
	b := h.prove(address)
	b.press("email-sign-in-link")
	b.get(linksOf(t, h.mail(address))[0])
	b.submit(actionForm(t, b.page, "/sign-in"))
	h.inPortal(b, address)
	b.get("/situation")
	b.press("sign-in")
	h.inPortal(b, address)
	other := h.browser()
	other.start(address)
	other.get("/check-email")
	for _, want := range []struct{ method, route string }{
		{"GET", "/check-email"},
		{"GET", "/l/:token"},
		{"GET", "/sign-in"},
		{"POST", "/sign-in"},
		{"POST", "/situation/sign-in"},
		{"GET", "/situation"},
	} {
		lines := 0
		for line := range strings.Lines(h.log.String()) {
			if !strings.Contains(line, `"route":"`+want.route+`","method":"`+want.method+`"`) {
				continue
			}
			lines++
			if strings.Contains(line, `"case":""`) || !strings.Contains(line, `"address":"`+h.keys.HashAddress("customery@example.com")+`"`) {
				t.Errorf("%s %s is logged as %s", want.method, want.route, line)
			}
		}
		if lines == 0 {
			t.Errorf("%s %s is not logged", want.method, want.route)
		}
	}
}

// What a whole journey logs holds routes and references, and nothing that opens or names anything.
func TestLogsHoldNoSecretsAndNoAddresses(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/?email=customerY%40example.com")
	b.start("customerY@example.com")
	mail := h.mail("customerY@example.com")
	code, link := codeOf(t, mail), linksOf(t, mail)[0]
	b.get(link)
	b.get("/check-email")
	b.fill("code", code)
	b.at("/situation", http.StatusOK)
	reference := b.page.hooks["reference"][0]
	h.ask(http.MethodPost, "/", strings.Repeat("x", 1<<20))
	log := h.log.String()
	for _, secret := range []string{
		"customerY", "example.com", code, code[:4] + " " + code[4:], strings.TrimPrefix(link, "/l/"), "email=",
		"127.0.0.1", "192.0.2.1", "latchkey-", b.form("token").fields.Get("token"),
	} {
		if strings.Contains(strings.ToLower(log), strings.ToLower(secret)) {
			t.Errorf("%q is logged", secret)
		}
	}
	for _, wanted := range []string{`"route":"/l/:token"`, `"status":303`, `"case":"` + reference + `"`, `"address":"` + h.keys.HashAddress("customery@example.com") + `"`} {
		if !strings.Contains(log, wanted) {
			t.Errorf("%s is not logged:\n%s", wanted, log)
		}
	}
}

// broken renders nothing but the page of a server error.
type broken struct {
	handlers.Renderer
	messagesToo bool
}

func (r broken) Page(w *bytes.Buffer, lang string, p templates.Page) error {
	if _, ok := p.(templates.Message); ok && !r.messagesToo {
		return r.Renderer.Page(w, lang, p)
	}
	w.WriteString("half a page")
	return errors.New("template broke")
}

func TestAPageThatCannotBeRenderedIsAWholeErrorPage(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) { c.Renderer = broken{Renderer: c.Renderer} })
	w := h.ask(http.MethodGet, "/", "")
	wholePage(t, "broken template", w, http.StatusInternalServerError)
	if strings.Contains(w.Body.String(), "half a page") {
		t.Error("half a page is sent")
	}
	h = newHouse(t, func(c *handlers.Config) { c.Renderer = broken{c.Renderer, true} })
	if w := h.ask(http.MethodGet, "/", ""); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half a page") {
		t.Errorf("answered %d %q, want a bare 500", w.Code, w.Body)
	}
}

func TestTheStoreIsDown(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	must(t, h.store.Close())
	b.get("/check-email")
	b.at("/check-email", http.StatusInternalServerError)
	b.get("/help")
	b.at("/help", http.StatusOK)
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	for what, change := range map[string]func(*handlers.Config){
		"no service":   func(c *handlers.Config) { c.Service = nil },
		"no keys":      func(c *handlers.Config) { c.Keys = nil },
		"public URL":   func(c *handlers.Config) { c.PublicURL = "help.example.com" },
		"URL and path": func(c *handlers.Config) { c.PublicURL = "https://example.com/help" },
		"proxies":      func(c *handlers.Config) { c.TrustedProxies = []string{"everybody"} },
	} {
		c := newHouse(t).config
		change(&c)
		if _, err := handlers.New(c); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// forgetful loses the store between a form's act and the page that shows its problem.
type forgetful struct{ handlers.Recovery }

func (forgetful) Progress(context.Context, *recovery.Visitor) (recovery.Progress, error) {
	return recovery.Progress{}, errors.New("disk full")
}

func TestAProblemWhosePageFailsIsAWholeErrorPage(t *testing.T) {
	h := newHouse(t)
	cookie, token := h.freshForm()
	h.config.Service = forgetful{h.service}
	h.build()
	w := h.ask(http.MethodPost, "/", "email=broken&token="+token, "Cookie", cookie)
	wholePage(t, "no page for the problem", w, http.StatusInternalServerError)
	if !strings.Contains(h.log.String(), "disk full") {
		t.Error("the fault is not logged")
	}
}
