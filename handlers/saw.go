package handlers

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// Messages are what people see when they cannot get in, in the words of a language: those of every
// situation.
func Messages(r Renderer, lang string) diagnosis.Messages {
	return diagnosis.MessagesOf(diagnosis.All(), func(id diagnosis.ID) string {
		text, _ := r.Text(lang, "situation."+string(id)+".saw", "Address", "", "IdentityAddress", "", "At", "")
		return text // "" where a situation has no message of its own
	})
}

// longestSaw is how much of a pasted message is read, in characters.
const longestSaw = 200

// withoutAddresses is a pasted message as it may be shown again: cut to length, on one line, and without
// the addresses that a screen had in it.
func withoutAddresses(pasted string) string {
	words := strings.Fields(strings.Map(printed, strings.ToValidUTF8(pasted, "")))
	for i, word := range words {
		if strings.ContainsAny(word, "@＠") {
			words[i] = "…"
		}
	}
	text := strings.Join(words, " ")
	if utf8.RuneCountInString(text) > longestSaw {
		text = string([]rune(text)[:longestSaw])
	}
	return text
}

// printed is a character as a page may show it: none that steers what is around it.
func printed(r rune) rune {
	switch {
	case unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// addMessages adds the messages to pick from to the help's first page and, where one was looked for, what
// it is a sign of. What is no message may be words that the situations have. The words stay in the URL: they are a
// message of another site, and of no case.
func (s *server) addMessages(c *gin.Context, page *templates.HelpIndex) {
	all := Messages(s.renderer, s.language(c))
	for _, m := range all {
		if m.Text != "" {
			page.Messages = append(page.Messages, m.Text)
		}
	}
	pasted, asked := c.GetQuery(templates.FieldSaw)
	page.Saw = withoutAddresses(pasted)
	page.Asked = asked && strings.TrimSpace(pasted) != ""
	matched := all.Match(page.Saw)
	found := matched.Situations()
	page.ByWords = len(matched) == 0 || matched[0].Text == ""
	if len(found) == 0 {
		found = diagnosis.All().Mentioning(page.Saw, s.helpText(c))
	}
	for _, id := range found {
		page.Found = append(page.Found, string(id))
	}
}

// helpText is all that the help page of a situation says.
func (s *server) helpText(c *gin.Context) func(diagnosis.ID) string {
	lang := s.language(c)
	return func(id diagnosis.ID) string {
		var all strings.Builder
		for _, part := range []string{"title", "short", "what", "why", "steps", "saw", "support"} {
			text, _ := s.renderer.Text(lang, "situation."+string(id)+"."+part,
				"Address", "", "IdentityAddress", "", "At", "", "From", "")
			all.WriteString(text + "\n")
		}
		return all.String()
	}
}

// symptoms are what the question on /situation offers. A message that reads like a symptom with a rule of its own
// is that one.
func symptoms(r Renderer, lang string) []templates.SymptomView {
	var own, views []templates.SymptomView
	for _, symptom := range diagnosis.Symptoms() {
		text, _ := r.Text(lang, "symptom."+string(symptom))
		own = append(own, templates.SymptomView{ID: string(symptom), Text: text})
	}
	for _, m := range Messages(r, lang) {
		same := func(view templates.SymptomView) bool { return view.Text == m.Text }
		if m.Text != "" && !slices.ContainsFunc(own, same) {
			views = append(views, templates.SymptomView{ID: string(m.ID), Text: m.Text})
		}
	}
	return append(views, own...)
}

// told is a symptom as the page shows it, with the situations that it is a sign of; nil for none, or for what this
// language does not have. Every account at the address was held against all that can be wrong with it: what is left
// is what another address would show, and that comes first.
func told(r Renderer, lang string, said diagnosis.Symptom) *templates.ToldView {
	messages := Messages(r, lang)
	if m, ok := messages.ByID(said); ok {
		said = m.ID
	}
	views := symptoms(r, lang)
	i := slices.IndexFunc(views, func(view templates.SymptomView) bool { return view.ID == string(said) })
	if i < 0 {
		return nil
	}
	var signs []diagnosis.ID
	for _, m := range messages {
		if m.Text == views[i].Text {
			signs = m.Signs
		}
	}
	view := &templates.ToldView{SymptomView: views[i]}
	for _, id := range signs {
		if s, _ := diagnosis.ByID(id); s.Scope == diagnosis.OfAddress {
			view.Signs, view.Another = slices.Insert(view.Signs, 0, string(id)), true
		} else {
			view.Signs = append(view.Signs, string(id))
		}
	}
	return view
}

// errNothingSaid is the question's form without an answer.
var errNothingSaid = errors.New("handlers: nothing was chosen")

// say takes the answer to that question.
func (s *server) say(c *gin.Context, v *recovery.Visitor, f fields) error {
	symptom := diagnosis.Symptom(f[templates.FieldSymptom])
	if symptom == "" {
		return errNothingSaid
	}
	return s.onward(c, s.service.Say(c.Request.Context(), v, symptom))
}
