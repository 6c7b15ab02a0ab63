package gitlab

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// provider is what account data calls these identities.
const provider = "gitlab"

const (
	// maxTimeout is the longest that one look-up may take, with its retry and all its pages.
	maxTimeout = 5 * time.Second
	// defaultTimeout leaves time to ask the customer portal about what was found (R5).
	defaultTimeout = 3 * time.Second
)

// limits give up on a GitLab that cannot be reached well before the deadline, so that a retry fits.
var limits = wire.Limits{Connect: 1200 * time.Millisecond, Answer: maxAnswerBytes, Idle: 16}

// Config is what a Client needs.
type Config struct {
	// BaseURL is what stands before /api/v4, such as https://gitlab.com.
	BaseURL string
	// Token is an administrator's access token with the scope read_api (and admin_mode where Admin Mode
	// is on); it goes to BaseURL and nowhere else.
	Token string
	// Timeout bounds one look-up. Zero means 3 s; more than 5 s, 5 s.
	Timeout time.Duration
	// Now is the clock of cache and rate limit; nil for time.Now.
	Now func() time.Time
	// Observer is told of every look-up that was not answered from memory; nil for none.
	Observer Observer
}

// Observer is told how each look-up ended and how long it took. It must be quick and safe for concurrent
// use.
type Observer interface {
	IdentityAsked(op Op, outcome Outcome, took time.Duration)
}

// Client asks GitLab. It is safe for concurrent use.
type Client struct {
	base     string
	token    string
	timeout  time.Duration
	http     *http.Client
	now      func() time.Time
	observer Observer
	cache    *cache
	pause    pause
	// admin is when GitLab last showed the token what only administrators see, in Unix nanoseconds.
	admin atomic.Int64
}

var _ recovery.Identities = (*Client)(nil)

// Provider implements recovery.Identities.
func (c *Client) Provider() string { return provider }

// New returns a client, or an error in words if the base URL or the token cannot be used.
func New(cfg Config) (*Client, error) {
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if !wire.Token(cfg.Token) {
		return nil, errors.New("gitlab: the token is empty or holds white space")
	}
	c := &Client{
		base: base, token: cfg.Token, timeout: cfg.Timeout, now: cfg.Now, observer: cfg.Observer,
		http: wire.Client(limits),
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	c.timeout = min(c.timeout, maxTimeout)
	if c.now == nil {
		c.now = time.Now
	}
	c.cache = newCache(c.now)
	return c, nil
}

func baseURL(raw string) (string, error) {
	u, err := wire.BaseURL(raw)
	if err != nil {
		return "", fmt.Errorf("gitlab: the base URL %w, such as https://gitlab.com", err)
	}
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api/v4"), nil
}
