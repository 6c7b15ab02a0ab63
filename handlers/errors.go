package handlers

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// What can be wrong with a request before any rule of a case is asked.
var (
	errNotFound      = errors.New("handlers: no such page")
	errMethod        = errors.New("handlers: method not allowed here")
	errUnknownHost   = errors.New("handlers: unknown host")
	errForeignOrigin = errors.New("handlers: form of another site")
	errUnsupported   = errors.New("handlers: body is not a form")
	errBrokenOff     = errors.New("handlers: body broke off")
	errSlow          = errors.New("handlers: body did not come in time")
	errBadForm       = errors.New("handlers: form cannot be read, or has a field twice")
	errCookies       = errors.New("handlers: form without its cookie")
	errStale         = errors.New("handlers: form without the session's token")
)

// tooManyError is a limit of R10.
type tooManyError struct{ after time.Duration }

func (e *tooManyError) Error() string { return "handlers: too many requests" }

// retryAfter is when an error is over; zero where that is not known.
func retryAfter(err error) time.Duration {
	var tooMany *tooManyError
	if errors.As(err, &tooMany) {
		return tooMany.after
	}
	return 0
}

// seconds and minutes round up: who comes back then gets in.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
func minutes(d time.Duration) int { return int(math.Ceil(d.Minutes())) }

// reply is the answer to an error: a status, and either a problem shown on the form's own page or a page
// that says one thing.
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
	{recovery.ErrInProgress, pressed(http.StatusConflict, templates.ProblemInProgress)},
	{recovery.ErrNotAllowed, pressed(http.StatusConflict, templates.ProblemNotAllowed)},
	{recovery.ErrTooManyMails, pressed(http.StatusTooManyRequests, templates.ProblemTooManyMails)},
	{recovery.ErrTooManyHandOffs, pressed(http.StatusTooManyRequests, templates.ProblemTooManyHandOffs)},
	{recovery.ErrIdentityState, pressed(http.StatusForbidden, templates.ProblemIdentityState)},
	{recovery.ErrIdentityDenied, pressed(http.StatusForbidden, templates.ProblemIdentityDenied)},
	{recovery.ErrIdentityProvider, pressed(http.StatusServiceUnavailable, templates.ProblemIdentity)},
	{recovery.ErrPortal, pressed(http.StatusServiceUnavailable, templates.ProblemPortal)},
	{errStale, pressed(http.StatusForbidden, templates.ProblemStale)},
	{errCookies, alone(http.StatusForbidden, templates.MessageCookies)},
	{errForeignOrigin, alone(http.StatusForbidden, templates.MessageForeignOrigin)},
	{errNotFound, alone(http.StatusNotFound, templates.MessageNotFound)},
	{errMethod, alone(http.StatusMethodNotAllowed, templates.MessageMethod)},
	{errUnsupported, alone(http.StatusUnsupportedMediaType, templates.MessageUnsupported)},
	{errBrokenOff, alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{errSlow, alone(http.StatusRequestTimeout, templates.MessageSlow)},
	{errBadForm, alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{errUnknownHost, alone(http.StatusMisdirectedRequest, templates.MessageUnknownHost)},
	{recovery.ErrStore, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{errPrevious, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{context.DeadlineExceeded, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{context.Canceled, alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
}

// replyTo finds an error's line; what stands in none is a fault of ours.
func replyTo(err error) reply {
	var tooLarge *http.MaxBytesError
	var tooMany *tooManyError
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
	return alone(http.StatusInternalServerError, templates.MessageServerError)
}
