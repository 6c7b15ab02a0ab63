package console

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// signIn is the page to sign in on; who is signed in goes on.
func (s *server) signIn(c *gin.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	if v.Session.SignedIn() {
		return s.goOn(c, c.Query(templates.FieldCase))
	}
	return s.show(s.signInPage)(c)
}

func (s *server) signInPage(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error) {
	wanted := e.fields[templates.FieldCase]
	if wanted == "" {
		wanted = c.Query(templates.FieldCase)
	}
	if fromCase, ok := caseOf(c); ok { // the session ended while the case was open
		wanted = fromCase
	}
	reference, _ := secret.ParseReference(wanted)
	return templates.ConsoleSignIn{
		ConsoleBase: s.base(v, Path+"/sign-in", e),
		ByProvider:  s.Agents.ByProvider(), ByToken: s.Agents.ByToken(),
		Case: reference, Name: e.fields[templates.FieldName],
	}, nil
}

// goOn leads to the case that somebody came for, or to the first page. Nothing else can be asked for.
func (s *server) goOn(c *gin.Context, wanted string) error {
	if reference, ok := secret.ParseReference(wanted); ok {
		return s.redirect(c, recovery.ConsoleCasePath+reference)
	}
	return s.redirect(c, Path)
}

// toProvider sends the browser to sign in, by a URL at one of ProviderOrigins (R7).
func (s *server) toProvider(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error {
	to, err := s.Agents.BeginSignIn(c.Request.Context(), v, f[templates.FieldCase])
	if err != nil {
		return err
	}
	return s.redirect(c, to)
}

// fromProvider is where the provider sends the browser back to, with a code that is good for this browser alone.
// A HEAD comes from programs that look at links, and takes nothing.
func (s *server) fromProvider(c *gin.Context) error {
	if c.Request.Method == http.MethodHead {
		return s.redirect(c, Path)
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	c.Set(keyAttempt, attempt{page: s.signInPage})
	back, err := s.Agents.FinishSignIn(c.Request.Context(), v, edge.IdentityAnswer(c.Request.URL.RawQuery))
	if err != nil {
		return err
	}
	return s.goOn(c, back)
}

func (s *server) signInByToken(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error {
	err := s.Agents.SignInByToken(c.Request.Context(), v, strings.TrimSpace(f[templates.FieldKey]), f[templates.FieldName])
	if err != nil {
		return err
	}
	return s.goOn(c, f[templates.FieldCase])
}

func (s *server) signOut(c *gin.Context, v *recovery.AgentVisitor, _ edge.Fields) error {
	if err := s.Agents.SignOut(c.Request.Context(), v); err != nil {
		return err
	}
	return s.redirect(c, Path+"/sign-in")
}
