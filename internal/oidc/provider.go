package oidc

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// maxAnswer bounds every answer, in bytes: the libraries read theirs to the end.
const maxAnswer = 1 << 20

// Config is what a Provider needs; all but ClientSecret, Scopes and GroupsClaim is required.
type Config struct {
	// Issuer is the provider's URL, exactly as its own discovery document has it.
	Issuer string
	// Name is what account data calls the provider.
	Name string
	// ClientID and ClientSecret are Latchkey's own there; a public client has no secret.
	ClientID, ClientSecret string
	// RedirectURL is where the browser comes back to.
	RedirectURL string
	// Origins are those that a browser may be sent to, as scheme://host[:port] (R7).
	Origins []string
	// Timeout bounds each request to the provider.
	Timeout time.Duration
	// Scopes are asked for besides openid and email.
	Scopes []string
	// GroupsClaim is the claim that RedeemAgent reads; "" for none.
	GroupsClaim string
	// Now is the clock by which ID tokens expire.
	Now func() time.Time
}

// Provider is an OpenID provider. It is found out about on first use, so that one that is down does not
// keep Latchkey from starting. It is safe for concurrent use.
type Provider struct {
	config Config
	client *http.Client
	// turn is held by who finds the provider out.
	turn  chan struct{}
	found *found
}

// found is what discovery told.
type found struct {
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	provider *oidc.Provider
}

var _ recovery.IdentityProvider = (*Provider)(nil)

// New returns a provider. It asks nothing yet.
func New(c Config) (*Provider, error) {
	_, err := origin(c.Issuer)
	if err != nil || c.Name == "" || c.ClientID == "" || c.RedirectURL == "" || len(c.Origins) == 0 || c.Timeout <= 0 || c.Now == nil {
		return nil, errors.New("openid connect: issuer, name, client id, redirect URL, origins, time and clock are required")
	}
	return &Provider{config: c, client: wire.Client(wire.Limits{Whole: c.Timeout, Answer: maxAnswer, Idle: 16}), turn: make(chan struct{}, 1)}, nil
}

// Issuer vouches for what Redeem returns.
func (p *Provider) Issuer() string { return p.config.Issuer }

// find returns what is known of the provider, and asks it the first time.
func (p *Provider) find(ctx context.Context) (*found, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, failed(StepDiscovery, ctx.Err())
	}
	if p.found != nil {
		return p.found, nil
	}
	discovered, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return nil, failed(StepDiscovery, err)
	}
	f, err := p.accept(discovered)
	if err != nil {
		return nil, failed(StepDiscovery, err)
	}
	p.found = f
	return f, nil
}

// accept holds a discovery document against R7 and against being less safe than its issuer.
func (p *Provider) accept(discovered *oidc.Provider) (*found, error) {
	var document struct {
		Keys    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if discovered.Claims(&document) != nil {
		return nil, errDocument
	}
	endpoint := discovered.Endpoint()
	if at, err := origin(endpoint.AuthURL); err != nil || !slices.Contains(p.config.Origins, at) {
		return nil, errElsewhere
	}
	info := discovered.UserInfoEndpoint()
	if !p.asSafe(endpoint.TokenURL) || !p.asSafe(document.Keys) || (info != "" && !p.asSafe(info)) {
		return nil, errUnsafe
	}
	endpoint.AuthStyle = p.authStyle(document.Methods)
	return &found{
		provider: discovered,
		verifier: discovered.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: p.config.Now}),
		oauth: oauth2.Config{
			ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: endpoint,
			RedirectURL: p.config.RedirectURL, Scopes: append([]string{oidc.ScopeOpenID, oidc.ScopeEmail}, p.config.Scopes...),
		},
	}, nil
}

// asSafe reports whether target is https, or the issuer is not either: only a loopback one is configured so.
func (p *Provider) asSafe(target string) bool {
	u, err := url.Parse(target)
	return err == nil && u.Host != "" &&
		(u.Scheme == "https" || (u.Scheme == "http" && strings.HasPrefix(p.config.Issuer, "http://")))
}

// authStyle is how the client proves itself. Trying both ways, as the library does when it is not told,
// would spend the code on the first.
func (p *Provider) authStyle(methods []string) oauth2.AuthStyle {
	basic := len(methods) == 0 || slices.Contains(methods, "client_secret_basic")
	if p.config.ClientSecret != "" && basic {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// origin is scheme://host[:port] of an http or https URL.
func origin(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return "", errors.New("openid connect: no http or https URL")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}
