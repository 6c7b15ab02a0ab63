package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"latchkey/assets"
	"latchkey/handlers"
)

// ask sends one request straight to the edge, with what a browser sends along.
func (h *house) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, target, strings.NewReader(body))
	public, err := url.Parse(h.config.PublicURL)
	must(h.t, err)
	r.Host = public.Host
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.edge.ServeHTTP(w, r)
	return w
}

// routes are all routes of a method, with something in the place of their parameters.
func (h *house) routes(method string) (paths []string) {
	h.t.Helper()
	fill := strings.NewReplacer(":token", "nothing", ":situation", "ready", "/assets/*file", assets.Path("portal.css"))
	for _, r := range h.edge.Load().Routes() {
		if r.Method == method {
			paths = append(paths, fill.Replace(r.Path))
		}
	}
	return paths
}

// wholePage checks that the answer is a page and not half of one.
func wholePage(t *testing.T, what string, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	body := w.Body.String()
	if w.Code != status {
		t.Errorf("%s: status %d, want %d", what, w.Code, status)
	}
	if strings.Count(body, "<h1>") != 1 || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
		t.Errorf("%s: not a whole page with one h1: %.200q", what, body)
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	h := newHouse(t)
	type request struct{ method, path, host string }
	requests := []request{{"GET", "/no-such-page", ""}, {"PUT", "/", ""}, {"GET", "/", "elsewhere.example"}}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		for _, path := range h.routes(method) {
			requests = append(requests, request{method, path, ""})
		}
	}
	want := map[string]string{
		"Content-Security-Policy":    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self' " + h.shop.URL + "; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security":  "",
	}
	for _, r := range requests {
		w := h.ask(r.method, r.path, "", "Host", or(r.host, h.server.Listener.Addr().String()))
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s %s: %s is %q, want %q", r.method, r.path, name, got, value)
			}
		}
		if w.Header().Get("Permissions-Policy") == "" || w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s: no Permissions-Policy or no request id", r.method, r.path)
		}
		open := w.Code == http.StatusOK && (strings.HasPrefix(r.path, "/help") || strings.HasPrefix(r.path, "/assets/"))
		if noStore := w.Header().Get("Cache-Control") == "no-store"; noStore == open {
			t.Errorf("%s %s: Cache-Control is %q", r.method, r.path, w.Header().Get("Cache-Control"))
		}
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// Every POST there is, however it was registered, refuses what is not its own form.
func TestEveryPostIsProtected(t *testing.T) {
	h := newHouse(t)
	cookie, token := h.freshForm()
	posts := h.routes(http.MethodPost)
	if len(posts) < 10 {
		t.Fatalf("only %d POSTs: %v", len(posts), posts)
	}
	ours := "token=" + token + "&email=nobody%40example.com"
	for _, path := range posts {
		for _, tt := range []struct {
			what    string
			body    string
			headers []string
			status  int
		}{
			{"foreign origin", ours, []string{"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, 403},
			{"foreign site", ours, []string{"Sec-Fetch-Site", "cross-site"}, 403},
			{"neighbour site", ours, []string{"Sec-Fetch-Site", "same-site"}, 403},
			{"foreign site, our origin", ours, []string{"Sec-Fetch-Site", "cross-site", "Origin", h.server.URL}, 403},
			{"opaque origin", ours, []string{"Sec-Fetch-Site", "", "Origin", "null"}, 403},
			{"JSON", `{"email":"nobody@example.com"}`, []string{"Content-Type", "application/json"}, 415},
			{"text", ours, []string{"Content-Type", "text/plain"}, 415},
			{"no type", ours, []string{"Content-Type", ""}, 415},
			{"multipart", ours, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415},
			{"other charset", ours, []string{"Content-Type", "application/x-www-form-urlencoded; charset=utf-7"}, 415},
			{"1 MB", ours + "&x=" + strings.Repeat("x", 1<<20), nil, 413},
			{"two tokens", ours + "&token=" + token, nil, 400},
			{"two emails", ours + "&email=somebody%40example.com", nil, 400},
			{"bad escape", ours + "&x=%zz", nil, 400},
			{"no cookie", ours, []string{"Cookie", ""}, 403},
			{"forged cookie", ours, []string{"Cookie", h.cookieName() + "=forged"}, 403},
			{"no token", "email=nobody%40example.com", nil, 403},
			{"wrong token", "token=wrong&email=nobody%40example.com", nil, 403},
		} {
			w := h.ask(http.MethodPost, path, tt.body, append([]string{"Cookie", cookie}, tt.headers...)...)
			if path != "/" && (tt.what == "no token" || tt.what == "wrong token") && w.Code != http.StatusForbidden {
				continue // a step that this browser is not at: it goes to where it is
			}
			wholePage(t, "POST "+path+", "+tt.what, w, tt.status)
		}
	}
	if n := h.store.updates.Load(); n != 0 {
		t.Errorf("%d transactions, want none", n)
	}
}

func (h *house) cookieName() string {
	_, port, _ := strings.Cut(h.server.Listener.Addr().String(), ":")
	return "latchkey-" + port
}

// freshForm is the cookie and the token of a browser that opened the start page.
func (h *house) freshForm() (cookie, token string) {
	h.t.Helper()
	w := h.ask(http.MethodGet, "/", "")
	p := page{body: w.Body.String()}
	p.parse(h.t)
	cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return cookie, p.forms[0].fields.Get("token")
}

func TestOneScalarEmailOrAClearPage(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		what, field string
		status      int
	}{
		{"two values", "email=a%40example.com&email=b%40example.com", 400},
		{"the same twice", "email=a%40example.com&email=a%40example.com", 400},
		{"a list", "email%5B%5D=a%40example.com", 400},
		{"a map", "email%5Bx%5D=a%40example.com", 400},
		{"a value and a list", "email=a%40example.com&email%5B%5D=b%40example.com", 400},
		{"nothing", "", 422},
		{"empty", "email=", 422},
		{"spaces", "email=+++", 422},
		{"CR LF", "email=a%40example.com%0D%0ABcc%3A+b%40example.com", 422},
		{"LF at the end", "email=a%40example.com%0A", 422},
		{"a space before", "email=+a%40example.com", 422},
		{"a space after", "email=a%40example.com+", 422},
		{"a tab after", "email=a%40example.com%09", 422},
		{"NUL", "email=a%00%40example.com", 422},
		{"a display name", "email=A+%3Ca%40example.com%3E", 422},
		{"two addresses", "email=a%40example.com%2Cb%40example.com", 422},
		{"10 KB", "email=" + strings.Repeat("a", 10<<10) + "%40example.com", 422},
		{"20 KB", "email=" + strings.Repeat("a", 20<<10) + "%40example.com", 413},
		{"broken UTF-8", "email=%ff%fe%40example.com", 422},
		{"markup", "email=%3Cscript%3Ealert(1)%3C%2Fscript%3E", 422},
	} {
		cookie, token := h.freshForm()
		w := h.ask(http.MethodPost, "/", "token="+token+"&"+tt.field, "Cookie", cookie)
		wholePage(t, tt.what, w, tt.status)
		if strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: markup comes back as markup", tt.what)
		}
		if w.Code == http.StatusUnprocessableEntity && !strings.Contains(w.Body.String(), "<title>Error: ") {
			t.Errorf("%s: the title does not begin with Error:", tt.what)
		}
	}
	if n := h.store.updates.Load(); n != 0 {
		t.Errorf("%d transactions, want none", n)
	}
}

