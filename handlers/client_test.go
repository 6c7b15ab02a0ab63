package handlers_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"latchkey/internal/demo"
)

// browser is a customer's browser: it keeps cookies, sends forms as they stand and follows redirects,
// those to the customer portal as well.
type browser struct {
	t      *testing.T
	base   *url.URL
	client *http.Client
	page   page
}

// page is what the browser shows.
type page struct {
	url    *url.URL
	status int
	header http.Header
	body   string
	forms  []form
	hooks  map[string][]string // by name without "data-"
}

type form struct {
	method, action string
	hooks          map[string]string
	fields         url.Values
}

func (h *house) browser() *browser {
	h.t.Helper()
	base, err := url.Parse(h.server.URL)
	must(h.t, err)
	jar, err := cookiejar.New(nil)
	must(h.t, err)
	return &browser{t: h.t, base: base, client: &http.Client{Jar: jar}}
}

// tab is another tab of the browser.
func (b *browser) tab() *browser { return &browser{t: b.t, base: b.base, client: b.client} }

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	answer, err := b.client.Do(r)
	must(b.t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	must(b.t, err)
	b.page = page{url: answer.Request.URL, status: answer.StatusCode, header: answer.Header, body: string(body)}
	b.page.parse(b.t)
	return b.page
}

func (b *browser) get(path string) page {
	b.t.Helper()
	to, err := b.base.Parse(path)
	must(b.t, err)
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, to.String(), nil)
	must(b.t, err)
	return b.do(r)
}

// post sends a form as browsers do.
func (b *browser) post(path string, values url.Values) page {
	b.t.Helper()
	to, err := b.base.Parse(path)
	must(b.t, err)
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, to.String(), strings.NewReader(values.Encode()))
	must(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.base.Scheme+"://"+b.base.Host)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// submit sends one of the page's forms with some fields filled in, in pairs.
func (b *browser) submit(f form, pairs ...string) page {
	b.t.Helper()
	values := url.Values{}
	maps.Copy(values, f.fields)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return b.post(f.action, values)
}

// press sends the form that a data-action stands on.
func (b *browser) press(action string, pairs ...string) page {
	b.t.Helper()
	for _, f := range b.page.forms {
		if f.hooks["action"] == action {
			return b.submit(f, pairs...)
		}
	}
	b.t.Fatalf("%s: no form %q", b.page.url, action)
	return page{}
}

// fill sends the form that has a field.
func (b *browser) fill(field, value string) page {
	b.t.Helper()
	return b.submit(b.form(field), field, value)
}

func (b *browser) form(field string) form {
	b.t.Helper()
	for _, f := range b.page.forms {
		if f.fields.Has(field) {
			return f
		}
	}
	b.t.Fatalf("%s answered %d and has no form with a field %q", b.page.url, b.page.status, field)
	return form{}
}

// at checks where the browser stands.
func (b *browser) at(path string, status int) {
	b.t.Helper()
	if b.page.url.Path != path || b.page.status != status {
		b.t.Fatalf("at %s with %d, want %s with %d", b.page.url.Path, b.page.status, path, status)
	}
}

// start asks for the proof mail of an address.
func (b *browser) start(address string) {
	b.t.Helper()
	b.get("/")
	b.fill("email", address)
	b.at("/check-email", http.StatusOK)
}

// prove goes from the start page to the situation of an address.
func (h *house) prove(address string) *browser {
	h.t.Helper()
	b := h.browser()
	b.start(address)
	b.fill("code", codeOf(h.t, h.mail(address)))
	b.at("/situation", http.StatusOK)
	return b
}

func (p page) has(hook, value string) bool { return slices.Contains(p.hooks[hook], value) }

func (p page) contains(text string) bool { return strings.Contains(p.body, text) }

func (p *page) parse(t *testing.T) {
	t.Helper()
	p.hooks = map[string][]string{}
	root, err := html.Parse(strings.NewReader(p.body))
	must(t, err)
	p.walk(root, nil)
}

func (p *page) walk(n *html.Node, in *form) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
		if name, ok := strings.CutPrefix(a.Key, "data-"); ok && n.Type == html.ElementNode {
			p.hooks[name] = append(p.hooks[name], a.Val)
		}
	}
	if n.Type == html.ElementNode && n.Data == "form" {
		in = &form{method: attrs["method"], action: attrs["action"], hooks: map[string]string{}, fields: url.Values{}}
		in.hooks["action"] = attrs["data-action"]
		defer func() { p.forms = append(p.forms, *in) }()
	}
	if name := attrs["name"]; in != nil && name != "" && (n.Data == "input" || n.Data == "textarea") {
		value := attrs["value"]
		if n.Data == "textarea" && n.FirstChild != nil {
			value = n.FirstChild.Data
		}
		in.fields.Add(name, value)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		p.walk(child, in)
	}
}

var (
	codePattern = regexp.MustCompile(`(?m)^\s*(\d{4})[  ]?(\d{4})\s*$`)
	linkPattern = regexp.MustCompile(`https?://\S+`)
)

// codeOf is the code in a mail.
func codeOf(t *testing.T, m demo.Mail) string {
	t.Helper()
	found := codePattern.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("no code in the mail %q", m.Subject)
	}
	return found[1] + found[2]
}

// linksOf are the links in a mail, as paths; the first is its act.
func linksOf(t *testing.T, m demo.Mail) []string {
	t.Helper()
	var paths []string
	for _, text := range linkPattern.FindAllString(m.Text, -1) {
		u, err := url.Parse(strings.TrimRight(text, ".>)"))
		must(t, err)
		if strings.HasPrefix(u.Path, "/l/") {
			paths = append(paths, u.Path)
		}
	}
	if len(paths) == 0 {
		t.Fatalf("no link in the mail %q", m.Subject)
	}
	return paths
}
