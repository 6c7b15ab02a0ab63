package handlers

import (
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// Preview is /situation as a customer with this diagnosis would see it, apart from any session: for an
// admin's dry run.
func Preview(r Renderer, lang string, d recovery.Diagnosis) templates.Situation {
	built := newSituationPage(d, func(id string) bool {
		_, ok := r.Text(lang, id)
		return ok
	})
	built.Path = "/situation"
	built.Symptoms = symptoms(r, lang)
	return built
}
