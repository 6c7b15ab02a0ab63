package demo

import (
	"context"
	"database/sql"
	"errors"
	"net/http"

	"latchkey/internal/account"
)

func (p *Portal) showHome(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return p.home(w, a, http.StatusOK, homePage{Done: r.URL.Query().Get("done")})
}

func (p *Portal) home(w http.ResponseWriter, a account.Account, status int, page homePage) error {
	page.frame = p.frame(&a)
	return p.pages.render(w, status, "home", page)
}

// applySubscription puts a subscription to use in a group, which needs a linked identity.
func (p *Portal) applySubscription(w http.ResponseWriter, r *http.Request, a account.Account) error {
	if a.Identity == nil {
		return seeOther(w, r, "/customers/profile")
	}
	_, err := p.db.ExecContext(r.Context(), `UPDATE subscriptions SET applied = TRUE WHERE name = $2 AND billing_account_id IN
		(SELECT billing_account_id FROM memberships WHERE account_id = $1)`, a.ID, r.PostFormValue("name"))
	if err != nil {
		return err
	}
	return seeOther(w, r, "/customers?done=applied")
}

// showProfile is My profile → Profile settings.
func (p *Portal) showProfile(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return p.profile(w, r, a, http.StatusOK, profilePage{Done: r.URL.Query().Get("done"), Email: a.Email})
}

func (p *Portal) profile(w http.ResponseWriter, r *http.Request, a account.Account, status int, page profilePage) error {
	all, err := identities(r.Context(), p.db)
	if err != nil {
		return err
	}
	page.frame = p.frame(&a)
	for _, i := range all {
		if a.Identity == nil || i.Subject != a.Identity.Subject {
			page.Identities = append(page.Identities, i)
		}
	}
	return p.pages.render(w, status, "profile", page)
}

// linkIdentity is Link account and Change linked account. An identity belongs to one account only.
func (p *Portal) linkIdentity(w http.ResponseWriter, r *http.Request, a account.Account) error {
	identity, err := identityBySubject(r.Context(), p.db, r.PostFormValue("subject"))
	if err != nil {
		return err
	}
	err = inTx(r.Context(), p.db, func(tx *sql.Tx) error {
		others, err := accountsWhere(r.Context(), tx, "a.subject = $1 AND a.id <> $2", identity.Subject, a.ID)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			return errTaken
		}
		_, err = tx.ExecContext(r.Context(), `UPDATE accounts SET subject = $2 WHERE id = $1`, a.ID, identity.Subject)
		if err != nil {
			return err
		}
		// Whoever links an identity of their own has taken the account over.
		_, err = tx.ExecContext(r.Context(), `UPDATE memberships SET role = $2 WHERE account_id = $1 AND role = $3`,
			a.ID, account.RoleManager, account.RoleFormerOwner)
		return err
	})
	if errors.Is(err, errTaken) {
		return p.profile(w, r, a, http.StatusConflict, profilePage{Fault: "identity-taken", Email: a.Email})
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, "/customers/profile?done=linked")
}

// changeEmail keeps the new address aside until the link mailed there is opened.
func (p *Portal) changeEmail(w http.ResponseWriter, r *http.Request, a account.Account) error {
	typed := r.PostFormValue("email")
	address, err := account.ParseAddress(typed)
	if err != nil {
		return p.profile(w, r, a, http.StatusUnprocessableEntity, profilePage{Fault: "email-form", Email: typed})
	}
	if address.Canonical() == canonical(a.Email) {
		return p.profile(w, r, a, http.StatusUnprocessableEntity, profilePage{Fault: "email-same", Email: typed})
	}
	err = p.proposeEmail(r.Context(), a.ID, typed, address)
	if errors.Is(err, errTaken) {
		return p.profile(w, r, a, http.StatusConflict, profilePage{Fault: "email-taken", Email: typed})
	}
	if err != nil {
		return err
	}
	a.UnconfirmedEmail = typed
	if err := p.mailConfirmation(r.Context(), a); err != nil {
		return err
	}
	return seeOther(w, r, "/customers/profile?done=email")
}

func (p *Portal) proposeEmail(ctx context.Context, id, typed string, address account.Address) error {
	return inTx(ctx, p.db, func(tx *sql.Tx) error {
		others, err := accountsWhere(ctx, tx, "a.canonical = $1", address.Canonical())
		if err != nil {
			return err
		}
		if len(others) > 0 {
			return errTaken
		}
		_, err = tx.ExecContext(ctx, `UPDATE accounts SET unconfirmed_email = $2 WHERE id = $1`, id, typed)
		return err
	})
}

// resendConfirmation mails the link for a new address again.
func (p *Portal) resendConfirmation(w http.ResponseWriter, r *http.Request, a account.Account) error {
	err := p.mailConfirmation(r.Context(), a)
	if err != nil && !errors.Is(err, errNothingToConfirm) {
		return err
	}
	return seeOther(w, r, "/customers/profile?done=email")
}
