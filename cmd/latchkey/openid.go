package main

import (
	"net/url"
	"time"

	"latchkey/handlers"
	"latchkey/internal/config"
	"latchkey/internal/oidc"
	"latchkey/internal/recovery"
)

// newIdentityProvider is where customers show that an identity is theirs; nil where no client is configured.
func newIdentityProvider(o config.Options) (recovery.IdentityProvider, error) {
	if o.OIDCClientID == "" {
		return nil, nil
	}
	p, err := oidc.New(oidc.Config{
		Issuer: o.OIDCIssuer, Name: o.OIDCProvider, ClientID: o.OIDCClientID, ClientSecret: o.OIDCClientSecret,
		RedirectURL: o.PublicURL + handlers.IdentityCallbackPath, Origins: identityOrigins(o),
		Timeout: o.PortalTimeout, Now: time.Now,
	})
	if err != nil {
		return nil, asFault("oidc-issuer", err)
	}
	return p, nil
}

// identityOrigins are where a browser may be sent for that (R7).
func identityOrigins(o config.Options) []string {
	return signInOrigins(o.OIDCIssuer, o.OIDCClientID, o.OIDCOrigins)
}

// signInOrigins are where a browser may be sent to sign in: the issuer's own, and what else is allowed; none without
// a client.
func signInOrigins(issuer, clientID string, others []string) []string {
	u, err := url.Parse(issuer)
	if clientID == "" || err != nil {
		return nil
	}
	return append([]string{u.Scheme + "://" + u.Host}, others...)
}
