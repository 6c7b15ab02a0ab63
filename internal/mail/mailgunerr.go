package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/mailgun/mailgun-go/v4"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
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
		return everyone(0, errors.New("mailgun: "+lost(err)))
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

// lost says why there is no answer.
func lost(err error) string {
	cause, _ := wire.Fault(err)
	return cause.Error()
}

// answer is what mailgun-go does not tell of a response.
type answer struct{ retryAfter time.Duration }

type answerKey struct{}

func withAnswer(ctx context.Context, a *answer) context.Context {
	return context.WithValue(ctx, answerKey{}, a)
}

// newHTTPClient notes Retry-After for who asked by withAnswer.
func newHTTPClient(timeout time.Duration) *http.Client {
	client := wire.Client(wire.Limits{Whole: timeout, Answer: maxAnswer, Idle: 64})
	client.Transport = noting{client.Transport}
	return client
}

type noting struct{ next http.RoundTripper }

func (n noting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if a, ok := r.Context().Value(answerKey{}).(*answer); ok {
		a.retryAfter, _ = wire.RetryAfter(resp.Header, time.Now())
	}
	return resp, nil
}
