package handlers

import (
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/recovery"
)

// visitor is who calls, loaded on first use: pages that are the same for everybody never come here, and
// a session that is only a cookie is stored by the first step that needs it.
func (s *server) visitor(c *gin.Context) (*recovery.Visitor, error) {
	if v, ok := c.Get(keyVisitor); ok {
		return v.(*recovery.Visitor), nil
	}
	session, err := s.sessions.Get(c.Request, s.sessions.cookie.Name)
	if err != nil {
		return nil, err
	}
	v := s.visitorWith(c, rowOf(session))
	c.Set(keyVisitor, v)
	v.Language = s.language(c)
	return v, nil
}

// newcomer is who calls, taken for somebody who has not been here before; false without a cookie of ours.
func (s *server) newcomer(c *gin.Context) (*recovery.Visitor, bool) {
	session, ok := s.service.Newcomer(s.sessions.cookie.Open(c.Request))
	if !ok {
		return nil, false
	}
	v := s.visitorWith(c, session)
	v.Language = s.language(c)
	return v, true
}

func (s *server) visitorWith(c *gin.Context, session *recovery.Session) *recovery.Visitor {
	return &recovery.Visitor{
		Session: session,
		Network: edge.CutNetwork(c.ClientIP()),
		Browser: nameBrowser(c.Request.UserAgent()),
	}
}

// keepSession sets the cookie if it has to change. It comes before the body.
func (s *server) keepSession(c *gin.Context) error {
	return sessions.Save(c.Request, c.Writer)
}

// language is that of the URL, of the link by which the browser came, or the one that it asks for: the first
// that has words.
func (s *server) language(c *gin.Context) string {
	wanted := []string{only(c.Request.URL.Query()[paramLanguage])}
	if v, ok := c.Get(keyVisitor); ok && v.(*recovery.Visitor).Session.Arrival != nil {
		wanted = append(wanted, v.(*recovery.Visitor).Session.Arrival.Language)
	}
	for _, lang := range wanted {
		if match := s.renderer.Match(lang); lang != "" && sameLanguage(match, lang) {
			return match
		}
	}
	return s.renderer.Match(c.GetHeader("Accept-Language"))
}

// sameLanguage reports whether two tags, such as pt and pt-BR, are of one language.
func sameLanguage(a, b string) bool {
	a, _, _ = strings.Cut(a, "-")
	b, _, _ = strings.Cut(b, "-")
	return strings.EqualFold(a, b)
}
