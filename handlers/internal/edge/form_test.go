package edge

import (
	"errors"
	"maps"
	"testing"
)

func TestParseFormTakesScalarsOnly(t *testing.T) {
	for _, tt := range []struct {
		body string
		want Fields
	}{
		{"email=a%40example.com&token=x", Fields{"email": "a@example.com", "token": "x"}},
		{"email=", Fields{"email": ""}},
		{"", Fields{}},
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
			if !errors.Is(err, ErrBadForm) {
				t.Errorf("parseForm(%q) = %v, %v, want ErrBadForm", tt.body, got, err)
			}
			continue
		}
		if err != nil || !maps.Equal(got, tt.want) {
			t.Errorf("parseForm(%q) = %v, %v, want %v", tt.body, got, err, tt.want)
		}
	}
}
