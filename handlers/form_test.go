package handlers

import "testing"

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
