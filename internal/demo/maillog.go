package demo

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"latchkey/internal/account"
)

// The mail domains of the demo.
const (
	IdentityMailDomain = "mg.gitlab.com"
	PortalMailDomain   = "customers.gitlab.com"
)

// The kinds of mail in the log.
const (
	logPasswordReset = "password-reset"
	logConfirmation  = "confirmation"
)

// seedMailLog has reset@example.com ask the identity provider for a password two hours ago. It is
// written anew at every start, so that a demo left for days still shows it.
func seedMailLog(ctx context.Context, tx *sql.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM mail_log WHERE domain = $1 AND address = $2`, IdentityMailDomain, resetAddress)
	if err != nil {
		return err
	}
	return logMail(ctx, tx, IdentityMailDomain, resetAddress, logPasswordReset, now.Add(-2*time.Hour))
}

func logMail(ctx context.Context, q querier, domain, address, kind string, at time.Time) error {
	_, err := q.ExecContext(ctx, `INSERT INTO mail_log (domain, address, kind, at) VALUES ($1, $2, $3, $4)`,
		domain, canonical(address), kind, millis(at))
	return err
}

// PasswordResets tells when each of the two mail domains last sent address a password reset since a
// moment; zero for never.
func (p *Portal) PasswordResets(ctx context.Context, address account.Address, since time.Time) (account.Resets, error) {
	last := func(domain string) (time.Time, error) {
		var at int64
		err := p.db.QueryRowContext(ctx, `SELECT coalesce(max(at), 0) FROM mail_log
			WHERE domain = $1 AND address = $2 AND kind = $3 AND at >= $4`,
			domain, address.Canonical(), logPasswordReset, millis(since)).Scan(&at)
		return fromMillis(at), err
	}
	identity, identityErr := last(IdentityMailDomain)
	portal, portalErr := last(PortalMailDomain)
	if err := errors.Join(identityErr, portalErr); err != nil {
		return account.Resets{}, err
	}
	return account.Resets{Identity: identity, From: IdentityMailDomain, Portal: portal}, nil
}
