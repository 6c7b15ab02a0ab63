package console

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// errFind and errNoCase are of the field that finds a case; elsewhere a case that is not there is a page that is
// not there.
var (
	errFind   = errors.New("console: neither a reference nor an address")
	errNoCase = errors.New("console: no case has this reference")
)

// replies has one line for each error that means something to an agent.
var replies = edge.Replies{
	{errFind, edge.Typed(templates.FieldFind, templates.ProblemConsoleFind)},
	{errNoCase, edge.Typed(templates.FieldFind, templates.ProblemConsoleNoCase)},
	{account.ErrAddressEmpty, edge.Typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressTooLong, edge.Typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressForm, edge.Typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressNotASCII, edge.Typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressDomain, edge.Typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{ErrLinkRefused, edge.Typed(templates.FieldTicket, templates.ProblemConsoleLink)},
	{recovery.ErrAgentToken, edge.Typed(templates.FieldKey, templates.ProblemConsoleKey)},
	{recovery.ErrAgentName, edge.Typed(templates.FieldName, templates.ProblemConsoleName)},
	{recovery.ErrAgentTries, edge.Pressed(http.StatusTooManyRequests, templates.ProblemConsoleTries)},
	{recovery.ErrAgentGroup, edge.Pressed(http.StatusForbidden, templates.ProblemConsoleGroup)},
	{recovery.ErrIdentityDenied, edge.Pressed(http.StatusForbidden, templates.ProblemConsoleDenied)},
	{recovery.ErrIdentityState, edge.Pressed(http.StatusForbidden, templates.ProblemConsoleState)},
	{recovery.ErrIdentityProvider, edge.Pressed(http.StatusServiceUnavailable, templates.ProblemConsoleProvider)},
	{recovery.ErrNotSignedIn, edge.Pressed(http.StatusForbidden, templates.ProblemConsoleSession)},
	{recovery.ErrCaseEnded, edge.Pressed(http.StatusConflict, templates.ProblemConsoleEnded)},
	{recovery.ErrNotAllowed, edge.Pressed(http.StatusConflict, templates.ProblemConsoleForbids)},
	{recovery.ErrTooManyMails, edge.Pressed(http.StatusTooManyRequests, templates.ProblemConsoleMails)},
	{recovery.ErrPortal, edge.Pressed(http.StatusServiceUnavailable, templates.ProblemConsolePortal)},
	{recovery.ErrReferenceForm, edge.Alone(http.StatusNotFound, templates.MessageNotFound)},
	{recovery.ErrNotFound, edge.Alone(http.StatusNotFound, templates.MessageNotFound)},
}

// fail answers an error: by the form's own page with the problem on it and all that was typed, by the page to
// sign in on where the session has ended, or by a page that says one thing.
func (s *server) fail(c *gin.Context, err error) {
	r := replies.To(err)
	s.frame.LogFailure(c, r, err)
	if r.Problem != "" {
		if err = s.again(c, r, err); err == nil {
			return
		}
		r = edge.ServerError
		s.frame.LogFailure(c, r, err)
	}
	s.message(c, r, edge.RetryAfter(err))
}

func (s *server) again(c *gin.Context, r edge.Reply, why error) error {
	tried, ok := c.Get(keyAttempt)
	if !ok {
		return errors.New("console: problem without a form")
	}
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	p := tried.(attempt).page
	if errors.Is(why, recovery.ErrNotSignedIn) || !v.Session.SignedIn() {
		p = s.signInPage
	}
	built, err := p(c, v, entry{
		fields: tried.(attempt).fields, problems: []templates.Problem{{Field: r.Field, ID: r.Problem}},
	})
	if err != nil {
		return err
	}
	return s.render(c, r.Status, built)
}

// message writes a page that says one thing; if even that cannot be rendered, the status alone. It asks for no
// session: that may be what failed.
func (s *server) message(c *gin.Context, r edge.Reply, after time.Duration) {
	if c.Writer.Written() {
		return
	}
	edge.Refuse(c, r.Status, after)
	p := templates.ConsoleMessage{ConsoleBase: s.base(nil, c.FullPath(), entry{}), ID: r.Message, Minutes: edge.Minutes(after)}
	if v, ok := c.Get(keyVisitor); ok {
		p.ConsoleBase = s.base(v.(*recovery.AgentVisitor), c.FullPath(), entry{})
	}
	if err := s.render(c, r.Status, p); err != nil {
		s.frame.LogFailure(c, edge.ServerError, err)
		c.String(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
	}
}

// panicked answers where a handler did not get that far.
func (s *server) panicked(c *gin.Context) {
	s.message(c, edge.ServerError, 0)
}
