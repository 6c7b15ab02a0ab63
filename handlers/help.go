package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/diagnosis"
	"latchkey/templates"
)

// helpIndex lists every situation, and finds those that a message is a sign of.
func (s *server) helpIndex(c *gin.Context, _ entry) (templates.Page, error) {
	built := templates.HelpIndex{Base: templates.Base{Path: "/help"}}
	for _, situation := range diagnosis.All() {
		built.Topics = append(built.Topics, string(situation.ID))
	}
	s.addMessages(c, &built)
	return built, nil
}

// help explains one situation without a case, for links in replies to customers.
func (s *server) help(c *gin.Context, _ entry) (templates.Page, error) {
	situation, ok := diagnosis.ByID(diagnosis.ID(c.Param("situation")))
	if !ok {
		return nil, edge.ErrNotFound
	}
	return templates.Help{
		Base:    templates.Base{Path: "/help/" + string(situation.ID)},
		Finding: explained(situation, hasText(s.renderer, s.language(c))),
	}, nil
}
