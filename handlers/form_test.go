package handlers

import (
	"errors"
	"maps"
	"testing"
)

func TestParseFormTakesScalarsOnly(t *testing.T) {
	for _, tt := range []struct {
		body string
		want fields
	}{
		{"email=a%40example.com&token=x", fields{"email": "a@example.com", "token": "x"}},
		{"email=", fields{"email": ""}},
		{"", fields{}},
		{"email%5B%5D=a", nil},
		{"email=a&email%5B%5D=b", nil},
		{"email=a&email%5B0%5D=b", nil},
		{"email=a&email=b", nil},
		{"email=a&email=a", nil},
		{"email=a&token=x&token=y", nil},
		{"email=%zz", nil},
		{"email=a;email=b", nil},
	} {
		got, err := parseForm(tt.body)
		if tt.want == nil {
			if !errors.Is(err, errBadForm) {
				t.Errorf("parseForm(%q) = %v, %v, want errBadForm", tt.body, got, err)
			}
			continue
		}
		if err != nil || !maps.Equal(got, tt.want) {
			t.Errorf("parseForm(%q) = %v, %v, want %v", tt.body, got, err, tt.want)
		}
	}
}

func TestTrimmedTakesSpacesAlone(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"  a@example.com\t", "a@example.com"},
		{"a@example.com\r\n", "a@example.com\r\n"},
		{"a @example.com", "a @example.com"},
		{"\u00a0a@example.com", "\u00a0a@example.com"},
	} {
		if got := trimmed(tt.typed); got != tt.want {
			t.Errorf("trimmed(%q) = %q, want %q", tt.typed, got, tt.want)
		}
	}
}
