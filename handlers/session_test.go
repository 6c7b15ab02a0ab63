package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"latchkey/handlers"
	"latchkey/internal/recovery"
)

func TestStartPageWritesNothing(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	for range 3 {
		b.get("/")
	}
	b.get("/check-email")
	b.at("/", http.StatusOK)
	if n := h.store.updates.Load(); n != 0 {
		t.Errorf("%d transactions, want none", n)
	}
}

func TestCookieOnLoopback(t *testing.T) {
	h := newHouse(t)
	cookies := h.ask(http.MethodGet, "/", "").Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies, want one", len(cookies))
	}
	c := cookies[0]
	if c.Name != h.cookieName() || c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
		t.Errorf("cookie is %v", c)
	}
}

func TestCookieOnHTTPS(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) { c.PublicURL = "https://help.example.com" })
	w := h.ask(http.MethodGet, "/", "")
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies, want one", len(cookies))
	}
	c := cookies[0]
	if c.Name != "__Host-latchkey" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie is %v", c)
	}
	if got := w.Header().Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=") {
		t.Errorf("Strict-Transport-Security is %q", got)
	}
}

func TestCookieIsSetOnce(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	if b.get("/").header.Get("Set-Cookie") == "" {
		t.Error("the first page sets no cookie")
	}
	if got := b.get("/").header.Get("Set-Cookie"); got != "" {
		t.Errorf("the second page sets %q", got)
	}
}

func TestProofRenewsTheCookie(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("healthy@example.com")
	planted := b.client.Jar.Cookies(b.base)
	b.fill("code", codeOf(t, h.mail("healthy@example.com")))
	b.at("/situation", http.StatusOK)

	thief := h.browser()
	thief.client.Jar.SetCookies(thief.base, planted)
	thief.get("/situation")
	thief.at("/", http.StatusOK)
}

// A script's late answer must not bring the old cookie's fate upon the browser that has a new one.
func TestDeliveryStateSetsNoCookie(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	if p := b.get("/check-email/state"); p.status != http.StatusOK || !p.has("delivery", "queued") {
		t.Errorf("state answers %d %q", p.status, p.body)
	}
	stranger := h.ask(http.MethodGet, "/check-email/state", "")
	if stranger.Code != http.StatusNoContent || stranger.Header().Get("Set-Cookie") != "" {
		t.Errorf("a stranger gets %d and cookie %q", stranger.Code, stranger.Header().Get("Set-Cookie"))
	}
}

// overtaken stands for a request beside which another one of the browser has proven something.
type overtaken struct{ handlers.Recovery }

func (overtaken) Resend(context.Context, *recovery.Visitor) error { return recovery.ErrOvertaken }

// Who was overtaken goes where the cookie that the browser has by now leads, and is given none.
func TestAnOvertakenRequestLeadsToTheCase(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) { c.Service = overtaken{c.Service} })
	b := h.browser()
	b.start("nobody@example.com")
	h.mails("")
	b.get("/check-email")
	cookie := b.client.Jar.Cookies(b.base)[0]
	for _, f := range b.page.forms {
		if f.action != "/check-email/resend" {
			continue
		}
		w := h.ask(http.MethodPost, f.action, f.fields.Encode(), "Cookie", cookie.Name+"="+cookie.Value)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/situation" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("answered %d to %q with cookie %q", w.Code, w.Header().Get("Location"), w.Header().Get("Set-Cookie"))
		}
		return
	}
	t.Error("there is nothing to press")
}

func TestRetiredKeysStillOpenCookies(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("nobody@example.com")
	h.rotateKeys()
	b.get("/check-email")
	b.at("/check-email", http.StatusOK)
	b.submit(b.page.forms[0], "code", "00000000")
	b.at("/check-email", http.StatusUnprocessableEntity)
}

func TestPagesForEverybodyHaveNoSession(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/help", "/help/ready"} {
		w := h.ask(http.MethodGet, path, "", "Accept-Encoding", "gzip")
		if w.Code != http.StatusOK || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s answers %d with cookie %q", path, w.Code, w.Header().Get("Set-Cookie"))
		}
		if w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: encoding %q, Cache-Control %q", path, w.Header().Get("Content-Encoding"), w.Header().Get("Cache-Control"))
		}
	}
	// Pages with a form token are not compressed (BREACH).
	w := h.ask(http.MethodGet, "/", "", "Accept-Encoding", "gzip")
	if got := w.Header().Get("Content-Encoding"); got != "" {
		t.Errorf("the start page is compressed: %q", got)
	}
}

func TestPrefillLeavesTheURL(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.get("/?email=nobody%40example.com&ref=abc&lang=en")
	b.at("/", http.StatusOK)
	if b.page.url.RawQuery != "" {
		t.Errorf("the URL is %s, want no query", b.page.url)
	}
	if got := b.form("email").fields.Get("email"); got != "nobody@example.com" {
		t.Errorf("the field holds %q, want the prefill", got)
	}
	if len(h.mails("nobody@example.com")) != 0 {
		t.Error("a GET sent mail")
	}
	for _, query := range []string{"?email=broken", "?email=a%40b.example&email=c%40d.example", "?ref=x"} {
		fresh := h.browser()
		fresh.get("/" + query)
		fresh.at("/", http.StatusOK)
		if got := fresh.form("email").fields.Get("email"); got != "" || fresh.page.url.RawQuery != "" {
			t.Errorf("%s: the field holds %q at %s", query, got, fresh.page.url)
		}
	}
}

// panicking stands for a fault of ours.
type panicking struct{ handlers.Recovery }

func (panicking) Progress(context.Context, *recovery.Visitor) (recovery.Progress, error) {
	panic("secret@example.com")
}

func TestAPanicIsAWholePageAndNoSecret(t *testing.T) {
	h := newHouse(t, func(c *handlers.Config) { c.Service = panicking{c.Service} })
	w := h.ask(http.MethodGet, "/", "")
	wholePage(t, "panic", w, http.StatusInternalServerError)
	if log := h.log.String(); !strings.Contains(log, "panicking.Progress") || strings.Contains(log, "secret@example.com") {
		t.Errorf("logged: %s", log)
	}
}
