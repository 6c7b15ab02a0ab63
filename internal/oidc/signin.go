package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// maxSubject is the longest subject that OpenID Connect allows.
const maxSubject = 255

// SignInURL is where a browser signs in, at one of the configured origins.
func (p *Provider) SignInURL(ctx context.Context, s recovery.IdentitySecrets) (string, error) {
	f, err := p.find(ctx)
	if err != nil {
		return "", err
	}
	return f.oauth.AuthCodeURL(s.State, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier)), nil
}

// Redeem exchanges the code that a browser brought back, and returns the identity that it signed in to.
// Email is "" unless the provider calls it verified. The code is spent, whatever comes of it.
func (p *Provider) Redeem(ctx context.Context, code string, s recovery.IdentitySecrets) (account.Identity, error) {
	got, err := p.redeemed(ctx, code, s)
	if err != nil {
		return account.Identity{}, err
	}
	c := got.claims
	if c.Email == "" {
		c.email = got.found.askEmail(oidc.ClientContext(ctx, p.client), got.token, c.Subject)
	}
	return p.identity(c), nil
}

// redeemed is what a code was exchanged for, and holds.
type redeemed struct {
	found  *found
	token  *oauth2.Token
	id     *oidc.IDToken
	claims claims
}

func (p *Provider) redeemed(ctx context.Context, code string, s recovery.IdentitySecrets) (redeemed, error) {
	f, err := p.find(ctx)
	if err != nil {
		return redeemed{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := f.oauth.Exchange(ctx, code, oauth2.VerifierOption(s.Verifier))
	if err != nil {
		return redeemed{}, failed(StepExchange, err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return redeemed{}, failed(StepExchange, errNoIDToken)
	}
	id, c, err := p.verified(ctx, f, raw, token, s.Nonce)
	if err != nil {
		return redeemed{}, failed(StepIDToken, err)
	}
	return redeemed{f, token, id, c}, nil
}

// claims are what is read of an ID token.
type claims struct {
	Subject         string `json:"sub"`
	AuthorizedParty string `json:"azp"`
	email
}

// email is the part of the claims that the user-info endpoint may have instead.
type email struct {
	Email    string `json:"email"`
	Verified flexi  `json:"email_verified"`
}

// flexi is a boolean that some providers write as text. Anything else is false.
type flexi bool

// UnmarshalJSON implements json.Unmarshaler.
func (b *flexi) UnmarshalJSON(text []byte) error {
	*b = string(text) == "true" || string(text) == `"true"`
	return nil
}

// verified checks all that OpenID Connect Core 3.1.3.7 asks: the library issuer, audience, signature and
// expiry; here nonce, authorized party, and that the access token belongs to it.
func (p *Provider) verified(
	ctx context.Context, f *found, raw string, token *oauth2.Token, nonce string,
) (*oidc.IDToken, claims, error) {
	var c claims
	id, err := f.verifier.Verify(ctx, raw)
	switch {
	case err != nil:
		return nil, c, err
	case nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		return nil, c, errNonce
	case id.Claims(&c) != nil || !usable(c.Subject):
		return nil, c, errSubject
	case c.AuthorizedParty != "" && c.AuthorizedParty != p.config.ClientID,
		c.AuthorizedParty == "" && len(id.Audience) > 1:
		return nil, c, errParty
	case id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		return nil, c, errAccessToken
	}
	return id, c, nil
}

func usable(subject string) bool {
	return subject != "" && len(subject) <= maxSubject &&
		!strings.ContainsFunc(subject, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// askEmail looks for the email where the ID token has none. It is worth having, and no more: the sign-in
// stands without it.
func (f *found) askEmail(ctx context.Context, token *oauth2.Token, subject string) email {
	info, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != subject {
		return email{}
	}
	return email{info.Email, flexi(info.EmailVerified)}
}

func (p *Provider) identity(c claims) account.Identity {
	i := account.Identity{Provider: p.config.Name, Subject: c.Subject, State: account.IdentityActive}
	if _, err := account.ParseAddress(c.Email); err == nil && bool(c.Verified) {
		i.Email, i.EmailVerified = c.Email, true
	}
	return i
}

var _ json.Unmarshaler = (*flexi)(nil)
