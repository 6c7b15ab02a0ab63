package console_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is an agent's: it keeps cookies, sends forms as they stand, and follows redirects within the console.
type browser struct {
	h      *house
	t      *testing.T
	client *http.Client
	page   page
	seen   []string // every URL asked for
}

type page struct {
	url    *url.URL
	status int
	header http.Header
	body   string
	text   string
	forms  []webForm
}

type webForm struct {
	action, hook string
	fields       url.Values
}

func (h *house) browser() *browser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	b := &browser{h: h, t: h.t}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != strings.TrimPrefix(h.config.URL, "http://") {
			return http.ErrUseLastResponse
		}
		b.seen = append(b.seen, r.URL.String())
		return nil
	}}
	return b
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	b.seen = append(b.seen, r.URL.String())
	answer, err := b.client.Do(r)
	must(b.t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	must(b.t, err)
	b.page = page{url: answer.Request.URL, status: answer.StatusCode, header: answer.Header, body: string(body)}
	root, err := html.Parse(strings.NewReader(b.page.body))
	must(b.t, err)
	b.page.walk(root, nil)
	b.page.text = strings.Join(strings.Fields(b.page.text), " ")
	return b.page
}

func (b *browser) get(path string) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.h.config.URL+path, nil)
	must(b.t, err)
	return b.do(r)
}

func (b *browser) post(path string, values url.Values) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.h.config.URL+path, strings.NewReader(values.Encode()))
	must(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.h.config.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// press sends the form that a data-action stands on, with some fields filled in, in pairs.
func (b *browser) press(hook string, pairs ...string) page {
	b.t.Helper()
	for _, f := range b.page.forms {
		if f.hook != hook {
			continue
		}
		values := form(pairs...)
		for name, all := range f.fields {
			if !values.Has(name) {
				values[name] = all
			}
		}
		return b.post(f.action, values)
	}
	b.t.Fatalf("%s answered %d and has no form %q", b.page.url, b.page.status, hook)
	return page{}
}

// at checks where the browser stands.
func (b *browser) at(path string, status int) {
	b.t.Helper()
	if b.page.url.Path != path || b.page.status != status {
		b.t.Fatalf("at %s with %d, want %s with %d", b.page.url.Path, b.page.status, path, status)
	}
}

// signedIn is a browser whose agent signed in by the token, as Grace.
func (h *house) signedIn() *browser {
	h.t.Helper()
	b := h.browser()
	b.get("/console/sign-in")
	b.press("sign-in-token", "key", consoleToken, "name", "Grace")
	b.at("/console", http.StatusOK)
	return b
}

// byProvider goes to the provider and back as somebody.
func (b *browser) byProvider(username string) page {
	b.t.Helper()
	b.press("sign-in-provider")
	to := b.page.header.Get("Location")
	if b.page.status != http.StatusSeeOther || !strings.HasPrefix(to, b.h.provider.URL+"/") {
		b.t.Fatalf("answered %d, to %q", b.page.status, to)
	}
	back := b.h.provider.SignIn(b.t, to, username)
	return b.get(back.RequestURI())
}

func (p *page) walk(n *html.Node, in *webForm) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
	}
	if n.Type == html.TextNode {
		p.text += " " + n.Data
	}
	if n.Type == html.ElementNode && n.Data == "form" {
		in = &webForm{action: attrs["action"], hook: attrs["data-action"], fields: url.Values{}}
		defer func() { p.forms = append(p.forms, *in) }()
	}
	if name := attrs["name"]; in != nil && name != "" && n.Data == "input" {
		in.fields.Set(name, attrs["value"])
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		p.walk(child, in)
	}
}

func (p page) has(text string) bool { return strings.Contains(p.text, text) }
