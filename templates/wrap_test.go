package templates

import "testing"

func TestWrap(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"short", "one two", "one two\n"},
		{"at the width", "0123456789 123456789", "0123456789 123456789\n"},
		{"over it", "0123456789 123456789 x", "0123456789 123456789\nx\n"},
		{"a list", "- 23456789 123456789 x", "- 23456789 123456789\n  x\n"},
		{"a quotation", "> 23456789 123456789 x", "> 23456789 123456789\n> x\n"},
		{"an indent", "    4831 0926", "4831 0926\n"},
		{"no space to break at", "https://example.com/0123456789", "https://example.com/0123456789\n"},
		{"many empty lines", "a\n\n\n\nb\n\n\n", "a\n\nb\n"},
		{"empty quoted line", "> a\n>\n> b", "> a\n>\n> b\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wrap(tt.text, 20); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
