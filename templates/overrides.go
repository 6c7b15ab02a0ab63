package templates

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	toml "github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// override replaces messages by the vendor's own. A top-level table named after a language holds for that
// language; all else holds for every language. An id that no locale has is a mistake and told as one.
func (c *catalog) override(text []byte) error {
	var tree map[string]any
	if err := toml.Unmarshal(bytes.TrimPrefix(text, byteOrderMark), &tree); err != nil {
		return at(err)
	}
	tags := slices.Clone(c.tags())
	own := map[language.Tag]any{}
	for _, tag := range tags {
		if table, ok := tree[tag.String()]; ok {
			own[tag] = table
			delete(tree, tag.String())
		}
	}
	for _, tag := range tags {
		if err := c.replace(tag, tree); err != nil {
			return err
		}
	}
	for tag, table := range own {
		if err := c.replace(tag, table); err != nil {
			return err
		}
	}
	return nil
}

// byteOrderMark is what some editors begin a file with.
var byteOrderMark = []byte("\ufeff")

// at says where a file is no TOML.
func at(err error) error {
	if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := wrong.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}

func (c *catalog) replace(tag language.Tag, table any) error {
	tree, ok := table.(map[string]any)
	if !ok {
		return fmt.Errorf("%q is a language and must be a table", tag)
	}
	if len(tree) == 0 {
		return nil
	}
	text, err := toml.Marshal(tree)
	if err != nil {
		return err
	}
	messages, err := i18n.ParseMessageBytes(text, toml.Unmarshal)
	if err != nil {
		return err
	}
	if err := c.fits(tag, messages); err != nil {
		return err
	}
	return c.add(tag, messages)
}

// fits reports what of a words file the pages could not use: ids that no locale has, and values that the
// message replaced does not get.
func (c *catalog) fits(tag language.Tag, messages []*i18n.Message) error {
	var unknown []string
	for _, m := range messages {
		known, ok := c.messages[tag][m.ID]
		if !ok {
			unknown = append(unknown, m.ID)
			continue
		}
		wanted, _, err := read(m)
		if err != nil {
			return err
		}
		for v := range wanted {
			if !known.values[v] && !c.common(tag, v) {
				unknown = append(unknown, fmt.Sprintf("{{.%s}} in %s", v, m.ID))
			}
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("no such words: %s", strings.Join(unknown, ", "))
	}
	return nil
}

// common reports whether every message may refer to the value.
func (c *catalog) common(tag language.Tag, v string) bool {
	if name, ok := strings.CutPrefix(v, "Names."); ok {
		_, exists := c.messages[tag]["names."+name]
		return exists
	}
	return values{v: true}.common()
}
