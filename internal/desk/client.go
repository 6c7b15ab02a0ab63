package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

const (
	// defaultTimeout bounds one request. A send may take several.
	defaultTimeout = 10 * time.Second
	// maxAnswer bounds what is read of an answer, in bytes.
	maxAnswer = 4 << 20
	// pauseOn429 stands in for a Retry-After that was left out.
	pauseOn429 = 10 * time.Second
)

// client asks one desk.
type client struct {
	name string // begins every error
	base string
	http *http.Client
	// authorize adds what lets a request in.
	authorize func(h http.Header)
}

func newClient(name, base string, timeout time.Duration, authorize func(http.Header)) *client {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	limits := wire.Limits{Whole: timeout, Answer: maxAnswer, Idle: 16}
	return &client{name: name, base: base, authorize: authorize, http: wire.Client(limits)}
}

// checkURL lets a desk be reached by TLS alone, but on this machine.
func checkURL(name, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%s: the URL has to be one such as https://desk.example.com", name)
	}
	if !wire.Private(u) {
		return fmt.Errorf("%s: the URL has to be https", name)
	}
	return nil
}

// answer is what came back, whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// into reads the answer as JSON.
func (a answer) into(out any) error { return json.Unmarshal(a.body, out) }

// call makes one request. An error means that there was no answer: whether the desk acted is not known.
func (c *client) call(ctx context.Context, method, path string, body []byte, headers ...string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, permanent(recovery.ReasonRefused, errors.New(c.name+": the request cannot be put together"))
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", wire.UserAgent)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if c.authorize != nil {
		c.authorize(r.Header)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, c.lost(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, c.lost(err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: text}, nil
}

// lost is for an exchange that broke.
func (c *client) lost(err error) error {
	cause, _ := wire.Fault(err)
	return everyone(0, errors.New(c.name+": "+cause.Error()))
}

// hints are what to look at first where every hand-off is refused alike.
var hints = map[int]string{
	http.StatusUnauthorized: hintToken, http.StatusForbidden: hintToken,
	http.StatusNotFound: hintURL, http.StatusMethodNotAllowed: hintURL,
}

const (
	hintToken = " (is the token or secret the one that it knows, and may its user write tickets?)"
	hintURL   = " (is the desk's URL right?)"
)

// refusal sorts an answer that is none of those hoped for. What the desk wrote is not passed on: it may hold
// an address.
func (c *client) refusal(a answer) error {
	said := fmt.Errorf("%s: status %d%s", c.name, a.status, hints[a.status])
	wait, _ := wire.RetryAfter(a.header, time.Now())
	switch a.status {
	case http.StatusTooManyRequests:
		if wait == 0 {
			wait = pauseOn429
		}
		return everyone(wait, said)
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusLocked:
		return &recovery.SendError{RetryAfter: wait, Err: said}
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return everyone(wait, said) // the token or the URL is wrong, for every hand-off alike
	}
	if a.status >= 400 && a.status < 500 {
		return permanent(recovery.Reason(c.name+"-"+strconv.Itoa(a.status)), said)
	}
	return everyone(wait, said) // 5xx; and a redirect or a 1xx, which no desk has to give
}

func everyone(retryAfter time.Duration, err error) error {
	return &recovery.SendError{ProviderWide: true, RetryAfter: retryAfter, Err: err}
}
