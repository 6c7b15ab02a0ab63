package handlers

import (
	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// The keys under which a request's context holds what one step leaves for another.
const (
	keyVisitor = "visitor"
	keyAttempt = "attempt"
)

// about notes the case that a request is about, for the log.
func about(c *gin.Context, a *recovery.Case) {
	if a != nil {
		c.Set(edge.KeyReference, a.Reference)
		c.Set(edge.KeyAddress, a.AddressHash)
	}
}

// aboutAddress notes the address that a request is about, as a row has it.
func (s *server) aboutAddress(c *gin.Context, stored string) {
	if a, err := account.ParseAddress(stored); err == nil {
		c.Set(edge.KeyAddress, s.keys.HashAddress(a.Canonical()))
	}
}

// aboutVisitor notes the case of who calls, where an act ends at another site.
func (s *server) aboutVisitor(c *gin.Context, v *recovery.Visitor) {
	if p, err := s.service.Progress(c.Request.Context(), v); err == nil {
		about(c, p.Case)
	}
}

// aboutLink notes the case of a link and the address that it was mailed to. A dead one is about nobody.
func (s *server) aboutLink(c *gin.Context, v *recovery.Visitor, p recovery.Purpose) {
	if subject, err := s.service.LinkSubject(c.Request.Context(), v, p); err == nil {
		about(c, &subject)
	}
}
