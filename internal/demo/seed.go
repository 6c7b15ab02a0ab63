package demo

import (
	"context"
	"database/sql"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
)

// seed writes the customers that are not there yet. What a customer has changed stays as it is, so that
// a repaired account is still repaired after a restart.
func seed(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, p := range people(now) {
		if err := seedPerson(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func seedPerson(ctx context.Context, tx *sql.Tx, p person) error {
	if p.spare != nil {
		if err := insertIdentity(ctx, tx, *p.spare); err != nil {
			return err
		}
	}
	if b := p.elsewhere; b != nil {
		if err := insertBillingAccount(ctx, tx, b.id, b.name, b.contact, p.account.CreatedAt); err != nil {
			return err
		}
	}
	for _, a := range p.accounts() {
		if err := insertAccount(ctx, tx, a); err != nil {
			return err
		}
	}
	if p.suppressed != nil {
		return insertSuppression(ctx, tx, p.Address, *p.suppressed)
	}
	return nil
}

func insertIdentity(ctx context.Context, q querier, i account.Identity) error {
	_, err := q.ExecContext(ctx, `INSERT INTO identities
		(subject, provider, username, email, canonical, email_verified, state, password_enabled, two_factor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		i.Subject, i.Provider, i.Username, i.Email, canonical(i.Email), i.EmailVerified, i.State, i.PasswordEnabled, i.TwoFactor)
	return err
}

// insertAccount writes an account with everything that belongs to it. Its address is the Sold To and the
// Bill To contact of its billing accounts.
func insertAccount(ctx context.Context, q querier, a account.Account) error {
	var subject any
	if a.Identity != nil {
		if err := insertIdentity(ctx, q, *a.Identity); err != nil {
			return err
		}
		subject = a.Identity.Subject
	}
	address, err := account.ParseAddress(a.Email)
	if err != nil {
		return err
	}
	result, err := q.ExecContext(ctx, `INSERT INTO accounts
		(id, email, canonical, domain, skeleton, name, created_at, confirmed_at, unconfirmed_email, sign_in_enabled, origin, last_sign_in_at, subject)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		a.ID, a.Email, address.Canonical(), address.Domain(), customerportal.Skeleton(address), a.Name, millis(a.CreatedAt), millis(a.ConfirmedAt),
		a.UnconfirmedEmail, a.SignInEnabled, a.Origin, millis(a.LastSignInAt), subject)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return insertBilling(ctx, q, a)
}

func insertBilling(ctx context.Context, q querier, a account.Account) error {
	for _, m := range a.BillingAccounts {
		if err := insertBillingAccount(ctx, q, m.ID, m.Name, a.Email, a.CreatedAt); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO memberships (account_id, billing_account_id, role)
			VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, a.ID, m.ID, m.Role)
		if err != nil {
			return err
		}
		for _, s := range a.Subscriptions {
			_, err := q.ExecContext(ctx, `INSERT INTO subscriptions (billing_account_id, name, applied)
				VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, m.ID, s.Name, s.Applied)
			if err != nil {
				return err
			}
		}
	}
	return insertInvitations(ctx, q, a)
}

func insertBillingAccount(ctx context.Context, q querier, id, name, contact string, created time.Time) error {
	_, err := q.ExecContext(ctx, `INSERT INTO billing_accounts (id, name, sold_to, bill_to, created_at)
		VALUES ($1, $2, $3, $3, $4) ON CONFLICT DO NOTHING`, id, name, canonical(contact), millis(created))
	return err
}

func insertInvitations(ctx context.Context, q querier, a account.Account) error {
	for _, i := range a.Invitations {
		_, err := q.ExecContext(ctx, `INSERT INTO invitations (billing_account_id, canonical, state, created_at)
			VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, i.BillingAccount, canonical(a.Email), i.State, millis(i.CreatedAt))
		if err != nil {
			return err
		}
	}
	return nil
}
