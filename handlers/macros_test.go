package handlers_test

import (
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"latchkey/assets"
	"latchkey/handlers"
	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

var update = flag.Bool("update", false, "write the README's macros anew")

const (
	readme      = "../README.md"
	macrosBegin = "<!-- macros: go test ./handlers -run Readme -update -->\n"
	macrosEnd   = "\n<!-- end of macros -->"
)

func macros(t *testing.T) []handlers.Macro {
	t.Helper()
	r, err := templates.New(templates.Options{Asset: assets.Path, Site: templates.Site{
		Vendor: "Example", Portal: "Customers Portal", Identity: "GitLab.com",
	}})
	must(t, err)
	all, err := handlers.Macros(r, "en", "https://help.example.com")
	must(t, err)
	return all
}

// There is one for each situation of the registry, and one more.
func TestEverySituationHasAMacro(t *testing.T) {
	all := macros(t)
	if len(all) != 1+len(diagnosis.All()) || all[0].Situation != "" {
		t.Fatalf("%d macros, want one for everything and %d", len(all), len(diagnosis.All()))
	}
	seen := map[string]bool{}
	for i, m := range all {
		if i > 0 && m.Situation != string(diagnosis.All()[i-1].ID) {
			t.Errorf("macro %d is of %q", i, m.Situation)
		}
		if m.Title == "" || seen[m.Title] || seen[m.Text] {
			t.Errorf("%s: title %q, or its text, is another's or empty", m.Situation, m.Title)
		}
		seen[m.Title], seen[m.Text] = true, true
		for _, want := range []string{"https://help.example.com/?ref={{ticket.id}}&lang=en\n", "Hello {{ticket.requester.first_name}},"} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("%s has no %q", m.Situation, want)
			}
		}
		for _, broken := range []string{"<no value>", "{{.", "\n\n\n"} {
			if strings.Contains(m.Text, broken) {
				t.Errorf("%s has %q", m.Situation, broken)
			}
		}
		situation, _ := diagnosis.ByID(diagnosis.ID(m.Situation))
		help := "https://help.example.com/help/" + m.Situation + "\n"
		if got, want := strings.Contains(m.Text, help), m.Situation != "" && !situation.Neutral; got != want {
			t.Errorf("%s: names its help page: %v, want %v", m.Situation, got, want)
		}
	}
}

// Where a macro's links lead, once the desk has filled them in.
func TestMacroLinksLeadToTheirPages(t *testing.T) {
	h := newHouse(t)
	all, err := handlers.Macros(h.config.Renderer, "en", h.server.URL)
	must(t, err)
	for _, m := range all {
		for _, link := range regexp.MustCompile(`http\S+`).FindAllString(m.Text, -1) {
			b := h.browser()
			if b.get(strings.ReplaceAll(link, "{{ticket.id}}", "4711")); b.page.status != http.StatusOK || b.page.url.RawQuery != "" {
				t.Errorf("%s leads to %d at %s", link, b.page.status, b.page.url)
			}
		}
	}
}

// A language without the words is told, and by name.
func TestAMissingMacroIsNamed(t *testing.T) {
	_, err := handlers.Macros(without{newHouse(t).renderer, "situation.unconfirmed.reply"}, "en", "https://help.example.com")
	if err == nil || !strings.Contains(err.Error(), "situation.unconfirmed.reply") {
		t.Errorf("%v", err)
	}
}

// without is a renderer that lacks a message.
type without struct {
	handlers.Renderer
	id string
}

func (w without) Text(lang, id string, kv ...any) (string, bool) {
	if id == w.id {
		return "", false
	}
	return w.Renderer.Text(lang, id, kv...)
}

// The README's macros are those of the locales, to the letter.
func TestReadmeHasTheMacros(t *testing.T) {
	text, err := os.ReadFile(readme)
	must(t, err)
	before, rest, ok := strings.Cut(string(text), macrosBegin)
	got, after, ok2 := strings.Cut(rest, macrosEnd)
	if !ok || !ok2 {
		t.Fatalf("the README has no %q … %q", macrosBegin, macrosEnd)
	}
	var b strings.Builder
	for _, m := range macros(t) {
		fmt.Fprintf(&b, "\n<details>\n<summary>%s</summary>\n\n```text\n%s\n```\n\n</details>\n", html.EscapeString(m.Title), m.Text)
	}
	if want := b.String(); *update {
		must(t, os.WriteFile(readme, []byte(before+macrosBegin+want+macrosEnd+after), 0o600))
	} else if got != want {
		t.Error("the README's macros are not those of the locales: go test ./handlers -run Readme -update")
	}
}