// Browsers take spaces off themselves. Who sends them otherwise keeps what they typed, and is told what is wrong.
func TestTypedSpacesAreShownAndNotMailed(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/")
	b.fill("email", "  nobody@example.com ")
	b.at("/", http.StatusUnprocessableEntity)
	if got := b.form("email").fields.Get("email"); got != "  nobody@example.com " {
		t.Errorf("the field holds %q, want what was typed", got)
	}
	if n := len(h.mails("nobody@example.com")); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestWhatWasTypedIsKept(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/")
	b.fill("email", "nobody@example")
	b.at("/", http.StatusUnprocessableEntity)
	if got := b.form("email").fields.Get("email"); got != "nobody@example" {
		t.Errorf("the field holds %q, want what was typed", got)
	}
	b.fill("email", "nobody@example.com")
	b.at("/check-email", http.StatusOK)
}

func TestStaleFormIsShownOnceMore(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/")
	b.submit(b.form("email"), "email", "nobody@example.com", "token", "of-another-session")
	b.at("/", http.StatusForbidden)
	if got := b.form("email").fields.Get("email"); got != "nobody@example.com" {
		t.Errorf("the field holds %q, want what was typed", got)
	}
	b.submit(b.form("email"))
	b.at("/check-email", http.StatusOK)
}

func TestUnknownHostIsRefused(t *testing.T) {
	h := newHouse(t)
	for _, host := range []string{"evil.example", "localhost:1", "127.0.0.1", ""} {
		wholePage(t, "host "+host, h.ask(http.MethodGet, "/", "", "Host", host), http.StatusMisdirectedRequest)
	}
	_, port, _ := strings.Cut(h.server.Listener.Addr().String(), ":")
	wholePage(t, "not the demo", h.ask(http.MethodGet, "/", "", "Host", "localhost:"+port), http.StatusMisdirectedRequest)
}

func TestDemoRedirectsOtherLoopbackNames(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) { c.Demo = true })
	_, port, _ := strings.Cut(h.server.Listener.Addr().String(), ":")
	w := h.ask(http.MethodGet, "/help?x=1", "", "Host", "localhost:"+port)
	if to := w.Header().Get("Location"); w.Code != http.StatusFound || to != h.server.URL+"/help?x=1" {
		t.Errorf("answered %d to %q, want 302 to the public URL", w.Code, to)
	}
	wholePage(t, "POST", h.ask(http.MethodPost, "/", "", "Host", "localhost:"+port), http.StatusMisdirectedRequest)
	wholePage(t, "other host", h.ask(http.MethodGet, "/", "", "Host", "evil.example:"+port), http.StatusMisdirectedRequest)
}

