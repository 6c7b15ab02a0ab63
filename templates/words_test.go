package templates_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	toml "github.com/pelletier/go-toml/v2"

	"latchkey/templates"
)

// messages are the ids and texts of each language's locales.
func messages(t *testing.T) map[string]map[string]string {
	t.Helper()
	files, err := filepath.Glob("locales/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal("no locales", err)
	}
	out := map[string]map[string]string{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := i18n.ParseMessageFileBytes(content, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			t.Fatal(err)
		}
		lang := file.Tag.String()
		if out[lang] == nil {
			out[lang] = map[string]string{}
		}
		for _, m := range file.Messages {
			out[lang][m.ID] = m.One + m.Few + m.Many + m.Other
		}
	}
	return out
}

var (
	literalUse = regexp.MustCompile(`\b(?:T|Lines|Has) "([^"]+)"`)
	printUse   = regexp.MustCompile(`\(print "([^"]+)" (?:[.\w]+|\(index \. 0\))(?: "([^"]+)")?\)`)
	wordUse    = regexp.MustCompile(`\bWord "([^"]+)"`)
	sayUse     = regexp.MustCompile(`\bSay(?:Lines)? \S+ "(\w+)"`)
	namesUse   = regexp.MustCompile(`\.Names\.(\w+)`)
)

// uses are the message ids that the templates and messages name, and patterns of those they put together.
func uses(t *testing.T, texts map[string]string) (literal map[string]bool, patterns []*regexp.Regexp) {
	t.Helper()
	literal = map[string]bool{
		"time.clock": true, "time.own-clock": true, "time.moment": true, "time.own-moment": true,
		"time.days": true, "time.hours": true, "time.minutes": true, "time.day": true, "check-email.support-subject": true, "support.add-subject": true,
		"report.span.seconds": true, "report.span.minutes": true, "report.span.both": true,
	}
	add := func(format string, parts ...any) {
		patterns = append(patterns, regexp.MustCompile("^"+fmt.Sprintf(format, parts...)+"$"))
	}
	// What support's macros are made of (handlers.Macros).
	for _, id := range []string{"macro.title", "macro.any", "macro.reply", "macro.text"} {
		literal[id] = true
	}
	add(`situation\.[a-z0-9-]+\.reply`)
	add(`month\.[a-z]{3}`)
	for _, glob := range []string{"pages/*.html", "mail/*.html", "mail/*.txt"} {
		files, _ := filepath.Glob(glob)
		for _, name := range files {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literalUse.FindAllStringSubmatch(string(content), -1) {
				literal[m[1]] = true
			}
			for _, m := range printUse.FindAllStringSubmatch(string(content), -1) {
				add(`%s[a-z0-9-]+%s`, regexp.QuoteMeta(m[1]), regexp.QuoteMeta(m[2]))
			}
			for _, m := range wordUse.FindAllStringSubmatch(string(content), -1) {
				add(`%s[a-z0-9-]+`, regexp.QuoteMeta(m[1]))
			}
			for _, m := range sayUse.FindAllStringSubmatch(string(content), -1) {
				add(`situation\.[a-z0-9-]+\.%s`, m[1])
			}
		}
	}
	for _, text := range texts {
		for _, m := range namesUse.FindAllStringSubmatch(text, -1) {
			literal["names."+m[1]] = true
		}
	}
	return literal, patterns
}

func TestEveryMessageNamedExistsInEveryLanguage(t *testing.T) {
	for lang, texts := range messages(t) {
		literal, _ := uses(t, texts)
		for id := range literal {
			if _, ok := texts[id]; !ok {
				t.Errorf("%s: a template or a message names %q, which is not there", lang, id)
			}
		}
		for _, id := range putTogether() {
			if _, ok := texts[id]; !ok {
				t.Errorf("%s: no message %q", lang, id)
			}
		}
	}
}

// putTogether are the ids that are made of a prefix and a value of Go.
func putTogether() []string {
	var ids []string
	for _, p := range allProblems() {
		ids = append(ids, "problem."+string(p))
	}
	for _, m := range allMessages() {
		ids = append(ids, "message."+string(m)+".title", "message."+string(m)+".text", "message."+string(m)+".do")
	}
	for _, purpose := range []string{"prove", "sign-in", "confirm", "stop", "disown"} {
		for _, part := range []string{"title", "text", "button", "under"} {
			ids = append(ids, "link."+purpose+"."+part)
		}
	}
	for _, state := range []string{"queued", "accepted", "delivered", "delayed", "failed"} {
		ids = append(ids, "delivery."+state, "delivery."+state+"-do", "mailed."+state)
	}
	ids = append(ids, "delivery.late", "delivery.late-do")
	for _, stands := range []string{"code", "locked", "expired"} {
		ids = append(ids, "check-email."+stands+".title", "check-email."+stands+".intro")
	}
	ids = append(ids, "check-email.failed.title")
	for _, a := range []string{
		"sign-in", "email-sign-in-link", "resend-confirmation", "mail-other-address", "try-another-address", "hand-off",
	} {
		ids = append(ids, "action."+a+".label", "action."+a+".under")
	}
	for m := time.January; m <= time.December; m++ {
		ids = append(ids, "month."+strings.ToLower(m.String()[:3]))
	}
	return ids
}

