package gitlab

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"latchkey/internal/wire"
)

// maxAnswerBytes bounds an answer, unpacked: a page of a hundred users is some 200 KiB.
const maxAnswerBytes = 2 << 20

// pauseBeforeRetry lets a restart of one of GitLab's servers pass.
const pauseBeforeRetry = 150 * time.Millisecond

var (
	errTooLarge = errors.New("an answer of more than 2 MiB")
	errNotJSON  = errors.New("an answer that is not application/json")
	errShape    = errors.New("an answer of another shape")
	errOver     = errors.New("the rate limit is not over yet")
)

// Op names what was asked, in errors and metrics.
type Op string

// The look-ups.
const (
	OpBySubject Op = "by-subject"
	OpByEmail   Op = "by-email"
)

// watched runs one look-up within its time, and tells the observer how it ended.
func (c *Client) watched(ctx context.Context, op Op, lookUp func(ctx context.Context) *Error) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	begin := time.Now()
	failure := lookUp(ctx)
	if c.observer != nil {
		outcome := OutcomeOK
		if failure != nil {
			outcome = failure.Outcome
		}
		c.observer.IdentityAsked(op, outcome, time.Since(begin))
	}
	if failure == nil {
		return nil
	}
	failure.Op = op
	return failure
}

// get reads one URL below /api/v4 into a value. What met a passing fault is asked once more; a rate limit
// is not asked against.
func (c *Client) get(ctx context.Context, path string, query url.Values, into any) (http.Header, *Error) {
	header, failure := c.attempt(ctx, path, query, into)
	if failure != nil && failure.passing() && wire.Pause(ctx, pauseBeforeRetry) == nil {
		header, failure = c.attempt(ctx, path, query, into)
	}
	return header, failure
}

func (c *Client) attempt(ctx context.Context, path string, query url.Values, into any) (http.Header, *Error) {
	if c.pause.holds(c.now()) {
		return nil, &Error{Outcome: OutcomeLimited, Cause: errOver}
	}
	target := c.base + "/api/v4" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, nonsense(0, errors.New("a URL that cannot be asked for"))
	}
	req.Header.Set("Private-Token", c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", wire.UserAgent)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, noAnswer(err)
	}
	defer res.Body.Close()
	c.pause.note(res, c.now())
	return res.Header, read(res, into)
}

func read(res *http.Response, into any) *Error {
	body, err := io.ReadAll(res.Body)
	switch status := res.StatusCode; {
	case err != nil && !wire.TooLong(err):
		return noAnswer(err)
	case status == http.StatusTooManyRequests:
		return &Error{Outcome: OutcomeLimited, Status: status}
	case status >= 500:
		return &Error{Outcome: OutcomeFailed, Status: status}
	case status >= 300 && !isJSON(res.Header):
		return &Error{Outcome: OutcomeRefused, Status: status, Cause: errNotJSON}
	case status >= 300:
		return &Error{Outcome: OutcomeRefused, Status: status}
	case status != http.StatusOK:
		return nonsense(status, errShape)
	case err != nil:
		return nonsense(status, errTooLarge)
	}
	if !isJSON(res.Header) {
		return nonsense(res.StatusCode, errNotJSON)
	}
	// The texts of encoding/json quote what was read, which may be an address.
	if json.Unmarshal(body, into) != nil {
		return nonsense(res.StatusCode, errShape)
	}
	return nil
}

func isJSON(h http.Header) bool { return wire.Media(h) == "application/json" }
