package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// reply is the answer to an error: a status, and either a problem shown on the form's own page or a page
// that says one thing.
type reply struct {
	status  int
	problem templates.ProblemID
	field   string
	message templates.MessageID
	after   time.Duration // when to come back, where the error does not say
}

// typed is a reply to what was typed in a field.
func typed(field string, p templates.ProblemID) reply {
	return reply{status: http.StatusUnprocessableEntity, problem: p, field: field}
}

// pressed is a reply to a button.
func pressed(status int, p templates.ProblemID) reply { return reply{status: status, problem: p} }

// alone is a page of its own.
func alone(status int, m templates.MessageID) reply { return reply{status: status, message: m} }

// serverError is the reply to a fault of ours.
var serverError = alone(http.StatusInternalServerError, templates.MessageServerError)

// replies has one line for each error that means something to a customer.
var replies = []struct {
	err error
	reply
}{
	{account.ErrAddressEmpty, typed(templates.FieldEmail, templates.ProblemEmailEmpty)},
	{account.ErrAddressTooLong, typed(templates.FieldEmail, templates.ProblemEmailTooLong)},
	{account.ErrAddressForm, typed(templates.FieldEmail, templates.ProblemEmailForm)},
	{account.ErrAddressNotASCII, typed(templates.FieldEmail, templates.ProblemEmailNotASCII)},
	{account.ErrAddressDomain, typed(templates.FieldEmail, templates.ProblemEmailDomain)},
	{recovery.ErrOtherAddress, typed(templates.FieldEmail, templates.ProblemEmailOther)},
	{recovery.ErrCodeForm, typed(templates.FieldCode, templates.ProblemCodeForm)},
	{recovery.ErrWrongCode, typed(templates.FieldCode, templates.ProblemCodeWrong)},
	{recovery.ErrNoMessage, typed(templates.FieldMessage, templates.ProblemMessageEmpty)},
	{recovery.ErrMessageTooLong, typed(templates.FieldMessage, templates.ProblemMessageTooLong)},
	{errNothingSaid, typed(templates.FieldSymptom, templates.ProblemNothingSaid)},
	{recovery.ErrInProgress, pressed(http.StatusConflict, templates.ProblemInProgress)},
	{recovery.ErrNotAllowed, pressed(http.StatusConflict, templates.ProblemNotAllowed)},
	{recovery.ErrTooManyMails, pressed(http.StatusTooManyRequests, templates.ProblemTooManyMails)},
	{recovery.ErrTooManyHandOffs, reply{
		status: http.StatusTooManyRequests, problem: templates.ProblemTooManyHandOffs, after: recovery.HandOffWindow,
	}},
	{recovery.ErrIdentityState, pressed(http.StatusForbidden, templates.ProblemIdentityState)},
	{recovery.ErrIdentityDenied, pressed(http.StatusForbidden, templates.ProblemIdentityDenied)},
	{recovery.ErrIdentityProvider, pressed(http.StatusServiceUnavailable, templates.ProblemIdentity)},
	{recovery.ErrPortal, pressed(http.StatusServiceUnavailable, templates.ProblemPortal)},
	{edge.ErrStale, pressed(http.StatusForbidden, templates.ProblemStale)},
	{edge.ErrCookies, alone(http.StatusForbidden, templates.MessageCookies)},
	{edge.ErrForeignOrigin, alone(http.StatusForbidden, templates.MessageForeignOrigin)},
	{edge.ErrNotFound, alone(http.StatusNotFound, templates.MessageNotFound)},
	{edge.ErrMethod, alone(http.StatusMethodNotAllowed, templates.MessageMethod)},
	{edge.ErrUnsupported, alone(http.StatusUnsupportedMediaType, templates.MessageUnsupported)},
	{edge.ErrBrokenOff, alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{edge.ErrSlow, alone(http.StatusRequestTimeout, templates.MessageSlow)},
	{edge.ErrBadForm, alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{edge.ErrUnknownHost, alone(http.StatusMisdirectedRequest, templates.MessageUnknownHost)},
	{recovery.ErrStore, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{errPrevious, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
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
