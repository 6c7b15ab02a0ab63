package handlers

import (
	"slices"
	"strings"
	"testing"

	"latchkey/templates"
)

func TestLinesOfAPageAreReadAsTheyWereWritten(t *testing.T) {
	_, text, err := readPage(strings.NewReader(`<main><h1>Sign in</h1><p>All is right.</p><ul><li>One</li></ul>` +
		`<details><summary>Why</summary><p>Because.</p></details><form><button>Go on</button></form></main>`))
	if err != nil {
		t.Fatal(err)
	}
	want := []templates.ConsoleLine{
		{Kind: "heading", Text: "Sign in"},
		{Kind: "text", Text: "All is right."},
		{Kind: "item", Text: "One"},
		{Kind: "more", Text: "Why"},
		{Kind: "text", Text: "Because."},
		{Kind: "button", Text: "Go on"},
	}
	if got := PreviewLines(text); !slices.Equal(got, want) {
		t.Errorf("%q was read as %q, want %q", text, got, want)
	}
}
