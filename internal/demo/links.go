package demo

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"latchkey/internal/customerportal"
)

// The purposes of one-time URLs.
const (
	linkSignIn  = "sign_in"
	linkConfirm = "confirmation"
)

const (
	jitLifetime    = 5 * time.Minute // of a URL that a browser is sent to at once
	mailedLifetime = 24 * time.Hour  // of a URL in the portal's own mail
)

// errLinkDead: wrong, expired or used.
var errLinkDead = errors.New("demo: the link is wrong, expired or used")

// newLink makes a one-time URL. Only a hash of its secret is stored.
func (p *Portal) newLink(ctx context.Context, purpose, accountID, address string, life time.Duration) (customerportal.Link, error) {
	secret, hash := newSecret()
	expires := p.cfg.Now().Add(life).UTC().Truncate(time.Second)
	_, err := p.db.ExecContext(ctx, `INSERT INTO links (hash, purpose, account_id, address, expires_at)
		VALUES ($1, $2, $3, $4, $5)`, hash, purpose, accountID, canonical(address), millis(expires))
	return customerportal.Link{URL: p.cfg.PublicURL() + "/customers/" + purpose + "/" + secret, ExpiresAt: expires}, err
}

// useLink spends a one-time URL and tells what it was for. It can be spent once, whoever else tries.
func useLink(ctx context.Context, tx *sql.Tx, purpose, secret string, now time.Time) (accountID, address string, err error) {
	row := tx.QueryRowContext(ctx, `DELETE FROM links WHERE hash = $1 AND purpose = $2 AND expires_at > $3
		RETURNING account_id, address`, hashOf(secret), purpose, millis(now))
	err = row.Scan(&accountID, &address)
	if errors.Is(err, sql.ErrNoRows) {
		err = errLinkDead
	}
	return accountID, address, err
}

func newSecret() (secret, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:])
	secret = base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashOf(secret)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// sweep drops what has expired.
func sweep(ctx context.Context, q querier, now time.Time) error {
	_, err := q.ExecContext(ctx, `DELETE FROM links WHERE expires_at <= $1`, millis(now))
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= $1`, millis(now))
	return err
}
