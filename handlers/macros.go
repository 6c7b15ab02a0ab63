package handlers

import (
	"fmt"

	"latchkey/internal/diagnosis"
)

// Macro is a ready-made reply for support agents: plain text, with the placeholders of Zendesk's macros.
type Macro struct {
	Situation string // its id; "" for the one that fits everything
	Title     string
	Text      string
}

// What Zendesk puts in the place of these when an agent uses the macro.
const (
	macroTicket = "{{ticket.id}}"
	macroName   = "{{ticket.requester.first_name}}"
)

// Macros are the replies in a language: one that fits everything, and one for each situation. Their links are
// not signed, so that they can stand in a macro: see UnsignedLink. publicURL is without a final slash.
func Macros(r Renderer, lang, publicURL string) ([]Macro, error) {
	lang = r.Match(lang)
	start := publicURL + "/?" + paramTicket + "=" + macroTicket + "&" + paramLanguage + "=" + lang
	write := macroWriter{renderer: r, lang: lang}
	macros := []Macro{{Title: write.text("macro.title", "Situation", write.text("macro.any"))}}
	macros[0].Text = write.text("macro.text", "Name", macroName, "Link", start, "Help", "", "Reply", write.text("macro.reply"))
	for _, s := range diagnosis.All() {
		id := "situation." + string(s.ID)
		help := publicURL + "/help/" + string(s.ID)
		if s.Neutral { // its address would say what the page does not
			help = ""
		}
		macros = append(macros, Macro{
			Situation: string(s.ID),
			Title:     write.text("macro.title", "Situation", write.text(id+".title")),
			Text:      write.text("macro.text", "Name", macroName, "Link", start, "Help", help, "Reply", write.text(id+".reply")),
		})
	}
	return macros, write.err
}

// macroWriter keeps the first message that is missing.
type macroWriter struct {
	renderer Renderer
	lang     string
	err      error
}

func (w *macroWriter) text(id string, kv ...any) string {
	text, ok := w.renderer.Text(w.lang, id, kv...)
	if !ok && w.err == nil {
		w.err = fmt.Errorf("macros: no words %s in %s", id, w.lang)
	}
	return text
}