func TestEveryMessageIsUsed(t *testing.T) {
	for lang, texts := range messages(t) {
		literal, patterns := uses(t, texts)
		for _, id := range slices.Sorted(maps.Keys(texts)) {
			used := literal[id] || slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(id) })
			if !used {
				t.Errorf("%s: nothing uses %q", lang, id)
			}
		}
	}
}

func TestEveryLanguageIsComplete(t *testing.T) {
	all := messages(t)
	for lang, texts := range all {
		for id := range all["en"] {
			if _, ok := texts[id]; !ok {
				t.Errorf("%s lacks %q", lang, id)
			}
		}
	}
}

// sentence finds words outside of tags and actions in a page's template.
var (
	commentOrAction = regexp.MustCompile(`(?s)\{\{.*?\}\}|<style>.*?</style>`)
	tag             = regexp.MustCompile(`(?s)<[^>]*>`)
	word            = regexp.MustCompile(`\pL{2,}`)
)

func TestNoWordsInTemplates(t *testing.T) {
	for _, glob := range []string{"pages/*.html", "mail/*.html", "mail/*.txt"} {
		files, _ := filepath.Glob(glob)
		for _, name := range files {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rest := tag.ReplaceAllString(commentOrAction.ReplaceAllString(string(content), " "), " ")
			if found := word.FindString(rest); found != "" {
				t.Errorf("%s: %q belongs in the locales", name, found)
			}
		}
	}
}

func TestMarkup(t *testing.T) {
	overrides := []byte(`
[start]
intro = "Press **Save & go** on __{{.Portal}}__, don't wait or [[ask]]"
`)
	r, err := templates.New(templates.Options{Site: sampleSite, Asset: asset, Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	want := `Press <b class="ui">Save &amp; go</b> on <strong>Customers Portal</strong>, don’t wait or <a href="/support">ask</a>`
	if source := page(t, r, templates.Start{}); !strings.Contains(source, want) {
		t.Errorf("want %s", want)
	}
	text, ok := r.Text("en", "start.intro")
	if want := "Press “Save & go” on Customers Portal, don’t wait or ask"; !ok || text != want {
		t.Errorf("got %q, want %q", text, want)
	}
}

func TestOverrides(t *testing.T) {
	tests := []struct {
		name, toml, id, want, fault string
	}{
		{"a message", `start.button = "Send"`, "start.button", "Send", ""},
		{"a name", `names.my_profile = "Account"`, "names.my_profile", "Account", ""},
		{"one language", "[en.start]\nbutton = \"Send\"", "start.button", "Send", ""},
		{"nothing", "", "start.button", "Email me a code", ""},
		{"a misspelt id", `start.buton = "Send"`, "", "", "no such words: start.buton"},
		{"not TOML", "[start]\n\nbutton = Send", "", "", "words file: line 3, column 10: "},
		{"a byte order mark", "\ufeff[start]\nbutton = \"Send\"", "start.button", "Send", ""},
		{"a broken template", `start.intro = "{{.Portal"`, "", "", "start.intro"},
		{"an unknown value", `start.intro = "{{.Portla}}"`, "", "", "start.intro"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := templates.New(templates.Options{Site: sampleSite, Asset: asset, Overrides: []byte(tt.toml)})
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Fatalf("error %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := r.Text("en", tt.id); got != tt.want {
				t.Errorf("%s = %q, want %q", tt.id, got, tt.want)
			}
		})
	}
}

// A header as long as a request may have, of languages that are no end of work to compare, is read once like any other,
// and no more of it than the first few.
func TestALongHeaderOfLanguagesIsNoWork(t *testing.T) {
	r := renderer(t)
	for _, asked := range []string{
		strings.Repeat("en,", 5000), strings.Repeat("en-a-bbb-c-ddd-e-fff,", 700), strings.Repeat("zh-Hant-TW-x-aaa,", 900),
		"en" + strings.Repeat("_aaaaaaaa", 1600),
	} {
		if got := r.Match(asked); got != "en" {
			t.Errorf("Match(%.20q) = %q", asked, got)
		}
		if n := testing.AllocsPerRun(10, func() { r.Match(asked) }); n > 1 {
			t.Errorf("Match(%.20q) of %d bytes allocates %v times once it is known", asked, len(asked), n)
		}
	}
}

func TestTextAndMatch(t *testing.T) {
	r := renderer(t)
	if _, ok := r.Text("en", "no.such"); ok {
		t.Error("a message that does not exist")
	}
	if got, _ := r.Text("en", "message.too-many.do-in", "Count", 1); got != "Try again in a minute." {
		t.Errorf("one minute: %q", got)
	}
	if got, _ := r.Text("en", "message.too-many.do-in", "Count", 7); got != "Try again in 7 minutes." {
		t.Errorf("seven minutes: %q", got)
	}
	for _, asked := range []string{"", "en", "en-GB,de;q=0.5", "xx", ";;;", strings.Repeat("a,", 500)} {
		if got := r.Match(asked); got != "en" {
			t.Errorf("Match(%.20q) = %q", asked, got)
		}
	}
	if got := r.Languages(); got[0] != "en" {
		t.Errorf("languages %v", got)
	}
}
