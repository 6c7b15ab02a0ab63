package handlers

import (
	"cmp"
	"slices"

	"github.com/gin-gonic/gin"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// supportPage is the hand-off: what support will see, and a few words of the customer's own. Once it is
// filed it shows the reference to quote.
func (s *server) supportPage(c *gin.Context, e entry) (templates.Page, error) {
	v, err := s.visitor(c)
	if err != nil {
		return nil, err
	}
	h, err := s.service.HandOffView(c.Request.Context(), v)
	if err != nil {
		return nil, err
	}
	about(c, &h.Case)
	built := newSupportPage(h, cmp.Or(e.fields[templates.FieldMessage], h.Draft))
	built.Base = s.base(c, v, "/support", h.Case.Reference, e)
	if said := told(s.renderer, s.language(c), h.Said); said != nil {
		built.Said = said.Text
	}
	return built, nil
}

// newSupportPage shows what was typed until it is filed, and then what was filed.
func newSupportPage(h recovery.HandOffView, message string) templates.Support {
	built := templates.Support{
		Address:    h.Address,
		Identities: ownIdentities(h.Diagnosis),
		Situations: situations(h.Diagnosis),
		Message:    message,
	}
	oneOf, allOf := h.Report.Asked()
	built.Proofs, built.Needs = templates.IDs(oneOf), templates.IDs(allOf)
	if h.Filed != nil {
		built.Filed, built.FiledAt, built.Message = true, h.Filed.CreatedAt, h.Filed.Message
		built.Apart = h.Filed.Address == ""
	}
	return built
}

// situations are the ids of what was found, each once, in the order of the page.
func situations(d recovery.Diagnosis) []string {
	findings := slices.Clone(d.Report.General)
	for _, a := range d.Report.Accounts {
		findings = append(findings, a.Findings...)
	}
	var ids []string
	for _, f := range findings {
		if !slices.Contains(ids, string(f.ID)) {
			ids = append(ids, string(f.ID))
		}
	}
	return ids
}
