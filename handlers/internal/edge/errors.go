package edge

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// What can be wrong with a request before any rule is asked.
var (
	ErrNotFound      = errors.New("handlers: no such page")
	ErrMethod        = errors.New("handlers: method not allowed here")
	ErrUnknownHost   = errors.New("handlers: unknown host")
	ErrForeignOrigin = errors.New("handlers: form of another site")
	ErrUnsupported   = errors.New("handlers: body is not a form")
	ErrBrokenOff     = errors.New("handlers: body broke off")
	ErrSlow          = errors.New("handlers: body did not come in time")
	ErrBadForm       = errors.New("handlers: form cannot be read, or has a field twice")
	ErrCookies       = errors.New("handlers: form without its cookie")
	ErrStale         = errors.New("handlers: form without the session's token")
)

// TooManyError is a limit of R10.
type TooManyError struct{ After time.Duration }

func (e *TooManyError) Error() string { return "handlers: too many requests" }

// RetryAfter is when an error is over; zero where that is not known.
func RetryAfter(err error) time.Duration {
	if tooMany, ok := errors.AsType[*TooManyError](err); ok {
		return tooMany.After
	}
	return 0
}

// Reply is the answer to an error: a status, and either a problem shown on the form's own page or a page that says
// one thing.
type Reply struct {
	Status  int
	Problem templates.ProblemID
	Field   string
	Message templates.MessageID
	After   time.Duration // when to come back, where the error does not say
}

// Typed is a reply to what was typed in a field.
func Typed(field string, p templates.ProblemID) Reply {
	return Reply{Status: http.StatusUnprocessableEntity, Problem: p, Field: field}
}

// Pressed is a reply to a button.
func Pressed(status int, p templates.ProblemID) Reply { return Reply{Status: status, Problem: p} }

// Alone is a page of its own.
func Alone(status int, m templates.MessageID) Reply { return Reply{Status: status, Message: m} }

// ServerError is the reply to a fault of ours.
var ServerError = Alone(http.StatusInternalServerError, templates.MessageServerError)

// Replies has one line for each error that means something to a visitor of one listener.
type Replies []struct {
	Err error
	Reply
}

// common are the replies of every listener.
var common = Replies{
	{ErrStale, Pressed(http.StatusForbidden, templates.ProblemStale)},
	{ErrCookies, Alone(http.StatusForbidden, templates.MessageCookies)},
	{ErrForeignOrigin, Alone(http.StatusForbidden, templates.MessageForeignOrigin)},
	{ErrNotFound, Alone(http.StatusNotFound, templates.MessageNotFound)},
	{ErrMethod, Alone(http.StatusMethodNotAllowed, templates.MessageMethod)},
	{ErrUnsupported, Alone(http.StatusUnsupportedMediaType, templates.MessageUnsupported)},
	{ErrBrokenOff, Alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{ErrSlow, Alone(http.StatusRequestTimeout, templates.MessageSlow)},
	{ErrBadForm, Alone(http.StatusBadRequest, templates.MessageBadRequest)},
	{ErrUnknownHost, Alone(http.StatusMisdirectedRequest, templates.MessageUnknownHost)},
	{recovery.ErrStore, Alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{context.DeadlineExceeded, Alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
	{context.Canceled, Alone(http.StatusServiceUnavailable, templates.MessageUnavailable)},
}

// To finds an error's line, here or among those of every listener; what stands in none is a fault of ours.
func (own Replies) To(err error) Reply {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return Alone(http.StatusRequestEntityTooLarge, templates.MessageTooLarge)
	}
	if _, ok := errors.AsType[*TooManyError](err); ok {
		return Alone(http.StatusTooManyRequests, templates.MessageTooMany)
	}
	for _, lines := range []Replies{own, common} {
		for _, line := range lines {
			if errors.Is(err, line.Err) {
				return line.Reply
			}
		}
	}
	return ServerError
}

// Refuse sets what the answer to a request that failed says beside its page: when to come back, and that what is
// left of its body is not waited for.
func Refuse(c *gin.Context, status int, after time.Duration) {
	if after > 0 {
		c.Header("Retry-After", strconv.Itoa(seconds(after)))
	}
	if status == http.StatusRequestEntityTooLarge || status == http.StatusRequestTimeout {
		c.Header("Connection", "close")
	}
}

// seconds rounds up: who comes back then gets in.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// Minutes rounds up, too.
func Minutes(d time.Duration) int { return int(math.Ceil(d.Minutes())) }
