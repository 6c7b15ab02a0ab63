package templates_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/demo"
	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

// A new situation is one file in internal/diagnosis, its words and drawing here, and one demo customer.
// This names whatever of that is missing, in every language.
func TestEverySituationIsComplete(t *testing.T) {
	for _, lack := range incomplete(t, renderer(t), diagnosis.All(), demo.Customers()) {
		t.Error(lack)
	}
}

// incomplete names all that is missing of the situations of a registry.
func incomplete(t *testing.T, r *templates.Renderer, all diagnosis.Registry, customers []demo.Customer) []string {
	t.Helper()
	var out []string
	for _, s := range all {
		for _, lang := range r.Languages() {
			for _, lack := range lacks(t, r, lang, s) {
				out = append(out, string(s.ID)+" ("+lang+"): "+lack)
			}
		}
		shown := func(c demo.Customer) bool { return c.Situation == string(s.ID) }
		if !slices.ContainsFunc(customers, shown) {
			out = append(out, string(s.ID)+": no demo customer")
		}
	}
	for _, c := range customers {
		if _, ok := all.ByID(diagnosis.ID(c.Situation)); !ok && c.Situation != "" {
			out = append(out, c.Address+": no situation "+c.Situation)
		}
	}
	return out
}

// The test above would be worth nothing if it did not notice.
func TestALackIsNamed(t *testing.T) {
	unknown := diagnosis.Situation{
		ID: "not-there", Drawing: "not-there", Offers: []diagnosis.Action{"not-there"},
		Proofs: []diagnosis.Proof{"not-there"},
	}
	got := strings.Join(lacks(t, renderer(t), "en", unknown), "\n")
	for _, want := range []string{
		"situation.not-there.title", "situation.not-there.short", "situation.not-there.what", "situation.not-there.why",
		"situation.not-there.steps", "situation.not-there.support", "situation.not-there.admin", "situation.not-there.reply", "proof.not-there", "evidence.proof.not-there",
		"drawing.not-there.title", "drawing.not-there.mark", "action.not-there.label", "help page",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing and not named in:\n%s", want, got)
		}
	}
	undrawn := diagnosis.Situation{ID: diagnosis.Ready, Drawing: diagnosis.DrawUnknown, Offers: []diagnosis.Action{diagnosis.SignIn}}
	if got := lacks(t, renderer(t), "en", undrawn); len(got) != 1 || !strings.Contains(got[0], "the neutral drawing") {
		t.Errorf("a situation with the neutral drawing that is not neutral: got %q", got)
	}
}

func TestEveryCheckHasWords(t *testing.T) {
	r := renderer(t)
	ends := map[diagnosis.CheckState]string{diagnosis.CheckRight: ".right", diagnosis.CheckFailed: ".failed"}
	for _, lang := range r.Languages() {
		for _, c := range diagnosis.AllChecks() {
			for _, reader := range []string{"check.", "evidence.check."} { // the customer's, and the agent's
				if text, ok := r.Text(lang, reader+string(c.ID)+ends[c.State]); !ok || text == "" {
					t.Errorf("no words %s in %s for %v", reader, lang, c)
				}
			}
		}
	}
}

// lacks names what a language does not have of a situation.
func lacks(t *testing.T, r *templates.Renderer, lang string, s diagnosis.Situation) []string {
	t.Helper()
	var out []string
	for _, id := range wordsOf(s) {
		for _, known := range []string{"", "known@example.com"} {
			text, ok := r.Text(lang, id, "Address", known, "IdentityAddress", known, "At", known, "From", known)
			if !ok || strings.TrimSpace(text) == "" || strings.Contains(text, "{{") {
				out = append(out, "no words "+id)
				break
			}
		}
	}
	help, err := pageText(r, lang, templates.Help{Finding: templates.FindingView{Situation: string(s.ID), Drawing: string(s.Drawing)}})
	if err != nil {
		return append(out, "no help page: "+err.Error())
	}
	neutral, err := pageText(r, lang, templates.Help{Finding: templates.FindingView{
		Situation: string(diagnosis.SignInDisabled), Drawing: string(diagnosis.DrawUnknown),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var alike []string
	for part, markup := range drawingMarkup {
		if found(t, markup, help) == found(t, markup, neutral) {
			alike = append(alike, "drawing-"+part)
		}
	}
	if len(alike) > 0 && !s.Neutral {
		slices.Sort(alike)
		out = append(out, "drawing.html has nothing of its own for "+string(s.Drawing)+" in "+strings.Join(alike, ", ")+": the neutral drawing is for neutral situations")
	}
	if len(alike) < len(drawingMarkup) && s.Neutral {
		out = append(out, "the neutral drawing is for all neutral situations")
	}
	return out
}

// wordsOf are the messages that a situation needs, whatever it is.
func wordsOf(s diagnosis.Situation) []string {
	var out []string
	for _, part := range []string{"title", "short", "what", "why", "steps", "support", "admin", "reply"} {
		out = append(out, "situation."+string(s.ID)+"."+part)
	}
	for _, part := range []string{"title", "mark", "account", "identity"} {
		out = append(out, "drawing."+string(s.Drawing)+"."+part)
	}
	for _, p := range append(slices.Clone(s.Proofs), s.Needs...) {
		out = append(out, "proof."+string(p), "evidence.proof."+string(p))
	}
	for _, a := range append(slices.Clone(s.Offers), diagnosis.HandOff) {
		out = append(out, "action."+string(a)+".label", "action."+string(a)+".under")
	}
	return out
}

// drawingMarkup are the parts of a drawing that each has of its own.
var drawingMarkup = map[string]*regexp.Regexp{
	"across": regexp.MustCompile(`(?s)<g class="across">(.*?)</g>`),
	"down":   regexp.MustCompile(`(?s)<g class="down">(.*?)</g>`),
	"sign":   regexp.MustCompile(`(?s)<svg class="drawing-sign"[^>]*>(.*?)</svg>`),
}

func found(t *testing.T, markup *regexp.Regexp, page string) string {
	t.Helper()
	part := markup.FindStringSubmatch(page)
	if part == nil {
		t.Fatalf("a help page without a drawing: no %v", markup)
	}
	return part[1]
}

func pageText(r *templates.Renderer, lang string, p templates.Page) (string, error) {
	var b bytes.Buffer
	err := r.Page(&b, lang, p)
	return b.String(), err
}
