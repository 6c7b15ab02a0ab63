package handlers

import (
	"bytes"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// Preview is /situation as a customer with this diagnosis would see it, apart from any session: for an
// admin's dry run.
func Preview(r Renderer, lang string, d recovery.Diagnosis) templates.Situation {
	built := newSituationPage(d, hasText(r, lang))
	built.Path = "/situation"
	built.Symptoms = symptoms(r, lang)
	return built
}

// PreviewText is the same as plain text: the page's title, and what its main part says, a paragraph a line.
func PreviewText(r Renderer, lang string, d recovery.Diagnosis) (title, text string, err error) {
	var b bytes.Buffer
	if err := r.Page(&b, lang, Preview(r, lang, d)); err != nil {
		return "", "", err
	}
	return readPage(&b)
}
