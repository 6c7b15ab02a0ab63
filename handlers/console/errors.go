package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// reply is the answer to an error: a status, and either a problem shown on the form's own page or a page that
// says one thing.
type reply struct {
	status  int
	problem templates.ProblemID
	field   string
	message templates.MessageID
}

// typed is a reply to what was typed in a field.
func typed(field string, p templates.ProblemID) reply {
	return reply{status: http.StatusUnprocessableEntity, problem: p, field: field}
}

// pressed is a reply to a button.
func pressed(status int, p templates.ProblemID) reply { return reply{status: status, problem: p} }

// alone is a page of its own.
func alone(status int, m templates.MessageID) reply { return reply{status: status, message: m} }

// errFind and errNoCase are of the field that finds a case; elsewhere a case that is not there is a page that is
// not there.
var (
	errFind   = errors.New("console: neither a reference nor an address")
	errNoCase = errors.New("console: no case has this reference")
)

// serverError is the reply to a fault of ours.
var serverError = alone(http.StatusInternalServerError, templates.MessageServerError)

// replies has one line for each error that means something to an agent.
var replies = []struct {
	err error
	reply
}{
	{errFind, typed(templates.FieldFind, templates.ProblemConsoleFind)},
	{errNoCase, typed(templates.FieldFind, templates.ProblemConsoleNoCase)},
	{account.ErrAddressEmpty, typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressTooLong, typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressForm, typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressNotASCII, typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{account.ErrAddressDomain, typed(templates.FieldEmail, templates.ProblemConsoleAddress)},
	{ErrLinkRefused, typed(templates.FieldTicket, templates.ProblemConsoleLink)},
	{recovery.ErrAgentToken, typed(templates.FieldKey, templates.ProblemConsoleKey)},
	{recovery.ErrAgentName, typed(templates.FieldName, templates.ProblemConsoleName)},
	{recovery.ErrAgentTries, pressed(http.StatusTooManyRequests, templates.ProblemConsoleTries)},
	{recovery.ErrAgentGroup, pressed(http.StatusForbidden, templates.ProblemConsoleGroup)},
	{recovery.ErrIdentityDenied, pressed(http.StatusForbidden, templates.ProblemConsoleDenied)},
	{recovery.ErrIdentityState, pressed(http.StatusForbidden, templates.ProblemConsoleState)},
	{recovery.ErrIdentityProvider, pressed(http.StatusServiceUnavailable, templates.ProblemConsoleProvider)},
	{recovery.ErrNotSignedIn, pressed(http.StatusForbidden, templates.ProblemConsoleSession)},
	{recovery.ErrCaseEnded, pressed(http.StatusConflict, templates.ProblemConsoleEnded)},
	{recovery.ErrNotAllowed, pressed(http.StatusConflict, templates.ProblemConsoleForbids)},
	{recovery.ErrTooManyMails, pressed(http.StatusTooManyRequests, templates.ProblemConsoleMails)},
	{recovery.ErrPortal, pressed(http.StatusServiceUnavailable, templates.ProblemConsolePortal)},
	{edge.ErrStale, pressed(http.StatusForbidden, templates.ProblemStale)},
	{recovery.ErrReferenceForm, alone(http.StatusNotFound, templates.MessageNotFound)},
	{recovery.ErrNotFound, alone(http.StatusNotFound, templates.MessageNotFound)},
	{edge.ErrNotFound, alone(http.StatusNotFound, templates.MessageNotFound)},
	{edge.ErrCookies, alone(http.StatusForbidden, templates.MessageCookies)},
	{edge.ErrForeignOrigin, alone(http.StatusForbidden, templates.MessageForeignOrigin)},
	{edge.ErrMethod, alone(http.StatusMethodNotAllowed, templates.MessageMethod)},
	{edge.ErrUnsupported, alone(http.StatusUnsupportedMediaType, templates.MessageUnsupported)},
	{edge.ErrBrokenOff, alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{edge.ErrSlow, alone(http.StatusRequestTimeout, templates.MessageSlow)},
	{edge.ErrBadForm, alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{edge.ErrUnknownHost, alone(http.StatusMisdirectedRequest, templates.MessageUnknownHost)},
	{recovery.ErrStore, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{context.DeadlineExceeded, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{context.Canceled, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
}

// replyTo finds an error's line; what stands in none is a fault of ours.
func replyTo(err error) reply {
	var tooLarge *http.MaxBytesError
	var tooMany *edge.TooManyError
	switch {
	case errors.As(err, &tooLarge):
		return alone(http.StatusRequestEntityTooLarge, templates.MessageTooLarge)
	case errors.As(err, &tooMany):
		return alone(http.StatusTooManyRequests, templates.MessageTooMany)
	}
	for _, line := range replies {
		if errors.Is(err, line.err) {
			return line.reply
		}
	}
	return serverError
}

// fail answers an error: by the form's own page with the problem on it and all that was typed, by the page to
// sign in on where the session has ended, or by a page that says one thing.
func (s *server) fail(c *gin.Context, err error) {
	r := replyTo(err)
	s.logFailure(c, r, err)
	if r.problem != "" {
		if err = s.again(c, r, err); err == nil {
			return
		}
		r = serverError
		s.logFailure(c, r, err)
	}
	s.message(c, r, edge.RetryAfter(err))
}

func (s *server) again(c *gin.Context, r reply, why error) error {
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
		fields: tried.(attempt).fields, problems: []templates.Problem{{Field: r.field, ID: r.problem}},
	})
	if err != nil {
		return err
	}
	return s.render(c, r.status, built)
}

// message writes a page that says one thing; if even that cannot be rendered, the status alone. It asks for no
// session: that may be what failed.
func (s *server) message(c *gin.Context, r reply, after time.Duration) {
	if c.Writer.Written() {
		return
	}
	edge.Refuse(c, r.status, after)
	p := templates.ConsoleMessage{ConsoleBase: s.base(nil, c.FullPath(), entry{}), ID: r.message, Minutes: edge.Minutes(after)}
	if v, ok := c.Get(keyVisitor); ok {
		p.ConsoleBase = s.base(v.(*recovery.AgentVisitor), c.FullPath(), entry{})
	}
	if err := s.render(c, r.status, p); err != nil {
		s.logFailure(c, serverError, err)
		c.String(http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
	}
}

func (s *server) logFailure(c *gin.Context, r reply, err error) {
	s.frame.LogFailure(c, r.status, string(cmp.Or(r.problem, templates.ProblemID(r.message))), err)
}

// panicked answers where a handler did not get that far.
func (s *server) panicked(c *gin.Context) {
	s.message(c, serverError, 0)
}
