package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"latchkey/internal/wire"
)

const (
	wantDisabled = "--disabled-email: a test account whose sign-in is disabled"
	// longestLink is what "a few minutes at most" is taken to mean.
	longestLink = 15 * time.Minute
	// secretLength is the least that 128 random bits take, in characters of base64.
	secretLength = 22
)

func linkChecks() []check {
	return []check{
		{"act-unknown-account", "what acts answers 404 for an account that does not exist", func(ctx context.Context, s *session, v *verdict) {
			for _, c := range acts(nobody()) {
				wantProblem(v, s.ask(ctx, c.method, c.path, "", rightToken), "no account has this id", http.StatusNotFound)
			}
		}},
		{"sign-in-link", "sign-in-links answers 201 with an absolute https URL and an end a few minutes away", withAccount(func(ctx context.Context, s *session, v *verdict, a found) {
			s.wantLink(ctx, v, a, "sign-in-links")
		})},
		{"sign-in-link-new", "each call of sign-in-links makes another URL, as hard to guess as 128 random bits", withAccount(func(ctx context.Context, s *session, v *verdict, a found) {
			s.wantNewLinks(ctx, v, a, "sign-in-links")
		})},
		{"sign-in-link-once", "opening the URL signs in and leads to one without the secret; HEAD uses nothing up; it works once", withAccount(opensOnce)},
		{"sign-in-disabled", "sign-in-links answers 409 for an account whose sign-in is disabled", func(ctx context.Context, s *session, v *verdict) {
			if s.cfg.Samples.Disabled == "" {
				v.needs(wantDisabled)
				return
			}
			a, x, ok := s.sample(ctx, v, s.cfg.Samples.Disabled)
			if !ok {
				return
			}
			if a.SignInEnabled != false {
				v.wrong(x, "sign_in_enabled is not false, though --disabled-email may not sign in")
			}
			wantProblem(v, s.post(ctx, actPath(a.ID, "sign-in-links")), "the account's sign-in is disabled", http.StatusConflict)
		}},
	}
}

// link is a one-time URL as it came.
type link struct {
	URL       string `json:"url"`
	ExpiresAt any    `json:"expires_at"`
}

// makeLink asks for a URL; false if there is none to look at.
func (s *session) makeLink(ctx context.Context, v *verdict, a found, act string) (link, *Exchange, bool) {
	x := s.post(ctx, actPath(a.ID, act))
	var l link
	if !x.read(v, http.StatusCreated, "Link", &l) {
		return l, x, false
	}
	if u, err := url.Parse(l.URL); err != nil || u.Host == "" {
		v.wrong(x, "there is no absolute URL")
		return l, x, false
	}
	return l, x, true
}

// wantLink notes what is wrong with one URL.
func (s *session) wantLink(ctx context.Context, v *verdict, a found, act string) {
	l, x, ok := s.makeLink(ctx, v, a, act)
	if !ok {
		return
	}
	u, err := url.Parse(l.URL)
	if err != nil {
		return
	}
	if !wire.Private(u) {
		v.wrong(x, "the URL is "+u.Scheme+", want https")
	}
	if origin := u.Scheme + "://" + u.Host; len(s.cfg.Origins) > 0 && !slices.Contains(s.cfg.Origins, origin) {
		v.wrong(x, "the URL leads to "+origin+", which is none of --portal-origins")
	}
	end, told := moment(l.ExpiresAt)
	switch left := end.Sub(s.now()); {
	case !told:
		v.wrong(x, "expires_at is no time")
	case left <= 0:
		v.wrong(x, "expires_at has passed")
	case left > longestLink+clockSkew:
		v.wrong(x, fmt.Sprintf("expires_at is %s away, want a few minutes", left.Round(time.Minute)))
	}
}

// wantNewLinks notes what is wrong with two URLs, one after the other.
func (s *session) wantNewLinks(ctx context.Context, v *verdict, a found, act string) {
	first, _, ok := s.makeLink(ctx, v, a, act)
	second, x, ok2 := s.makeLink(ctx, v, a, act)
	switch {
	case !ok || !ok2:
	case first.URL == second.URL:
		v.wrong(x, "is the same URL as before")
	case differing(first.URL, second.URL) < secretLength:
		v.wrong(x, fmt.Sprintf("differs from the URL before in %d characters, want %d at least", differing(first.URL, second.URL), secretLength))
	}
}

// differing is how many characters lie between what two texts begin and end with alike.
func differing(a, b string) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return min(len(a), len(b))
}

// opensOnce opens a URL as a browser would, after a HEAD as a mail scanner sends it.
func opensOnce(ctx context.Context, s *session, v *verdict, a found) {
	l, _, ok := s.makeLink(ctx, v, a, "sign-in-links")
	if !ok {
		return
	}
	s.open(ctx, http.MethodHead, l.URL)
	first := s.open(ctx, http.MethodGet, l.URL)
	second := s.open(ctx, http.MethodGet, l.URL)
	secret := l.URL[strings.LastIndexAny(l.URL, "/=")+1:]
	switch {
	case first.Error != "":
		v.wrong(first, "the URL cannot be opened: "+first.Error)
	case first.Status < 300 || first.Status > 399:
		v.wrong(first, fmt.Sprintf("opening the URL answers %d, want a redirect to a URL without the secret (was it used up by the HEAD?)", first.Status))
	case secret != "" && strings.Contains(first.header.Get("Location"), secret):
		v.wrong(first, "leads to a URL that still has the secret")
	case len(first.header.Values("Set-Cookie")) == 0:
		v.wrong(first, "opening the URL sets no cookie, so nobody is signed in")
	case second.Status == first.Status && second.header.Get("Location") == first.header.Get("Location") &&
		len(second.header.Values("Set-Cookie")) > 0:
		v.wrong(second, "the URL works twice")
	}
}

// open asks for a one-time URL, without a token. It is shown by its origin alone.
func (s *session) open(ctx context.Context, method, address string) *Exchange {
	x := &Exchange{Request: method + " " + s.shown(address), Token: noToken}
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		x.Error = "a URL that cannot be asked for"
		return x
	}
	s.send(req, x)
	x.Answer = "" // a page of the portal
	return x
}
