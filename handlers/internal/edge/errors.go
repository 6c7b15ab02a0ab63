package edge

import (
	"errors"
	"math"
	"time"
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

// Seconds rounds up: who comes back then gets in.
func Seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// Minutes rounds up, as Seconds does.
func Minutes(d time.Duration) int { return int(math.Ceil(d.Minutes())) }
