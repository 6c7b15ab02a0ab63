package templates

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"
)

// Site is who runs this and what it stands beside; every value is configuration.
type Site struct {
	Vendor         string // who signs the mails, such as "Acme"
	Portal         string // the customer portal's name, such as "Customers Portal"
	PortalURL      string
	Identity       string // the identity provider's name, such as "GitLab.com"
	SupportContact string // an address or URL that people read; shown before proof too
	MailFrom       string // the address that mails come from, for people to let in
	PrivacyURL     string
	InboxURL       string        // demo only: the page where the mails arrive
	StopFor        time.Duration // how long "stop these mails" holds
}

// Options configure a Renderer.
type Options struct {
	Site Site
	// Asset gives the path under which a file of package assets is served, such as "/assets/portal.3f2a.css".
	Asset func(name string) string
	// Overrides is TOML of messages that replace those of the locales, by id. A top-level table named
	// after a language holds for that language alone.
	Overrides []byte
}

// Renderer renders pages and mails. It is safe for concurrent use.
type Renderer struct {
	matcher   language.Matcher
	languages []*words
	pages     map[string]pageSet // by language
	mails     map[string]mailSet

	known      sync.Map // *words, by the Accept-Language that they are nearest to
	knownCount atomic.Int64
}

// New reads all words and parses the mails; an unknown word in Overrides is an error here and not later. That
// pages parse, and that templates ask for no field that a page does not have, is a test's to see: both are
// built in.
func New(o Options) (*Renderer, error) {
	c, err := newCatalog(o.Overrides)
	if err != nil {
		return nil, err
	}
	return newRenderer(c, o)
}

func newRenderer(c *catalog, o Options) (*Renderer, error) {
	r := &Renderer{
		matcher: language.NewMatcher(c.tags()), pages: map[string]pageSet{}, mails: map[string]mailSet{},
	}
	for _, tag := range c.tags() {
		if err := r.add(c, tag, o); err != nil {
			return nil, fmt.Errorf("templates in %s: %w", tag, err)
		}
	}
	return r, nil
}

func (r *Renderer) add(c *catalog, tag language.Tag, o Options) error {
	w, err := newWords(c, tag, o.Site)
	if err != nil {
		return err
	}
	mails, err := parseMails(w, o)
	if err != nil {
		return err
	}
	r.languages = append(r.languages, w)
	r.pages[w.lang], r.mails[w.lang] = newPages(w, o), mails
	return nil
}

// Page renders p into w in the language nearest to lang. After an error w is empty.
func (r *Renderer) Page(w *bytes.Buffer, lang string, p Page) error {
	parsed, ok := r.pages[r.Match(lang)][p.page()]
	if !ok {
		return fmt.Errorf("templates: no page %q", p.page())
	}
	t, err := parsed()
	if err == nil {
		err = t.ExecuteTemplate(w, entry(p), p)
	}
	if err != nil {
		w.Reset()
		return fmt.Errorf("page %s: %w", p.page(), err)
	}
	return nil
}

// Languages are those that have words, English first.
func (r *Renderer) Languages() []string {
	out := make([]string, len(r.languages))
	for i, w := range r.languages {
		out[i] = w.lang
	}
	return out
}

// Match is the language nearest to what a browser's Accept-Language asks for; English where none is.
func (r *Renderer) Match(acceptLanguage string) string { return r.words(acceptLanguage).lang }

func (r *Renderer) words(lang string) *words {
	for _, w := range r.languages {
		if w.lang == lang {
			return w
		}
	}
	lang = firstAsked(lang)
	if w, ok := r.known.Load(lang); ok {
		return w.(*words)
	}
	w := r.languages[0]
	if wanted, _, err := language.ParseAcceptLanguage(lang); err == nil {
		_, i, _ := r.matcher.Match(wanted...)
		w = r.languages[i]
	}
	if r.knownCount.Add(1) <= mostKnown {
		r.known.Store(strings.Clone(lang), w) // all headers of a request are one text
	}
	return w
}

// What browsers ask for is a few headers, which are read once; strangers may ask for any. Of a header no more is read
// than anybody has set: fifteen kilobytes of languages, all that a request may have, took ten milliseconds each time.
const (
	mostKnown   = 1000
	longestRead = 200
)

// firstAsked is as much of a header as is read, in whole languages.
func firstAsked(header string) string {
	if len(header) <= longestRead {
		return header
	}
	return header[:max(0, strings.LastIndexByte(header[:longestRead], ','))]
}

// Text is one message as plain text; kv are its values, in pairs. ok is false where it does not exist.
func (r *Renderer) Text(lang, id string, kv ...any) (text string, ok bool) {
	text, err := r.words(lang).plain(id, kv...)
	return text, err == nil
}
