package templates

import (
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"
)

// A template that asks for a field that its page does not have fails here, and not before a customer.
func TestTemplatesAskForWhatThereIs(t *testing.T) {
	r, err := New(Options{Asset: func(name string) string { return "/assets/" + name }})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range r.languages {
		for _, p := range allPages() {
			parsed, err := r.pages[w.lang][p.page()]()
			if err == nil {
				err = templatecheck.CheckHTML(parsed.Lookup(entry(p)), p)
			}
			if err != nil {
				t.Errorf("%s page %s: %v", w.lang, p.page(), err)
			}
		}
		for _, m := range allMails() {
			pair := r.mails[w.lang][m.mail()]
			if err := templatecheck.CheckText(pair.text, m); err != nil {
				t.Errorf("%s mail %s, text: %v", w.lang, m.mail(), err)
			}
			if err := templatecheck.CheckHTML(pair.html, m); err != nil {
				t.Errorf("%s mail %s, HTML: %v", w.lang, m.mail(), err)
			}
		}
	}
	wrong := template.Must(template.New("wrong").Parse("{{.Emial}}"))
	if templatecheck.CheckHTML(wrong, Start{}) == nil {
		t.Error("a misspelt field is found in order")
	}
}

// A page reads the same whether its words were written into it beforehand or not.
func TestFoldedPagesReadTheSame(t *testing.T) {
	plain := template.Must(template.New("p").Funcs(template.FuncMap{"T": func(string) template.HTML { return "it&#39;s &amp; so" }}).
		Parse(`<p title="{{T "a"}}">{{T "a"}}</p>{{if .}}<b>{{T "a"}}</b>{{else}}{{T "b"}}{{end}}`))
	folded := template.Must(plain.Clone())
	fold(treesOf(folded), func(name string, args []string) (string, bool) {
		return "it&#39;s &amp; so", name == "T" && len(args) == 1
	})
	for _, data := range []bool{true, false} {
		want, got := executed(t, plain, data), executed(t, folded, data)
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if n := len(folded.Tree.Root.Nodes); n != 2 {
		t.Errorf("%d nodes are left, want a text and a branch", n)
	}
}

// A message reads the same whether its pieces are joined or its template is run.
func TestPiecesReadAsTheirTemplate(t *testing.T) {
	r, err := NewWithMore(Options{Asset: func(name string) string { return name }},
		`more = "{{.A}}{{if .A}} and {{.B}}{{end}}{{if .Variant}} {{.Variant}}{{end}} of {{.Names.save}}"`)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range r.languages {
		for id, m := range w.ids {
			if m.text == nil || m.pieces == nil {
				continue
			}
			for _, kv := range valuesFor(m.values) {
				var want strings.Builder
				data, err := w.data(id, kv)
				if err == nil {
					err = m.text.Execute(&want, data)
				}
				got, ok := w.join(m.pieces, kv)
				if ok && (err != nil || got != strings.TrimSpace(want.String())) {
					t.Errorf("%s of %v: got %q, want %q, %v", id, kv, got, want.String(), err)
				}
			}
		}
	}
	if pieces := r.languages[0].ids["more"].pieces; len(pieces) != 7 {
		t.Errorf("%d pieces of the message with conditions, want 7", len(pieces))
	}
}

// valuesFor gives a message's values one thing after another, and then leaves one out after another.
func valuesFor(names values) [][]any {
	of := func(v any, but string) (kv []any) {
		for name := range names {
			if name != but && !strings.Contains(name, ".") {
				kv = append(kv, name, v)
			}
		}
		return kv
	}
	all := [][]any{nil}
	for _, v := range []any{"", " ", "text", uiOpen, template.HTML(""), template.HTML("<b>&</b>"), 0, 7, true, time.UTC} {
		all = append(all, of(v, ""))
	}
	for name := range names {
		all = append(all, of("text", name))
	}
	return all
}

func executed(t *testing.T, tmpl *template.Template, data any) string {
	t.Helper()
	var b strings.Builder
	if err := tmpl.Execute(&b, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
