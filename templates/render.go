package templates

import (
	"bytes"
	"errors"
)

// Site is who runs this and what it stands beside; every value is configuration.
type Site struct {
	Vendor         string // who signs the mails, such as "Acme"
	Portal         string // the customer portal's name, such as "Customers Portal"
	PortalURL      string
	Identity       string // the identity provider's name, such as "GitLab.com"
	IdentityURL    string
	SupportContact string // an address or URL that people read; shown before proof too
	PrivacyURL     string
	PublicURL      string // of Latchkey itself, without a final slash
	InboxURL       string // demo only: the page where the mails arrive
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
type Renderer struct{}

// New parses and checks everything once; a missing template, an unknown field or an unknown word in
// Overrides is an error here and not later.
func New(o Options) (*Renderer, error) { return nil, errors.New("templates: not built") }

// Page renders p into w in the language nearest to lang. After an error w holds nothing that may be sent.
func (r *Renderer) Page(w *bytes.Buffer, lang string, p Page) error { return nil }

// Mail renders m in the language nearest to lang.
func (r *Renderer) Mail(lang string, m Mail) (Rendered, error) { return Rendered{}, nil }

// Languages are those that have words, English first.
func (r *Renderer) Languages() []string { return nil }

// Match is the language nearest to what a browser's Accept-Language asks for.
func (r *Renderer) Match(acceptLanguage string) string { return "" }

// Text is one message as plain text; kv are its values, in pairs. ok is false where it does not exist.
func (r *Renderer) Text(lang, id string, kv ...any) (text string, ok bool) { return "", false }
