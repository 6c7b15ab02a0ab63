package console_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/handlers/console"
	"latchkey/internal/limit"
)

// open are the routes that ask for no agent: there one signs in.
var open = []string{
	"GET /console/sign-in", "HEAD /console/sign-in", "GET /console/callback", "HEAD /console/callback",
	"POST /console/sign-in/provider", "POST /console/sign-in/token",
}

// withLinks has every route.
func withLinks(h *house) { h.config.MakeLink = h.link }

// Every route there is, walked by nobody: pages lead to where one signs in, forms are refused, and nothing is
// done or written down.
func TestNobodyGetsIn(t *testing.T) {
	h := newHouse(t, withLinks)
	c := h.customer()
	c.situation("customerX@example.com")
	reference := c.reference()
	b := h.browser()
	b.get("/console/sign-in")
	token := b.page.forms[0].fields.Get("token")
	acts, err := h.store.Audit(t.Context(), reference)
	must(t, err)
	walked := 0
	for _, route := range h.engine.Routes() {
		if slices.Contains(open, route.Method+" "+route.Path) {
			continue
		}
		walked++
		path := strings.Replace(route.Path, ":reference", reference, 1)
		if route.Method == http.MethodPost {
			b.post(path, form("token", token, "find", reference, "email", "customerX@example.com", "kind", "prove", "ticket", "1", "life", "3d"))
			if b.page.status != http.StatusForbidden || !b.page.has("Sign in to the console") {
				t.Errorf("POST %s answers %d", path, b.page.status)
			}
			continue
		}
		if w := h.ask(route.Method, path, ""); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/console/sign-in") {
			t.Errorf("%s %s answers %d, to %q", route.Method, path, w.Code, w.Header().Get("Location"))
		}
	}
	if walked < 15 {
		t.Errorf("only %d routes were walked", walked)
	}
	after, err := h.store.Audit(t.Context(), reference)
	must(t, err)
	if len(h.trail()) > 0 || len(after) != len(acts) || h.linked > 0 {
		t.Errorf("trail %q, and %d steps in the case instead of %d", h.trail(), len(after), len(acts))
	}
}

// What is wrong with a form of an agent who is signed in: refused, and nothing done.
func TestFormsThatAreRefused(t *testing.T) {
	h := newHouse(t, withLinks)
	c := h.customer()
	c.situation("customerX@example.com")
	path := "/console/cases/" + c.reference() + "/resolve"
	b := h.signedIn()
	b.get("/console")
	token := b.page.forms[0].fields.Get("token")
	origin, err := url.Parse(h.config.URL)
	must(t, err)
	var cookie []string
	for _, k := range b.client.Jar.Cookies(origin) {
		cookie = append(cookie, k.Name+"="+k.Value)
	}
	cookies := strings.Join(cookie, "; ")
	other := h.signedIn()
	other.get("/console")
	foreign := other.page.forms[0].fields.Get("token")
	for _, tt := range []struct {
		name, body string
		headers    []string
		status     int
	}{
		{"a foreign origin", "token=" + token, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"a foreign origin of an older browser", "token=" + token, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", ""}, 403},
		{"a foreign site under our origin", "token=" + token, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"the token as a list beside itself", "token=" + token + "&token%5B%5D=x", nil, 400},
		{"no token", "", nil, 403},
		{"a wrong token", "token=x" + token, nil, 403},
		{"another session's token", "token=" + foreign, nil, 403},
		{"no cookie", "token=" + token, []string{"Cookie", ""}, 403},
		{"a forged cookie", "token=" + token, []string{"Cookie", "latchkey-console-1=x"}, 403},
		{"the token twice", "token=" + token + "&token=" + token, nil, 400},
		{"too much", "token=" + token + "&x=" + strings.Repeat("x", 16<<10), nil, 413},
		{"no form", "{}", []string{"Content-Type", "application/json"}, 415},
		{"another host", "token=" + token, []string{"Host", "evil.example"}, 421},
	} {
		headers := append([]string{"Cookie", cookies}, tt.headers...)
		if w := h.ask(http.MethodPost, path, tt.body, headers...); w.Code != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, w.Code, tt.status)
		}
	}
	if w := h.ask(http.MethodPost, path, "token="+token); !strings.Contains(w.Body.String(), "didn’t keep our cookie") {
		t.Error("without a cookie it does not say so")
	}
	for _, line := range h.trail() {
		if strings.Contains(line, "resolved") {
			t.Errorf("done all the same: %s", line)
		}
	}
	if w := h.ask(http.MethodPost, path, "token="+token, "Cookie", cookies); w.Code != http.StatusSeeOther {
		t.Errorf("the same, in order: %d", w.Code)
	}
}

