package customerportal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"latchkey/internal/wire"
)

// maxAnswerBytes bounds an answer, unpacked.
const maxAnswerBytes = 1 << 20

// pauseBeforeRetry lets a restart of the portal pass.
const pauseBeforeRetry = 150 * time.Millisecond

var (
	errTooLarge = errors.New("an answer of more than 1 MiB")
	errNotJSON  = errors.New("an answer that is not application/json")
)

// Op names what was asked, in errors and metrics.
type Op string

// The operations of the API.
const (
	OpAccountsByEmail           Op = "accounts-by-email"
	OpAccountsByIdentityEmail   Op = "accounts-by-identity-email"
	OpAccountsByIdentitySubject Op = "accounts-by-identity-subject"
	OpAccountsSimilarTo         Op = "accounts-similar-to"
	OpBillingByContact          Op = "billing-accounts-by-contact"
	OpBillingByInvitation       Op = "billing-accounts-by-invitation"
	OpSignInLink                Op = "sign-in-link"
	OpConfirmationLink          Op = "confirmation-link"
	OpSendConfirmation          Op = "send-confirmation"
	OpHealth                    Op = "health"
)

// request is one call: what is asked for, and which answers count.
type request struct {
	op     Op
	method string
	path   string // below the base URL, escaped
	query  url.Values
	status []int
	into   any // nil: the body is not read
	// check says whether what was read answers the question; nil for nothing to say.
	check func() error
}

// call asks within the deadline of ctx and the client's own. A read that met a passing fault is asked
// once more; nothing else is ever asked twice, since the portal may have acted.
func (c *Client) call(ctx context.Context, r request) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	begin := time.Now()
	failure := c.attempt(ctx, r)
	if failure != nil && r.method == http.MethodGet && failure.passing() && wire.Pause(ctx, pauseBeforeRetry) == nil {
		failure = c.attempt(ctx, r)
	}
	if c.observer != nil {
		c.observer.PortalCalled(r.op, failure, time.Since(begin))
	}
	if failure == nil {
		return nil
	}
	return failure
}

func (c *Client) attempt(ctx context.Context, r request) *Error {
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, nil)
	if err != nil {
		return nonsense(r.op, 0, errors.New("a URL that cannot be asked for"))
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", MediaJSON+", "+MediaProblem)
	req.Header.Set("User-Agent", wire.UserAgent)
	res, err := c.http.Do(req)
	if err != nil {
		return noAnswer(r.op, err)
	}
	defer res.Body.Close()
	return r.read(res)
}

func (r request) read(res *http.Response) *Error {
	body, err := io.ReadAll(res.Body)
	switch {
	case wire.TooLong(err):
		return nonsense(r.op, res.StatusCode, errTooLarge)
	case err != nil:
		return noAnswer(r.op, err)
	case !slices.Contains(r.status, res.StatusCode):
		return refusal(r.op, res, body)
	case r.into == nil:
		return nil
	case wire.Media(res.Header) != MediaJSON:
		return nonsense(r.op, res.StatusCode, errNotJSON)
	}
	if err := decode(body, r.into); err != nil {
		return nonsense(r.op, res.StatusCode, fmt.Errorf("an answer of another shape: %w", err))
	}
	if r.check == nil {
		return nil
	}
	if err := r.check(); err != nil {
		return nonsense(r.op, res.StatusCode, err)
	}
	return nil
}
