package templates_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

// Words that say what is the matter with an account, or that it is not this.
var telling = regexp.MustCompile(`(?i)disabl|enabl|switch|block|suspend|deactivat|lock|ban|fraud|unpaid|confirm|password|link|GitLab`)

// A neutral page gives no cause away, and neither does what the agent gets, which may be quoted.
func TestNeutralWordsTellNothing(t *testing.T) {
	r := renderer(t)
	for _, s := range diagnosis.All() {
		if !s.Neutral {
			continue
		}
		for _, part := range []string{"title", "short", "what", "why", "steps", "support", "admin", "reply"} {
			text, _ := r.Text("en", "situation."+string(s.ID)+"."+part, "Address", "", "IdentityAddress", "", "At", "", "From", "")
			if found := telling.FindString(text); found != "" {
				t.Errorf("%s.%s says %q: %s", s.ID, part, found, text)
			}
		}
		if text, ok := r.Text("en", "situation."+string(s.ID)+".saw"); ok {
			t.Errorf("%s names what people see: %s", s.ID, text)
		}
	}
}

// jargon is what customers do not say; see the voice of the pages.
var jargon = regexp.MustCompile(`(?i)\b(tokens?|sso|single sign-on|identity provider|sessions?|invalid|authenticat\w*|credentials?|legacy|wrong email|sorry|please)\b|!`)

// What customers read is plain, and no step takes more than a few sentences.
func TestWordsForCustomersArePlain(t *testing.T) {
	r := renderer(t)
	for _, s := range diagnosis.All() {
		for _, part := range []string{"title", "short", "what", "why", "steps", "support", "reply", "ask"} {
			id := "situation." + string(s.ID) + "." + part
			for _, text := range faces(r, id, s) {
				if found := jargon.FindString(text); found != "" {
					t.Errorf("%s says %q: %s", id, found, text)
				}
				for line := range strings.SplitSeq(text, "\n") {
					if sentences := strings.Count(line, ". ") + 1; sentences > 5 {
						t.Errorf("%s has %d sentences in one line: %s", id, sentences, line)
					}
				}
			}
		}
	}
}

// What stands on the pages, in the mails and in the replies of support is as plain. What support alone reads is not
// asked.
func TestPagesAndMailsAreForCustomers(t *testing.T) {
	table := regexp.MustCompile(`^\[([^]]+)\]$`)
	for _, name := range []string{"en.toml", "mail.en.toml", "macros.en.toml"} {
		file, err := os.ReadFile("locales/" + name)
		if err != nil {
			t.Fatal(err)
		}
		at := ""
		for line := range strings.Lines(string(file)) {
			line = strings.TrimSpace(line)
			if found := table.FindStringSubmatch(line); found != nil {
				at = found[1]
				continue
			}
			if strings.HasPrefix(line, "#") || slices.Contains([]string{"mail.ticket", "mail.outcome", "mail.disowned"}, at) {
				continue
			}
			if found := jargon.FindString(line); found != "" {
				t.Errorf("%s, [%s] says %q: %s", name, at, found, line)
			}
		}
	}
}

// faces are all that a text of a situation can be: for each variant and none, with and without what is known.
func faces(r *templates.Renderer, id string, s diagnosis.Situation) []string {
	var texts []string
	for _, variant := range append([]string{""}, s.Variants...) {
		for _, known := range []string{"", "known@example.com"} {
			for _, also := range faceValues {
				kv := append([]any{"Address", known, "IdentityAddress", known, "At", known, "From", known, "Variant", variant}, also...)
				text, _ := r.Text("en", id, kv...)
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// faceValues are what a finding may know besides.
var faceValues = [][]any{
	{},
	{"Own", templates.OwnKnown},
	{"Own", templates.OwnTaken},
	{"Instead", "typed@example.com"},
	{"Through", "known@example.com"},
	{"Through", "known@example.com", "Elsewhere", true},
	{"Elsewhere", true},
	{"Mailed", true},
	{"Confirmed", true},
}

// A variant that reads like another, or like the page for everybody, is none.
func TestVariantsReadDifferently(t *testing.T) {
	r := renderer(t)
	for _, s := range diagnosis.All() {
		seen := map[string]string{}
		for _, variant := range append([]string{""}, s.Variants...) {
			text, _ := r.Text("en", "situation."+string(s.ID)+".what", "Address", "", "IdentityAddress", "", "At", "", "From", "", "Variant", variant)
			if other, alike := seen[text]; alike && len(s.Variants) > 0 && (variant != "" && other != "") {
				t.Errorf("%s: variants %q and %q read the same", s.ID, variant, other)
			}
			seen[text] = variant
		}
	}
}

// What is not known leaves no gap in a sentence: a help page knows nothing of anybody.
func TestWordsLeaveNoGap(t *testing.T) {
	r := renderer(t)
	for _, s := range diagnosis.All() {
		for _, part := range []string{"what", "why", "steps", "support", "ask"} {
			id := "situation." + string(s.ID) + "." + part
			for _, text := range faces(r, id, s) {
				for _, gap := range []string{"  ", " ,", ",,", " .", "..", "()", "“”"} {
					if strings.Contains(text, gap) {
						t.Errorf("%s leaves a gap %q: %s", id, gap, text)
					}
				}
			}
		}
	}
}
