package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"latchkey/handlers"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/demo"
	"latchkey/internal/gitlab/gitlabtest"
)

// demoIdentities lets the demo's GitLab know whom the demo portal knows. Whoever has verified an email did
// so long ago.
type demoIdentities struct{ portal *demo.Portal }

func (d demoIdentities) User(ctx context.Context, id int64) (gitlabtest.User, bool, error) {
	i, ok, err := d.portal.Identity(ctx, strconv.FormatInt(id, 10))
	return demoUser(i), ok, err
}

func (d demoIdentities) Search(ctx context.Context, text string) ([]gitlabtest.User, error) {
	found, err := d.portal.IdentitiesAt(ctx, text)
	users := make([]gitlabtest.User, 0, len(found))
	for _, i := range found {
		users = append(users, demoUser(i))
	}
	return users, err
}

func demoUser(i account.Identity) gitlabtest.User {
	id, _ := strconv.ParseInt(i.Subject, 10, 64)
	u := gitlabtest.User{
		ID: id, Username: i.Username, Name: i.Username, Email: i.Email, TwoFactor: i.TwoFactor,
		State: "active", Locked: i.State == account.IdentityLocked,
	}
	if i.State == account.IdentityBlocked {
		u.State = "blocked"
	}
	if i.EmailVerified {
		u.ConfirmedAt = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return u
}

// newDemoOpenID lets people sign in at the demo's GitLab for Latchkey, unless that has them sign in elsewhere.
func newDemoOpenID(p *demo.Portal, o config.Options, issuer string) (*demo.OpenID, error) {
	if o.OIDCIssuer != issuer {
		return nil, nil
	}
	return demo.NewOpenID(p, demo.OpenIDConfig{
		Issuer: issuer, ClientID: o.OIDCClientID, ClientSecret: o.OIDCClientSecret,
		RedirectURL: o.PublicURL + handlers.IdentityCallbackPath, Now: time.Now,
	})
}

// withGitLab puts the demo's GitLab beside the demo portal, on its listener.
func withGitLab(portal, gitlab http.Handler, openID *demo.OpenID) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v4/", gitlab)
	if openID != nil {
		for _, path := range demo.OpenIDPaths() {
			mux.Handle(path, openID)
		}
	}
	mux.Handle("/", portal)
	return mux
}
