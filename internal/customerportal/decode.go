package customerportal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

var errTrailing = errors.New("something after the JSON value")

// decode reads one JSON value into a wire type. A member that is missing is refused and never read as
// empty: without confirmed_at every customer would be told that they are unconfirmed. Members that the
// type does not have are left alone, so that a vendor may add some.
func decode(body []byte, into any) error {
	if err := present(body, reflect.TypeOf(into).Elem(), "answer"); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(into); err != nil {
		return shapeError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

// present checks that raw has every member of t. Only pointers may be null.
func present(raw json.RawMessage, t reflect.Type, path string) error {
	null := string(bytes.TrimSpace(raw)) == "null"
	switch {
	case t.Kind() == reflect.Pointer && null:
		return nil
	case null:
		return fmt.Errorf("%s is null", path)
	case t.Kind() == reflect.Pointer:
		return present(raw, t.Elem(), path)
	case t == reflect.TypeFor[time.Time]():
		return nil
	case t.Kind() == reflect.Struct:
		return presentMembers(raw, t, path)
	case t.Kind() == reflect.Slice:
		return presentItems(raw, t, path)
	}
	return nil
}

func presentMembers(raw json.RawMessage, t reflect.Type, path string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return fmt.Errorf("%s: %w", path, shapeError(err))
	}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		value, ok := members[name]
		if !ok && options == "omitempty" {
			continue
		}
		if !ok {
			return fmt.Errorf("%s has no %s", path, name)
		}
		if err := present(value, field.Type, path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func presentItems(raw json.RawMessage, t reflect.Type, path string) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return fmt.Errorf("%s: %w", path, shapeError(err))
	}
	for _, item := range items {
		if err := present(item, t.Elem(), path+"[]"); err != nil {
			return err
		}
	}
	return nil
}

// shapeError says what was wrong without repeating any of the answer: json's and time's own texts quote
// the value, which may be an address.
func shapeError(err error) error {
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		return fmt.Errorf("a %s where %s belongs", wrong.Value[:wordEnd(wrong.Value)], wrong.Type)
	}
	if when := new(time.ParseError); errors.As(err, &when) {
		return errors.New("a time that is not RFC 3339")
	}
	return errors.New("not JSON")
}

// wordEnd cuts "number 12" to "number".
func wordEnd(s string) int {
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return i
	}
	return len(s)
}
