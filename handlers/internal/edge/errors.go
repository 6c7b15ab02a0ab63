package edge

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
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