func TestASessionThatHasEnded(t *testing.T) {
	h := newHouse(t)
	c := h.customer()
	c.situation("customerX@example.com")
	path := "/console/cases/" + c.reference()
	b := h.signedIn()
	b.get(path)
	h.clock.Pass(30 * time.Minute)
	b.press("resolve")
	b.at(path+"/resolve", http.StatusForbidden)
	if !b.page.has("You were signed out") || b.page.has("customerX") {
		t.Errorf("it says %.200s", b.page.text)
	}
	b.press("sign-in-token", "key", consoleToken, "name", "Ann") // and goes on where it was
	b.at(path, http.StatusOK)
	cookies := b.client.Jar
	b.press("sign-out")
	b.at("/console/sign-in", http.StatusOK)
	b.client.Jar = cookies
	b.get(path)
	b.at("/console/sign-in", http.StatusOK)
	for _, line := range h.trail() {
		if strings.Contains(line, "resolved") {
			t.Error("the form of the ended session was taken")
		}
	}
}

// A cookie that was good is worth nothing once its session was signed out.
func TestSigningOutEndsTheSessionForEverybody(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn()
	origin, err := url.Parse(h.config.URL)
	must(t, err)
	stolen := b.client.Jar.Cookies(origin)[0]
	b.press("sign-out")
	if w := h.ask(http.MethodGet, "/console", "", "Cookie", stolen.Name+"="+stolen.Value); w.Code != http.StatusSeeOther {
		t.Errorf("the cookie still answers %d", w.Code)
	}
}

func TestTheProviderDecidesWhoGetsIn(t *testing.T) {
	h := newHouse(t)
	c := h.customer()
	c.situation("customerX@example.com")
	b := h.browser()
	b.get("/console/cases/" + strings.ToLower(c.reference()))
	b.at("/console/sign-in", http.StatusOK)
	b.byProvider("grace")
	b.at("/console/cases/"+c.reference(), http.StatusOK) // where she was going
	if !b.page.has("Signed in as grace (42)") {
		t.Error("the page does not say who")
	}
	again := b.seen[slices.IndexFunc(b.seen, func(u string) bool { return strings.Contains(u, "callback") })]
	b.press("sign-out")
	b.get(strings.TrimPrefix(again, h.config.URL)) // the way back is good once
	b.at("/console/callback", http.StatusForbidden)

	other := h.browser()
	other.get("/console")
	other.byProvider("mallory")
	other.at("/console/callback", http.StatusForbidden)
	if !other.page.has("in no group that may use the console") {
		t.Errorf("it says %.300s", other.page.text)
	}
	other.get("/console")
	other.at("/console/sign-in", http.StatusOK)

	stranger := h.browser() // the code of another browser is worth nothing
	b.get("/console/sign-in")
	b.press("sign-in-provider")
	back := h.provider.SignIn(t, b.page.header.Get("Location"), "grace")
	stranger.get(back.RequestURI())
	stranger.at("/console/callback", http.StatusForbidden)
	want := []string{
		"mallory (666): agent-refused (group) console", "grace (42): agent-signed-out () console",
		"grace (42): agent-viewed () " + c.reference(), "grace (42): agent-signed-in (provider) console",
	}
	if got := h.trail(); !slices.Equal(got, want) {
		t.Errorf("trail %q\nwant  %q", got, want)
	}
}

// A program that looks at the link takes nothing, and an answer that says a thing twice says nothing: the browser it is
// for still gets in by it, once.
func TestTheWayBackFromTheProvider(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/console/sign-in")
	b.press("sign-in-provider")
	back := h.provider.SignIn(t, b.page.header.Get("Location"), "grace").RequestURI()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, h.config.URL+back, nil)
	must(t, err)
	b.do(r)
	b.get(back + "&code=another")
	b.at("/console/callback", http.StatusForbidden)
	b.get(back)
	b.at("/console", http.StatusOK)
	b.get(back)
	b.at("/console/callback", http.StatusForbidden)
	want := []string{"grace (42): agent-signed-in (provider) console"}
	if got := h.trail(); !slices.Equal(got, want) {
		t.Errorf("trail %q, want %q", got, want)
	}
}

// The provider may be out of order; then that is said, and nobody is in.
func TestAProviderThatIsDown(t *testing.T) {
	h := newHouse(t)
	h.provider.Stop()
	b := h.browser()
	b.get("/console/sign-in")
	b.press("sign-in-provider")
	b.at("/console/sign-in/provider", http.StatusServiceUnavailable)
	if !b.page.has("didn’t confirm who you are") {
		t.Errorf("it says %.300s", b.page.text)
	}
}

func TestWrongTokensAndTooMany(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/console/sign-in")
	for range 10 {
		b.press("sign-in-token", "key", "wrong", "name", "Eve")
		b.at("/console/sign-in/token", http.StatusUnprocessableEntity)
	}
	if strings.Contains(b.page.body, "wrong") && strings.Contains(b.page.body, `value="wrong"`) {
		t.Error("the token that was typed is shown")
	}
	b.press("sign-in-token", "key", consoleToken, "name", "Ann")
	b.at("/console/sign-in/token", http.StatusTooManyRequests)
}

