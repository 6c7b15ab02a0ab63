package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/mailgun/mailgun-go/v4"

	"latchkey/internal/recovery"
)

// pauseOn429 stands in for a Retry-After that Mailgun left out.
const pauseOn429 = 5 * time.Second

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 4 << 20

// mailgunFailure sorts a failed send. What Mailgun or the network says is not passed on: it may hold the
// address.
func mailgunFailure(err error, seen answer) error {
	var refused *mailgun.UnexpectedResponseError
	if !errors.As(err, &refused) {
		return everyone(0, errors.New("mailgun: "+networkFault(err)))
	}
	said := fmt.Errorf("mailgun: status %d", refused.Actual)
	switch status := refused.Actual; {
	case status == http.StatusTooManyRequests:
		return everyone(cmp.Or(seen.retryAfter, pauseOn429), said)
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge:
		return permanent(recovery.Reason(fmt.Sprintf("mailgun-%d", status)), said)
	case status == http.StatusRequestTimeout:
		return temporary(said)
	}
	return everyone(seen.retryAfter, blamed(said, refused.Actual))
}

// blamed says what is wrong where it is so for every mail alike, and waits for an operator.
func blamed(said error, status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w: it refuses the key", said)
	case http.StatusPaymentRequired:
		return fmt.Errorf("%w: the plan does not cover it", said)
	case http.StatusNotFound:
		return fmt.Errorf("%w: it knows no such domain (one of the EU is at https://api.eu.mailgun.net/v3)", said)
	}
	return said
}

func networkFault(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "no usable answer"
}

// answer is what mailgun-go does not tell of a response.
type answer struct{ retryAfter time.Duration }

type answerKey struct{}

func withAnswer(ctx context.Context, a *answer) context.Context {
	return context.WithValue(ctx, answerKey{}, a)
}

// newHTTPClient bounds time and size, follows no redirect (the key would travel with it) and notes
// Retry-After for who asked by withAnswer.
func newHTTPClient(timeout time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &http.Client{
		Timeout:       timeout,
		Transport:     noting{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type noting struct{ next http.RoundTripper }

func (n noting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if a, ok := r.Context().Value(answerKey{}).(*answer); ok {
		a.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	resp.Body = limited{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

type limited struct {
	io.Reader
	io.Closer
}

// retryAfter reads both forms of the header, RFC 9110 section 10.2.3; zero if it is neither or past.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return max(0, time.Duration(min(seconds, 86400))*time.Second)
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
