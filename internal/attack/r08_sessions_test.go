package attack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestCookie(t *testing.T) {
	d := startDemo(t)
	answer := d.askAs(host(d.base), nil)
	cookies := answer.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies, want 1", len(cookies))
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %s", c)
	}
}

func TestFormsOfOtherSitesAndWithoutTokenAreRefused(t *testing.T) {
	d := startDemo(t, "--limit-scale", "10")
	fields := func(b *browser) url.Values {
		b.get(d.base + "/")
		return b.field("email").with("email", "customerX@example.com")
	}
	for _, c := range []struct {
		name string
		set  func(*browser, url.Values)
	}{
		{"foreign Origin", func(b *browser, _ url.Values) {
			b.headers.Set("Origin", "https://evil.example")
			b.headers.Set("Sec-Fetch-Site", "cross-site")
		}},
		{"Origin of another port", func(b *browser, _ url.Values) {
			b.headers.Set("Origin", d.portal)
			b.headers.Set("Sec-Fetch-Site", "same-site")
		}},
		{"no token", func(_ *browser, f url.Values) { f.Del("token") }},
		{"wrong token", func(_ *browser, f url.Values) { f.Set("token", "nonsense") }},
		{"token of another session", func(_ *browser, f url.Values) { f.Set("token", fields(d.browser()).Get("token")) }},
		{"no cookie", func(b *browser, _ url.Values) { b.client.Jar = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := d.browser()
			f := fields(b)
			c.set(b, f)
			if p := b.post(d.base+"/", f); p.status/100 != 4 {
				t.Errorf("answered %d at %s", p.status, p.url)
			}
		})
	}
	d.settled()
	if got := len(d.inbox("")); got > 0 {
		t.Errorf("%d mails went out", got)
	}
}

func TestProofRenewsTheSession(t *testing.T) {
	d := startDemo(t)
	b := d.browser()
	b.start("customerX@example.com")
	at, _ := url.Parse(d.base)
	before := b.client.Jar.Cookies(at)
	b.submit(b.field("code"), "code", d.mail("customerX@example.com", 0).code())
	if after := b.client.Jar.Cookies(at); after[0].Value == before[0].Value {
		t.Error("the cookie is the same after the proof")
	}
	planted := d.browser()
	planted.client.Jar.SetCookies(at, before)
	if p := planted.get(d.base + "/situation"); p.url.Path == "/situation" {
		t.Error("the cookie from before the proof opens the case")
	}
}

func TestStartOverEndsTheSession(t *testing.T) {
	d := startDemo(t)
	b := d.prove("customerX@example.com")
	at, _ := url.Parse(d.base)
	old := b.client.Jar.Cookies(at)
	for _, f := range b.page.forms {
		if strings.HasSuffix(f.action, "/end") {
			b.submit(f)
			break
		}
	}
	again := d.browser()
	again.client.Jar.SetCookies(at, old)
	if p := again.get(d.base + "/situation"); p.url.Path == "/situation" {
		t.Error("the ended session still opens the case")
	}
}