// The token says nothing of who has it: without a name the trail would not say who did what.
func TestTheTokenAsksForAName(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/console/sign-in")
	b.press("sign-in-token", "key", consoleToken, "name", " \u200b")
	b.at("/console/sign-in/token", http.StatusUnprocessableEntity)
	if !b.page.has("Enter your name") {
		t.Errorf("it says %.300s", b.page.text)
	}
	b.press("sign-in-token", "key", consoleToken, "name", "Ann")
	b.at("/console", http.StatusOK)
}

func TestAttemptsAreLimitedByClient(t *testing.T) {
	h := newHouse(t, func(h *house) {
		h.config.Limits = limit.New(limit.Config{Now: h.clock.Now, Rates: map[limit.Name]limit.Rate{
			limit.ConsoleSignIns: {Count: 2, Period: 10 * time.Minute}, limit.ConsolePages: {Count: 8, Period: 10 * time.Minute},
		}})
	})
	b := h.browser()
	b.get("/console/sign-in")
	form := b.page
	for _, want := range []int{422, 422, 429} {
		b.page = form
		if b.press("sign-in-token", "key", "wrong"); b.page.status != want {
			t.Errorf("answered %d, want %d", b.page.status, want)
		}
	}
	if b.page.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	last := 0
	for range 9 {
		last = h.ask(http.MethodGet, "/console", "", "X-Forwarded-For", "203.0.113.1").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the ninth look answers %d", last)
	}
}

func TestHeadersAndCookie(t *testing.T) {
	h := newHouse(t)
	w := h.ask(http.MethodGet, "/console/sign-in", "")
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY", "Strict-Transport-Security": "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "form-action 'self' " + h.provider.URL, "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy has no %q: %s", part, policy)
		}
	}
	checkCookie(t, w, "latchkey-console-"+h.config.URL[strings.LastIndexByte(h.config.URL, ':')+1:], false)

	h = newHouse(t, func(h *house) { h.config.URL = "https://console.example.com" })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://console.example.com/console/sign-in", nil)
	r.TLS = &tls.ConnectionState{}
	w = httptest.NewRecorder()
	h.engine.ServeHTTP(w, r)
	checkCookie(t, w, "__Host-latchkey-console", true)
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS on https")
	}
}

func checkCookie(t *testing.T, w *httptest.ResponseRecorder, name string, secure bool) {
	t.Helper()
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	c := cookies[0]
	if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
		t.Errorf("cookie %+v, want %s", c, name)
	}
}

// Where the console is for this machine its other names lead to the one; anywhere else none does.
func TestHosts(t *testing.T) {
	h := newHouse(t)
	port := h.config.URL[strings.LastIndexByte(h.config.URL, ':'):]
	if w := h.ask(http.MethodGet, "/console", "", "Host", "localhost"+port); w.Header().Get("Location") != h.config.URL+"/console" {
		t.Errorf("localhost answers %d, to %q", w.Code, w.Header().Get("Location"))
	}
	for _, host := range []string{"evil.example", "localhost", "localhost.evil.example" + port} {
		if w := h.ask(http.MethodGet, "/console/sign-in", "", "Host", host); w.Code != http.StatusMisdirectedRequest || len(w.Result().Cookies()) > 0 {
			t.Errorf("%s answers %d", host, w.Code)
		}
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	h := newHouse(t)
	for _, url := range []string{"", "console.example.com", "https://console.example.com/console"} {
		c := h.config
		c.URL = url
		if _, err := console.New(c); err == nil {
			t.Errorf("URL %q is taken", url)
		}
	}
	c := h.config
	c.Keys = nil
	if _, err := console.New(c); err == nil {
		t.Error("no keys are taken")
	}
}

// After signing in an agent goes to a case, or to the first page, and nowhere else.
func TestOnlyACaseIsGoneTo(t *testing.T) {
	h := newHouse(t)
	for _, wanted := range []string{"//evil.example", "https://evil.example", "../audit", "LK-7F3K", "\r\nX: y"} {
		b := h.browser()
		b.get("/console/sign-in?case=" + url.QueryEscape(wanted))
		b.press("sign-in-token", "key", consoleToken, "name", "Ann", "case", wanted)
		b.at("/console", http.StatusOK)
		b.get("/console/sign-in?case=" + url.QueryEscape(wanted)) // who is signed in goes on
		b.at("/console", http.StatusOK)
	}
	c := h.customer()
	c.start("customerX@example.com")
	b := h.signedIn()
	b.get("/console/sign-in?case=" + c.reference())
	b.at("/console/cases/"+c.reference(), http.StatusOK)
}
