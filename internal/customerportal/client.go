package customerportal

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// MaxTimeout is the longest that one call, with its retry, may take (R5), and the default.
const MaxTimeout = 5 * time.Second

// limits give up on a portal that cannot be reached well before the call's deadline, so that a retry still fits.
var limits = wire.Limits{Connect: 1500 * time.Millisecond, Answer: maxAnswerBytes, Idle: 32}

// Config is what a Client needs.
type Config struct {
	// BaseURL is what stands before /v1 in every URL of the API, such as https://customers.example.com.
	BaseURL string
	// Token is the bearer token; it goes to BaseURL and nowhere else.
	Token string
	// Timeout bounds one call, with its retry. Zero, and more than MaxTimeout, mean MaxTimeout.
	Timeout time.Duration
	// Observer is told of every call; nil for none.
	Observer Observer
}

// Observer is told how each call ended and how long it took, retry included; failure is nil for OutcomeOK. It must
// be quick and safe for concurrent use.
type Observer interface {
	PortalCalled(op Op, failure *Error, took time.Duration)
}

// Client asks a customer portal. It is safe for concurrent use.
type Client struct {
	base     string
	token    string
	timeout  time.Duration
	http     *http.Client
	observer Observer
}

var _ recovery.CustomerPortal = (*Client)(nil)

// New returns a client, or an error in words if the base URL or the token cannot be used.
func New(cfg Config) (*Client, error) {
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if !wire.Token(cfg.Token) {
		return nil, errors.New("customer portal: the bearer token is empty or holds white space")
	}
	c := &Client{base: base, token: cfg.Token, timeout: cfg.Timeout, http: wire.Client(limits), observer: cfg.Observer}
	if c.timeout <= 0 || c.timeout > MaxTimeout {
		c.timeout = MaxTimeout
	}
	return c, nil
}

func baseURL(raw string) (string, error) {
	u, err := wire.BaseURL(raw)
	if err != nil {
		return "", fmt.Errorf("customer portal: the base URL %w, such as https://customers.example.com", err)
	}
	return strings.TrimRight(u.String(), "/"), nil
}
