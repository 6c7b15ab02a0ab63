package demo

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"
)

// errTaken: another account has the address, or the identity.
var errTaken = errors.New("demo: already taken")

// confirmByLink is where a customer arrives from a mail, or from Latchkey by a redirect: opening the
// one-time URL confirms, since nobody could press a button in between.
func (p *Portal) confirmByLink(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return nil
	}
	var confirmed string
	err := inTx(r.Context(), p.db, func(tx *sql.Tx) error {
		id, address, err := useLink(r.Context(), tx, linkConfirm, r.PathValue("secret"), p.cfg.Now())
		if err != nil {
			return err
		}
		confirmed, err = confirm(r.Context(), tx, id, address, p.cfg.Now())
		return err
	})
	if errors.Is(err, errTaken) {
		err = errLinkDead
	}
	if err != nil {
		return err
	}
	return p.pages.render(w, http.StatusOK, "confirmed", confirmedPage{frame: p.frame(nil), Email: confirmed})
}

// confirm makes an address the account's confirmed one, if it still waits for that.
func confirm(ctx context.Context, tx *sql.Tx, id, address string, now time.Time) (string, error) {
	a, err := accountByID(ctx, tx, id)
	if err != nil {
		return "", err
	}
	email := a.UnconfirmedEmail
	if email == "" || canonical(email) != address {
		email = a.Email
	}
	if canonical(email) != address {
		return "", errLinkDead
	}
	if email == a.Email {
		_, err := tx.ExecContext(ctx, `UPDATE accounts SET confirmed_at = $2 WHERE id = $1 AND confirmed_at = 0`, id, millis(now))
		return email, err
	}
	others, err := accountsWhere(ctx, tx, "a.canonical = $1 AND a.id <> $2", address, id)
	if err != nil {
		return "", err
	}
	if len(others) > 0 {
		return "", errTaken
	}
	return email, setEmail(ctx, tx, id, email, now)
}
