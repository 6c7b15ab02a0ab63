package handlers

import (
	"bytes"

	"latchkey/internal/recovery"
)

// PreviewText is /situation as a customer with this diagnosis would see it, apart from any session, for an admin's
// dry run. It is plain text: the page's title, and what its main part says, a paragraph a line.
func PreviewText(r Renderer, lang string, d recovery.Diagnosis) (title, text string, err error) {
	built := newSituationPage(d, hasText(r, lang))
	built.Path = "/situation"
	built.Symptoms = symptoms(r, lang)
	var b bytes.Buffer
	if err := r.Page(&b, lang, built); err != nil {
		return "", "", err
	}
	return readPage(&b)
}
