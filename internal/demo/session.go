package demo

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"latchkey/internal/account"
)

// sessionCookie is named apart from Latchkey's: on one loopback host both servers get both cookies.
const sessionCookie = "demo_customer_portal"

const sessionLifetime = 12 * time.Hour

// errNoSession: nobody is signed in with this browser.
var errNoSession = errors.New("demo: nobody is signed in")

// startSession signs in, with a new cookie. Whoever gets here was let in before.
func (p *Portal) startSession(ctx context.Context, tx *sql.Tx, accountID string) (*http.Cookie, error) {
	secret, hash := newSecret()
	now := p.cfg.Now()
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, account_id, expires_at) VALUES ($1, $2, $3)`,
		hash, accountID, millis(now.Add(sessionLifetime)))
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE accounts SET last_sign_in_at = $2 WHERE id = $1`, accountID, millis(now))
	return p.cookie(secret, int(sessionLifetime.Seconds())), err
}

func (p *Portal) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie, Value: value, Path: "/customers", MaxAge: maxAge, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(p.cfg.PublicURL(), "https:"),
	}
}

// signedIn is the account of this browser's session, or errNoSession.
func (p *Portal) signedIn(r *http.Request) (account.Account, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return account.Account{}, errNoSession
	}
	var id string
	err = p.db.QueryRowContext(r.Context(), `SELECT account_id FROM sessions WHERE hash = $1 AND expires_at > $2`,
		hashOf(c.Value), millis(p.cfg.Now())).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Account{}, errNoSession
	}
	if err != nil {
		return account.Account{}, err
	}
	return accountByID(r.Context(), p.db, id)
}

func (p *Portal) signOut(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(sessionCookie); err == nil {
		_, err := p.db.ExecContext(r.Context(), `DELETE FROM sessions WHERE hash = $1`, hashOf(c.Value))
		if err != nil {
			return err
		}
	}
	http.SetCookie(w, p.cookie("", -1))
	return seeOther(w, r, "/customers/sign_in")
}