func TestHeadAnswersLikeGetAndStoresNothing(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	link := linksOf(t, h.mail("nobody@example.com"))[0]
	before := h.store.updates.Load()
	for _, path := range append(h.routes(http.MethodGet), "/?email=a%40example.com", link) {
		head, get := h.ask(http.MethodHead, path, ""), h.ask(http.MethodGet, path, "")
		same := head.Code == get.Code || strings.HasPrefix(path, "/l/") || strings.HasPrefix(path, "/s/")
		if !same || head.Code >= http.StatusInternalServerError {
			t.Errorf("HEAD %s answers %d, GET %d", path, head.Code, get.Code)
		}
		if path == link || strings.HasPrefix(path, "/?") {
			before++ // the GET keeps a row
		}
	}
	if got := h.store.updates.Load(); got != before {
		t.Errorf("%d transactions, want %d: those of two GETs", got, before)
	}
}

func TestMethodNotAllowedNamesTheOthers(t *testing.T) {
	h := newHouse(t)
	w := h.ask(http.MethodPut, "/support", "")
	wholePage(t, "PUT", w, http.StatusMethodNotAllowed)
	for _, method := range []string{"GET", "HEAD", "POST"} {
		if !strings.Contains(w.Header().Get("Allow"), method) {
			t.Errorf("Allow is %q, want %s in it", w.Header().Get("Allow"), method)
		}
	}
	wholePage(t, "no page", h.ask(http.MethodGet, "/no/such/page", ""), http.StatusNotFound)
	wholePage(t, "no situation", h.ask(http.MethodGet, "/help/no-such", ""), http.StatusNotFound)
}
