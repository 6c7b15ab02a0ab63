package templates

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	i18ntemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// errNoWords is a message that no locale has.
var errNoWords = errors.New("templates: no such message")

// strict refuses a value that the caller did not give instead of printing "<no value>".
var strict = &i18ntemplate.TextParser{Option: "missingkey=error"}

// words are the messages of one language.
type words struct {
	lang   string
	bundle *i18n.Localizer
	ids    map[string]values
	common map[string]any // what every message may refer to
}

// newWords binds a language's messages to the site that they speak of.
func newWords(c *catalog, lang language.Tag, site Site) (*words, error) {
	w := &words{lang: lang.String(), bundle: i18n.NewLocalizer(c.bundle, lang.String()), ids: c.values[lang]}
	w.common = map[string]any{"Vendor": site.Vendor, "Portal": site.Portal, "Identity": site.Identity}
	names := map[string]string{}
	for id := range w.ids {
		key, isName := strings.CutPrefix(id, "names.")
		if !isName {
			continue
		}
		name, err := w.marked(id)
		if err != nil {
			return nil, err
		}
		names[key] = name
	}
	w.common["Names"] = names
	return w, nil
}

// has reports whether the message exists.
func (w *words) has(id string) bool {
	_, ok := w.ids[id]
	return ok
}

// marked is the message with its markup still in sentinels and its values free of them.
func (w *words) marked(id string, kv ...any) (string, error) {
	if !w.has(id) {
		return "", fmt.Errorf("%w: %q in %s", errNoWords, id, w.lang)
	}
	data, count, err := w.data(id, kv)
	if err != nil {
		return "", err
	}
	text, err := w.bundle.Localize(&i18n.LocalizeConfig{
		MessageID: id, TemplateData: data, PluralCount: count, TemplateParser: strict,
	})
	if err != nil {
		return "", fmt.Errorf("message %q in %s: %w", id, w.lang, err)
	}
	return strings.TrimSpace(text), nil
}

// data are the message's values; one called Count also picks the plural form.
func (w *words) data(id string, kv []any) (data map[string]any, count any, err error) {
	if len(kv)%2 != 0 {
		return nil, nil, fmt.Errorf("message %q: values come in pairs", id)
	}
	if len(kv) == 0 {
		return w.common, nil, nil
	}
	data = make(map[string]any, len(w.common)+len(kv)/2)
	for k, v := range w.common {
		data[k] = v
	}
	for i := 0; i < len(kv); i += 2 {
		key, ok := kv[i].(string)
		if !ok {
			return nil, nil, fmt.Errorf("message %q: value %d has no name", id, i/2)
		}
		data[key] = value(kv[i+1])
		if key == "Count" {
			count = kv[i+1]
		}
	}
	return data, count, nil
}

// html is the message as markup, everything but the markup's own marks escaped.
func (w *words) html(id string, kv ...any) (template.HTML, error) {
	text, err := w.marked(id, kv...)
	return toHTML(text), err
}

// plain is the message as text.
func (w *words) plain(id string, kv ...any) (string, error) {
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

// catalog is every language's messages before they are bound to a site.
type catalog struct {
	bundle *i18n.Bundle
	// values are, by language and message, what the message refers to.
	values map[language.Tag]map[string]values
}

// add takes the messages of one file or table.
func (c *catalog) add(tag language.Tag, messages []*i18n.Message) error {
	if c.values[tag] == nil {
		c.values[tag] = map[string]values{}
	}
	for _, m := range messages {
		used, err := valuesOf(m)
		if err != nil {
			return err
		}
		for _, form := range forms(m) {
			*form = mark(*form)
		}
		c.values[tag][m.ID] = used
	}
	return c.bundle.AddMessages(tag, messages...)
}

// tags are the languages, English first.
func (c *catalog) tags() []language.Tag { return c.bundle.LanguageTags() }

// newCatalog reads the embedded locales and lets overrides replace single messages.
func newCatalog(overrides []byte) (*catalog, error) {
	c := &catalog{bundle: i18n.NewBundle(language.English), values: map[language.Tag]map[string]values{}}
	files, err := locales.ReadDir("locales")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := c.addFile(f.Name()); err != nil {
			return nil, fmt.Errorf("locales/%s: %w", f.Name(), err)
		}
	}
	if err := c.override(overrides); err != nil {
		return nil, fmt.Errorf("words file: %w", err)
	}
	return c, nil
}

func (c *catalog) addFile(name string) error {
	text, err := locales.ReadFile("locales/" + name)
	if err != nil {
		return err
	}
	file, err := i18n.ParseMessageFileBytes(text, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return err
	}
	for _, m := range file.Messages {
		if _, twice := c.values[file.Tag][m.ID]; twice {
			return fmt.Errorf("message %q stands in another file too", m.ID)
		}
	}
	return c.add(file.Tag, file.Messages)
}
