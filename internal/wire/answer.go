package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strconv"
	"time"
)

var errBroken = errors.New("the exchange broke off")

// late is a time that ran out, whoever measured it.
type late struct{}

func (late) Error() string { return "no answer in time" }
func (late) Unwrap() error { return context.DeadlineExceeded }

// Fault is what may be told of an exchange that broke, and whether its time ran out. What net/http returns holds the
// URL, and with it the address that was asked for, or quotes what the server sent: only the faults of networks and
// certificates are kept, which an operator needs to read.
func Fault(err error) (cause error, timedOut bool) {
	timeout, network, certificate := net.Error(nil), new(net.OpError), new(tls.CertificateVerificationError)
	timedOut = errors.As(err, &timeout) && timeout.Timeout()
	switch {
	case errors.As(err, &network):
		return network, timedOut
	case errors.As(err, &certificate):
		return certificate, timedOut
	case timedOut:
		return late{}, timedOut
	}
	for _, known := range []error{context.Canceled, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known, timedOut
		}
	}
	return errBroken, timedOut
}

// TooLong reports whether an answer was cut off, Limits.Answer.
func TooLong(err error) bool {
	long := new(http.MaxBytesError)
	return errors.As(err, &long)
}

// Media is the media type of an answer, without its parameters; "" for none that can be read.
func Media(h http.Header) string {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// longestWait bounds what a server can ask for.
const longestWait = 24 * time.Hour

// RetryAfter is how long the header of that name asks to wait, in either of its forms (RFC 9110 section 10.2.3): a
// day at most, zero for a moment that is past. told is false where it says nothing that can be read. A moment is
// one of the server's clock, so that it is measured from the answer's Date, or from now if it has none.
func RetryAfter(h http.Header, now time.Time) (wait time.Duration, told bool) {
	asked := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(asked, 10, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int64(longestWait/time.Second))) * time.Second, true
	}
	if at, err := http.ParseTime(asked); err == nil {
		return Until(at, h, now), true
	}
	return 0, false
}

// Until is the time left until a moment of the clock of the server that answered: none if it is past, a day at most.
func Until(at time.Time, h http.Header, now time.Time) time.Duration {
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return min(max(0, at.Sub(now)), longestWait)
}
