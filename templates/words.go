package templates

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	i18ntemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// errNoWords is a message that no locale has.
var errNoWords = errors.New("templates: no such message")

// strict refuses a value that the caller did not give instead of printing "<no value>".
const strict = "missingkey=error"

var strictParser = &i18ntemplate.TextParser{Option: strict}

// words are the messages of one language, bound to a site.
type words struct {
	lang   string
	plural *i18n.Localizer // for messages with several grammatical numbers
	fixed  map[string]fixed
	ids    map[string]message
	common map[string]any // what every message may refer to
	names  map[string]string
}

// fixed is a message that reads the same every time.
type fixed struct {
	marked, plain string
	html          template.HTML
}

// newWords binds a language's messages to the site that they speak of.
func newWords(c *catalog, lang language.Tag, site Site) (*words, error) {
	w := &words{
		lang: lang.String(), plural: i18n.NewLocalizer(c.bundle, lang.String()), ids: c.messages[lang],
		fixed: map[string]fixed{},
		common: map[string]any{
			"Vendor": site.Vendor, "Portal": site.Portal, "Identity": site.Identity,
			// What only a finding knows.
			"Variant": "", "Mailed": false, "Through": "", "Elsewhere": false, "Confirmed": false, "Own": "", "Instead": "",
		},
	}
	names := map[string]string{}
	for id := range w.ids {
		if key, isName := strings.CutPrefix(id, "names."); isName {
			name, err := w.marked(id)
			if err != nil {
				return nil, err
			}
			names[key] = name
		}
	}
	w.common["Names"], w.names = names, names
	return w, w.fix()
}

// fix renders the messages that need no value of their own, once.
func (w *words) fix() error {
	for id, m := range w.ids {
		if m.plural || !m.values.common() {
			continue
		}
		text, err := w.marked(id)
		if err != nil {
			return err
		}
		w.fixed[id] = fixed{marked: text, plain: toPlain(text), html: toHTML(text)}
	}
	return nil
}

// has reports whether the message exists.
func (w *words) has(id string) bool {
	_, ok := w.ids[id]
	return ok
}

// marked is the message with its markup still in sentinels and its values free of them.
func (w *words) marked(id string, kv ...any) (string, error) {
	if f, ok := w.fixed[id]; ok {
		return f.marked, nil
	}
	m, ok := w.ids[id]
	if !ok {
		return "", fmt.Errorf("%w: %q in %s", errNoWords, id, w.lang)
	}
	if m.pieces != nil && len(kv)%2 == 0 {
		if text, ok := w.join(m.pieces, kv); ok {
			return text, nil
		}
	}
	data, err := w.data(id, kv)
	if err != nil {
		return "", err
	}
	if m.plural {
		return w.plural.Localize(&i18n.LocalizeConfig{
			MessageID: id, TemplateData: data, PluralCount: data["Count"], TemplateParser: strictParser,
		})
	}
	var b strings.Builder
	if err := m.text.Execute(&b, data); err != nil {
		return "", fmt.Errorf("message %q in %s: %w", id, w.lang, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// data are the message's values; one called Count also picks the grammatical number.
func (w *words) data(id string, kv []any) (map[string]any, error) {
	if len(kv) == 0 {
		return w.common, nil
	}
	if len(kv)%2 != 0 {
		return nil, fmt.Errorf("message %q: values come in pairs", id)
	}
	data := make(map[string]any, len(w.common)+len(kv)/2)
	maps.Copy(data, w.common)
	for i := 0; i < len(kv); i += 2 {
		key, ok := kv[i].(string)
		if !ok {
			return nil, fmt.Errorf("message %q: value %d has no name", id, i/2)
		}
		data[key] = value(kv[i+1])
	}
	return data, nil
}

// html is the message as markup, everything but the markup's own marks escaped.
func (w *words) html(id string, kv ...any) (template.HTML, error) {
	if f, ok := w.fixed[id]; ok {
		return f.html, nil
	}
	text, err := w.marked(id, kv...)
	return toHTML(text), err
}

// plain is the message as text.
func (w *words) plain(id string, kv ...any) (string, error) {
	if f, ok := w.fixed[id]; ok {
		return f.plain, nil
	}
	text, err := w.marked(id, kv...)
	return toPlain(text), err
}

// lines is the message cut at its line breaks; nothing where it does not exist.
func (w *words) lines(id string, kv ...any) ([]string, error) {
	if !w.has(id) {
		return nil, nil
	}
	text, err := w.marked(id, kv...)
	lines := strings.Split(text, "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" }), err
}
