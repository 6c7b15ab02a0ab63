package attack

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser keeps cookies, sends what browsers send with a form, and follows redirects.
type browser struct {
	t       testing.TB
	client  *http.Client
	base    string
	headers http.Header // sent with every request
	page    page
	trail   []*http.Response // of the last request, redirects included
}

func (d *demo) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	b := &browser{t: d.t, base: d.base, headers: http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux) Firefox/140.0"}}}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return b
}

// page is an answer, with what a test wants to know of its markup.
type page struct {
	url    *url.URL
	status int
	header http.Header
	body   string
	text   string
	forms  []form
	hooks  map[string][]string // data-* values by name
	links  []string
}

type form struct {
	method, action string
	fields         url.Values
	hooks          map[string]string
}

func (b *browser) get(target string) page { b.t.Helper(); return b.ask(http.MethodGet, target, nil) }

func (b *browser) post(target string, fields url.Values) page {
	b.t.Helper()
	return b.ask(http.MethodPost, target, fields)
}

func (b *browser) ask(method, target string, fields url.Values) page {
	b.t.Helper()
	p, err := b.try(method, target, fields)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// try makes a request and follows redirects; its error wraps errGone.
func (b *browser) try(method, target string, fields url.Values) (page, error) {
	at, err := url.Parse(b.base)
	if err != nil {
		return page{}, err
	}
	if b.page.url != nil {
		at = b.page.url
	}
	next, err := at.Parse(target)
	if err != nil {
		return page{}, err
	}
	b.trail = nil
	for range 12 {
		answer, body, err := b.once(method, next, fields)
		if err != nil {
			return page{}, fmt.Errorf("%w: %w", errGone, err)
		}
		b.trail = append(b.trail, answer)
		if to := answer.Header.Get("Location"); to != "" && answer.StatusCode/100 == 3 {
			if next, err = next.Parse(to); err != nil {
				return page{}, err
			}
			method, fields = http.MethodGet, nil
			continue
		}
		b.page = readPage(next, answer, body)
		return b.page, nil
	}
	return page{}, fmt.Errorf("more than 12 redirects from %s", target)
}

func (b *browser) once(method string, to *url.URL, fields url.Values) (*http.Response, string, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(fields.Encode())
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, to.String(), body)
	if err != nil {
		return nil, "", err
	}
	maps.Copy(request.Header, b.headers)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		setDefault(request.Header, "Origin", to.Scheme+"://"+to.Host)
		setDefault(request.Header, "Sec-Fetch-Site", "same-origin")
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	read, err := io.ReadAll(answer.Body)
	return answer, string(read), err
}

func setDefault(h http.Header, name, value string) {
	if h.Get(name) == "" {
		h.Set(name, value)
	}
}

// submit sends a form of the current page; extra fields replace its own.
func (b *browser) submit(f form, extra ...string) page {
	b.t.Helper()
	action := f.action
	if action == "" {
		action = b.page.url.String()
	}
	return b.post(action, f.with(extra...))
}

func (f form) with(extra ...string) url.Values {
	fields := url.Values{}
	maps.Copy(fields, f.fields)
	for i := 0; i+1 < len(extra); i += 2 {
		fields.Set(extra[i], extra[i+1])
	}
	return fields
}

// start asks for a code.
func (b *browser) start(email string) page {
	b.t.Helper()
	b.get(b.base + "/")
	return b.submit(b.field("email"), "email", email)
}

// act presses the button of an action.
func (b *browser) act(action string) page {
	b.t.Helper()
	for _, f := range b.page.forms {
		if f.hooks["action"] == action {
			return b.submit(f)
		}
	}
	b.t.Fatalf("%s: no form of action %s", b.page.url, action)
	return page{}
}

// field is the form of the current page that has a field.
func (b *browser) field(name string) form {
	b.t.Helper()
	for _, f := range b.page.forms {
		if _, ok := f.fields[name]; ok {
			return f
		}
	}
	b.t.Fatalf("%s (%d): no form with a field %s", b.page.url, b.page.status, name)
	return form{}
}

func (b *browser) has(name string) bool {
	for _, f := range b.page.forms {
		if _, ok := f.fields[name]; ok {
			return true
		}
	}
	return false
}

// prove goes from the start page to the situation of an address.
func (d *demo) prove(email string) *browser {
	d.t.Helper()
	b := d.browser()
	before := len(d.inbox(email))
	b.start(email)
	b.submit(b.field("code"), "code", d.mail(email, before).code())
	return b
}

func readPage(at *url.URL, answer *http.Response, body string) page {
	p := page{url: at, status: answer.StatusCode, header: answer.Header, body: body, hooks: map[string][]string{}}
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return p
	}
	p.read(root, nil)
	p.text = strings.Join(strings.Fields(p.text), " ")
	return p
}

func (p *page) read(n *html.Node, in *form) {
	if n.Type == html.TextNode {
		p.text += " " + n.Data
	}
	if n.Type == html.ElementNode {
		if n.Data == "script" || n.Data == "style" {
			return
		}
		in = p.element(n, in)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.read(c, in)
	}
	if n.Type == html.ElementNode && n.Data == "form" {
		p.forms = append(p.forms, *in)
	}
}

// element notes what an element says and returns the form that its children are in.
func (p *page) element(n *html.Node, in *form) *form {
	a := attributes(n)
	for name, value := range a {
		if hook, ok := strings.CutPrefix(name, "data-"); ok {
			p.hooks[hook] = append(p.hooks[hook], value)
		}
	}
	switch n.Data {
	case "form":
		in = &form{method: strings.ToLower(a["method"]), action: a["action"], fields: url.Values{}, hooks: map[string]string{}}
	case "a":
		p.links = append(p.links, a["href"])
	case "input", "textarea", "select":
		if in != nil && a["name"] != "" {
			in.fields.Set(a["name"], a["value"])
		}
	}
	if in != nil && a["data-action"] != "" {
		in.hooks["action"] = a["data-action"]
	}
	return in
}

func attributes(n *html.Node) map[string]string {
	a := map[string]string{}
	for _, attribute := range n.Attr {
		a[attribute.Key] = attribute.Val
	}
	return a
}
