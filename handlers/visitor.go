package handlers

import (
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"latchkey/internal/recovery"
)

// visitor is who calls, loaded on first use: pages that are the same for everybody never come here, and
// a session that is only a cookie is stored by the first step that needs it.
func (s *server) visitor(c *gin.Context) (*recovery.Visitor, error) {
	if v, ok := c.Get(keyVisitor); ok {
		return v.(*recovery.Visitor), nil
	}
	session, err := s.sessions.Get(c.Request, s.sessions.name)
	if err != nil {
		return nil, err
	}
	v := &recovery.Visitor{
		Session:  rowOf(session),
		Network:  cutNetwork(c.ClientIP()),
		Browser:  nameBrowser(c.Request.UserAgent()),
		Language: s.language(c),
	}
	c.Set(keyVisitor, v)
	return v, nil
}

// keepSession sets the cookie if it has to change. It comes before the body.
func (s *server) keepSession(c *gin.Context) error {
	return sessions.Save(c.Request, c.Writer)
}

func (s *server) language(c *gin.Context) string {
	return s.renderer.Match(c.GetHeader("Accept-Language"))
}
