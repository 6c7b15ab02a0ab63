package demo

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
)

// errNoAccount: no account has the id.
var errNoAccount = errors.New("demo: no such account")

const accountColumns = `SELECT a.id, a.email, a.name, a.created_at, a.confirmed_at, a.unconfirmed_email,
  a.sign_in_enabled, a.origin, a.last_sign_in_at,
  i.subject, i.provider, i.username, i.email, i.email_verified, i.state, i.password_enabled, i.two_factor
  FROM accounts a LEFT JOIN identities i ON i.subject = a.subject `

// accountsWhere loads whole accounts in the order of their ids.
func accountsWhere(ctx context.Context, q querier, where string, args ...any) ([]account.Account, error) {
	rows, err := q.QueryContext(ctx, accountColumns+"WHERE "+where+" ORDER BY a.id", args...)
	found, err := collect(rows, err, scanAccount)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if err := loadBilling(ctx, q, &found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func accountByID(ctx context.Context, q querier, id string) (account.Account, error) {
	found, err := accountsWhere(ctx, q, "a.id = $1", id)
	if err != nil {
		return account.Account{}, err
	}
	if len(found) == 0 {
		return account.Account{}, errNoAccount
	}
	return found[0], nil
}

func scanAccount(rows *sql.Rows) (account.Account, error) {
	var a account.Account
	var created, confirmed, signedIn int64
	var subject, provider, username, email, state sql.NullString
	var verified, password, twoFactor sql.NullBool
	err := rows.Scan(&a.ID, &a.Email, &a.Name, &created, &confirmed, &a.UnconfirmedEmail,
		&a.SignInEnabled, &a.Origin, &signedIn,
		&subject, &provider, &username, &email, &verified, &state, &password, &twoFactor)
	a.CreatedAt, a.ConfirmedAt, a.LastSignInAt = fromMillis(created), fromMillis(confirmed), fromMillis(signedIn)
	if subject.Valid {
		a.Identity = &account.Identity{
			Provider: provider.String, Subject: subject.String, Username: username.String, Email: email.String,
			EmailVerified: verified.Bool, State: account.IdentityState(state.String),
			PasswordEnabled: password.Bool, TwoFactor: twoFactor.Bool,
		}
	}
	return a, err
}

func loadBilling(ctx context.Context, q querier, a *account.Account) error {
	rows, err := q.QueryContext(ctx, `SELECT b.id, b.name, m.role FROM memberships m
		JOIN billing_accounts b ON b.id = m.billing_account_id WHERE m.account_id = $1 ORDER BY b.id`, a.ID)
	a.BillingAccounts, err = collect(rows, err, func(r *sql.Rows) (m account.Membership, err error) {
		err = r.Scan(&m.ID, &m.Name, &m.Role)
		return m, err
	})
	if err != nil {
		return err
	}
	rows, err = q.QueryContext(ctx, `SELECT s.name, s.applied FROM memberships m
		JOIN subscriptions s ON s.billing_account_id = m.billing_account_id WHERE m.account_id = $1 ORDER BY s.name`, a.ID)
	a.Subscriptions, err = collect(rows, err, func(r *sql.Rows) (s account.Subscription, err error) {
		err = r.Scan(&s.Name, &s.Applied)
		return s, err
	})
	if err != nil {
		return err
	}
	rows, err = q.QueryContext(ctx, `SELECT billing_account_id, state, created_at FROM invitations
		WHERE canonical = $1 ORDER BY created_at`, canonical(a.Email))
	a.Invitations, err = collect(rows, err, func(r *sql.Rows) (account.Invitation, error) {
		var i account.Invitation
		var at int64
		err := r.Scan(&i.BillingAccount, &i.State, &at)
		i.CreatedAt = fromMillis(at)
		return i, err
	})
	return err
}

const identityColumns = `SELECT subject, provider, username, email, email_verified, state, password_enabled, two_factor FROM identities `

// identities lists everybody at the demo's GitLab.com.
func identities(ctx context.Context, q querier) ([]account.Identity, error) {
	rows, err := q.QueryContext(ctx, identityColumns+"ORDER BY username")
	return collect(rows, err, scanIdentity)
}

// identityBySubject finds one of them; errNoPage if there is none, since only a made-up form names it.
func identityBySubject(ctx context.Context, q querier, subject string) (account.Identity, error) {
	rows, err := q.QueryContext(ctx, identityColumns+"WHERE subject = $1", subject)
	found, err := collect(rows, err, scanIdentity)
	if err != nil {
		return account.Identity{}, err
	}
	if len(found) == 0 {
		return account.Identity{}, errNoPage
	}
	return found[0], nil
}

func scanIdentity(r *sql.Rows) (i account.Identity, err error) {
	err = r.Scan(&i.Subject, &i.Provider, &i.Username, &i.Email, &i.EmailVerified, &i.State, &i.PasswordEnabled, &i.TwoFactor)
	return i, err
}

// setEmail writes an account's address and what follows from it.
func setEmail(ctx context.Context, q querier, id, email string, confirmed time.Time) error {
	address, err := account.ParseAddress(email)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `UPDATE accounts SET email = $2, canonical = $3, domain = $4, skeleton = $5,
		confirmed_at = $6, unconfirmed_email = '' WHERE id = $1`,
		id, email, address.Canonical(), address.Domain(), customerportal.Skeleton(address), millis(confirmed))
	return err
}
