package demo

import (
	"context"
	"database/sql"
	"net/http"

	"latchkey/internal/account"
)

func (p *Portal) showSignIn(w http.ResponseWriter, _ *http.Request) error {
	return p.pages.render(w, http.StatusOK, "sign_in", signInPage{frame: p.frame(nil)})
}

// signInByLink is where a customer arrives from Latchkey. The link is spent by opening it: it was made a
// moment ago for this one redirect.
func (p *Portal) signInByLink(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return nil
	}
	var cookie *http.Cookie
	err := inTx(r.Context(), p.db, func(tx *sql.Tx) error {
		id, _, err := useLink(r.Context(), tx, linkSignIn, r.PathValue("secret"), p.cfg.Now())
		if err != nil {
			return err
		}
		cookie, err = p.startSession(r.Context(), tx, id)
		return err
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return seeOther(w, r, "/customers")
}

// showGitLab plays the identity provider: choose who is signed in there.
func (p *Portal) showGitLab(w http.ResponseWriter, r *http.Request) error {
	all, err := identities(r.Context(), p.db)
	if err != nil {
		return err
	}
	return p.pages.render(w, http.StatusOK, "gitlab", gitLabPage{frame: p.frame(nil), Identities: all, Sent: r.URL.Query().Get("sent") == "1"})
}

// signInByGitLab is "Continue with GitLab.com account", with the errors that bring people to Latchkey.
func (p *Portal) signInByGitLab(w http.ResponseWriter, r *http.Request) error {
	identity, err := identityBySubject(r.Context(), p.db, r.PostFormValue("subject"))
	if err != nil {
		return err
	}
	a, obstacle, err := p.admit(r.Context(), identity)
	if err != nil {
		return err
	}
	if obstacle != "" {
		return p.pages.render(w, http.StatusForbidden, "sign_in", signInPage{frame: p.frame(nil), Obstacle: obstacle, As: identity.Username})
	}
	var cookie *http.Cookie
	err = inTx(r.Context(), p.db, func(tx *sql.Tx) error {
		cookie, err = p.startSession(r.Context(), tx, a.ID)
		return err
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	return seeOther(w, r, "/customers")
}

// admit says which account an identity opens, or what stands in the way.
func (p *Portal) admit(ctx context.Context, identity account.Identity) (account.Account, string, error) {
	linked, err := accountsWhere(ctx, p.db, "a.subject = $1", identity.Subject)
	if err != nil {
		return account.Account{}, "", err
	}
	if len(linked) == 0 {
		same, err := accountsWhere(ctx, p.db, "a.canonical = $1", canonical(identity.Email))
		if len(same) > 0 {
			return account.Account{}, "not-linked", err
		}
		return account.Account{}, "no-account", err
	}
	switch a := linked[0]; {
	case identity.State != account.IdentityActive:
		return a, "identity-" + string(identity.State), nil
	case !identity.PasswordEnabled:
		return a, "identity-password", nil
	case !a.SignInEnabled:
		return a, "disabled", nil
	case !a.Confirmed():
		return a, "unconfirmed", nil
	default:
		return a, "", nil
	}
}

// resetGitLabPassword is the reset that people try at the wrong site: the identity provider mails, and
// nothing changes here.
func (p *Portal) resetGitLabPassword(w http.ResponseWriter, r *http.Request) error {
	identity, err := identityBySubject(r.Context(), p.db, r.PostFormValue("subject"))
	if err != nil {
		return err
	}
	err = logMail(r.Context(), p.db, IdentityMailDomain, identity.Email, logPasswordReset, p.cfg.Now())
	if err != nil {
		return err
	}
	if err := p.mailReset(r.Context(), identity); err != nil {
		return err
	}
	return seeOther(w, r, "/customers/gitlab?sent=1")
}
