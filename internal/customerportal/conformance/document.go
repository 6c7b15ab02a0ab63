package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"latchkey/internal/customerportal"
)

// document is the schemas of openapi.yaml: what has to be in an answer is read from what the vendor reads.
type document struct {
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

// schema is the part of JSON Schema that the document uses.
type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       any               `yaml:"type"` // a name or several
	OneOf      []schema          `yaml:"oneOf"`
	Enum       []any             `yaml:"enum"`
	Format     string            `yaml:"format"`
	MinLength  int               `yaml:"minLength"`
	MaxLength  int               `yaml:"maxLength"`
	Required   []string          `yaml:"required"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
}

func readDocument() (document, error) {
	var d document
	if err := yaml.Unmarshal(customerportal.Spec, &d); err != nil {
		return d, fmt.Errorf("the API's own document: %w", err)
	}
	return d, nil
}

// misfit is where a JSON text is not what its schema wants.
type misfit struct {
	text string
	time bool // it is a time that is none
}

// misfits says where a JSON text is not what the schema of that name wants.
func (d document) misfits(name string, body []byte) []misfit {
	decoder := json.NewDecoder(bytes.NewReader(body))
	var value any
	if err := decoder.Decode(&value); err != nil {
		return []misfit{{text: "the answer is not JSON"}}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return []misfit{{text: "something follows the JSON value"}}
	}
	return d.check(d.Components.Schemas[name], value, "answer")
}

func unfit(format string, args ...any) []misfit {
	return []misfit{{text: fmt.Sprintf(format, args...)}}
}

func (d document) check(s schema, value any, at string) []misfit {
	if s.Ref != "" {
		return d.check(d.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]], value, at)
	}
	if len(s.OneOf) > 0 {
		return d.oneOf(s.OneOf, value, at)
	}
	kind := kindOf(value)
	if types := s.types(); len(types) > 0 && !slices.Contains(types, kind) && (kind != "integer" || !slices.Contains(types, "number")) {
		return unfit("%s is %s, want %s", at, kind, strings.Join(types, " or "))
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		return unfit("%s is %s, want one of %v", at, text(value), s.Enum)
	}
	switch v := value.(type) {
	case string:
		return s.checkString(v, at)
	case map[string]any:
		return d.checkObject(s, v, at)
	case []any:
		return d.checkItems(s, v, at)
	}
	return nil
}

// oneOf takes null for null; otherwise the faults are those of the first schema.
func (d document) oneOf(some []schema, value any, at string) []misfit {
	var first []misfit
	for i, one := range some {
		faults := d.check(one, value, at)
		if len(faults) == 0 {
			return nil
		}
		if i == 0 {
			first = faults
		}
	}
	return first
}

func (d document) checkObject(s schema, object map[string]any, at string) []misfit {
	var faults []misfit
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			faults = append(faults, unfit("%s has no %s", at, name)...)
		}
	}
	for _, name := range slices.Sorted(keys(s.Properties)) {
		if value, ok := object[name]; ok {
			faults = append(faults, d.check(s.Properties[name], value, at+"."+name)...)
		}
	}
	return faults
}

func (d document) checkItems(s schema, items []any, at string) []misfit {
	if s.Items == nil {
		return nil
	}
	var faults []misfit
	for i, item := range items {
		faults = append(faults, d.check(*s.Items, item, fmt.Sprintf("%s[%d]", at, i))...)
	}
	return faults
}

func (s schema) checkString(v, at string) []misfit {
	n := utf8.RuneCountInString(v)
	switch {
	case n < s.MinLength:
		return unfit("%s is %s, want %d characters or more", at, text(v), s.MinLength)
	case s.MaxLength > 0 && n > s.MaxLength:
		return unfit("%s has %d characters, want %d at most", at, n, s.MaxLength)
	}
	switch s.Format {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			return []misfit{{at + " is " + text(v) + ", want a time by RFC 3339 such as 2026-11-22T14:07:00Z", true}}
		}
	case "uri":
		if u, err := url.Parse(v); err != nil || !u.IsAbs() || u.Host == "" {
			return unfit("%s is no absolute URL", at)
		}
	}
	return nil
}

func (s schema) types() []string {
	switch t := s.Type.(type) {
	case string:
		return []string{t}
	case []any:
		var all []string
		for _, one := range t {
			all = append(all, fmt.Sprint(one))
		}
		return all
	}
	return nil
}

func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// text is a JSON value as it was written.
func text(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	return string(written)
}
