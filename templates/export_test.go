package templates

import (
	"github.com/nicksnyder/go-i18n/v2/i18n"
	toml "github.com/pelletier/go-toml/v2"
)

// NewWithMore is New with the messages of one more English locale file.
func NewWithMore(o Options, text string) (*Renderer, error) {
	c, err := newCatalog(o.Overrides)
	if err != nil {
		return nil, err
	}
	file, err := i18n.ParseMessageFileBytes([]byte(text), "more.en.toml", map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return nil, err
	}
	if err := c.add(file.Tag, file.Messages); err != nil {
		return nil, err
	}
	return newRenderer(c, o)
}
