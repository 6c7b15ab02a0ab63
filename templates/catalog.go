package templates

import (
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	toml "github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// catalog is every language's messages before they are bound to a site.
type catalog struct {
	bundle   *i18n.Bundle
	messages map[language.Tag]map[string]message
}

// message is what is known of one message.
type message struct {
	text   string // marked; of the grammatical number that is used where there is only one
	plural bool
	values values
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
	for _, m := range messages {
		used, err := valuesOf(m)
		if err != nil {
			return err
		}
		numbers := 0
		for _, form := range forms(m) {
			*form = mark(*form)
			if *form != "" {
				numbers++
			}
		}
		c.messages[tag][m.ID] = message{text: m.Other, plural: numbers > 1, values: used}
	}
	return c.bundle.AddMessages(tag, messages...)
}

// tags are the languages, English first.
func (c *catalog) tags() []language.Tag { return c.bundle.LanguageTags() }
