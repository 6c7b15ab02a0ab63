package oidc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"latchkey/internal/recovery"
)

// Step is where a sign-in failed.
type Step string

// The steps.
const (
	StepDiscovery Step = "discovery"
	StepExchange  Step = "exchange"
	StepIDToken   Step = "id token"
)

// What the provider can get wrong, as an operator needs to read it.
var (
	errDocument    = errors.New("a document that cannot be read")
	errElsewhere   = errors.New("an authorization endpoint at an origin that is not allowed")
	errUnsafe      = errors.New("an endpoint that is missing, or without https")
	errNoIDToken   = errors.New("an answer without an ID token")
	errNonce       = errors.New("a nonce of another sign-in")
	errSubject     = errors.New("no usable subject")
	errParty       = errors.New("a token for another client")
	errAccessToken = errors.New("an access token of another sign-in")
	errExpired     = errors.New("an expired token")
	errTime        = errors.New("no answer in time")
	errNetwork     = errors.New("no connection")
	errRefused     = errors.New("an answer that cannot be relied on")
)

// Error is a sign-in without a usable outcome. It wraps recovery.ErrIdentityProvider. Its text holds no
// code, token or address.
type Error struct {
	Step  Step
	Cause error // of ours
}

func (e *Error) Error() string { return fmt.Sprintf("openid connect: %s: %s", e.Step, e.Cause) }

// Unwrap returns recovery.ErrIdentityProvider and the cause.
func (e *Error) Unwrap() []error { return []error{recovery.ErrIdentityProvider, e.Cause} }

// failed keeps of a library's error what may be logged: their texts quote answers and tokens.
func failed(step Step, err error) error { return &Error{Step: step, Cause: told(err)} }

var ours = []error{
	errDocument, errElsewhere, errUnsafe, errNoIDToken, errNonce, errSubject, errParty, errAccessToken,
}

func told(err error) error {
	var (
		refusal  *oauth2.RetrieveError
		expired  *oidc.TokenExpiredError
		mismatch *oidc.IssuerMismatchError
		network  net.Error
	)
	switch {
	case slices.Contains(ours, err):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.As(err, &network) && network.Timeout():
		return errTime
	case errors.As(err, &refusal):
		return refusedWith(refusal)
	case errors.As(err, &expired):
		return errExpired
	case errors.As(err, &mismatch):
		return fmt.Errorf("an issuer other than %q", mismatch.Provided)
	case errors.As(err, &network):
		return errNetwork
	}
	return errRefused
}

// refusedWith names a refusal of the exchange by the codes of RFC 6749, and any other by its status.
func refusedWith(e *oauth2.RetrieveError) error {
	known := []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope",
	}
	if slices.Contains(known, e.ErrorCode) {
		return errors.New(e.ErrorCode)
	}
	if e.Response != nil {
		return fmt.Errorf("status %d", e.Response.StatusCode)
	}
	return errRefused
}
