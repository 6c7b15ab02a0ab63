package templates

import (
	"fmt"
	"text/template"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	toml "github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// catalog is every language's messages before they are bound to a site.
type catalog struct {
	bundle   *i18n.Bundle // of those with several grammatical numbers
	messages map[language.Tag]map[string]message
}

// message is what is known of one message. Its text is marked, and of the grammatical number that is used where
// there is only one.
type message struct {
	plural bool
	values values
	text   *template.Template // nil where there is nothing to fill in
	pieces []piece            // of a text that is no more than that, else nil
}

// newCatalog reads the embedded locales and lets overrides replace single messages.
func newCatalog(overrides []byte) (*catalog, error) {
	c := &catalog{bundle: i18n.NewBundle(language.English), messages: map[language.Tag]map[string]message{}}
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
		if _, twice := c.messages[file.Tag][m.ID]; twice {
			return fmt.Errorf("message %q stands in another file too", m.ID)
		}
	}
	return c.add(file.Tag, file.Messages)
}

// add takes the messages of one file or table.
func (c *catalog) add(tag language.Tag, messages []*i18n.Message) error {
	if c.messages[tag] == nil {
		c.messages[tag] = map[string]message{}
	}
	var plural []*i18n.Message // the others are rendered without the bundle
	for _, m := range messages {
		numbers := 0
		for _, form := range forms(m) {
			*form = mark(*form)
			if *form != "" {
				numbers++
			}
		}
		used, text, err := read(m)
		if err != nil {
			return err
		}
		known := message{plural: numbers > 1, values: used, text: text}
		if known.plural {
			plural = append(plural, m)
		} else {
			known.pieces = piecesOf(m.Other, text)
		}
		c.messages[tag][m.ID] = known
	}
	return c.bundle.AddMessages(tag, plural...)
}

// tags are the languages, English first.
func (c *catalog) tags() []language.Tag { return c.bundle.LanguageTags() }
