package demo

import (
	"context"
	"database/sql"
	"strings"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
)

// LookUp is what a look-up of the API asks of the database, by its parameter: the number of rows found.
func (p *Portal) LookUp(ctx context.Context, parameter, value string) (int, error) {
	if parameter == "contact_email" || parameter == "invited_email" {
		found, err := billingRelations(ctx, p.db, parameter, canonical(value))
		return len(found), err
	}
	found, err := accountsBy(ctx, p.db, parameter, value)
	return len(found), err
}

// AddAccount writes a further account with its identity, memberships and invitations, if none has its id.
func (p *Portal) AddAccount(ctx context.Context, a account.Account) error {
	return inTx(ctx, p.db, func(tx *sql.Tx) error { return insertAccount(ctx, tx, a) })
}

// Account is the account with this id as it stands now.
func (p *Portal) Account(ctx context.Context, id string) (account.Account, error) {
	return accountByID(ctx, p.db, id)
}

// Fill writes accounts, many to a transaction.
func (p *Portal) Fill(ctx context.Context, accounts func(yield func(account.Account) bool)) error {
	return inTx(ctx, p.db, func(tx *sql.Tx) (err error) {
		for a := range accounts {
			if err = insertAccount(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// Plans tells how SQLite goes about each statement of a look-up, step by step.
func (p *Portal) Plans(ctx context.Context, parameter, value string) ([]string, error) {
	q := &explainer{querier: p.db}
	var err error
	switch address, bad := account.ParseAddress(value); {
	case parameter == "contact_email" || parameter == "invited_email":
		_, err = billingRelations(ctx, q, parameter, canonical(value))
	case parameter == "similar_to" && bad == nil:
		_, err = similar(ctx, q, address)
		if err == nil { // as in a large domain
			err = drain(sameSkeleton(ctx, q, address.Domain(), customerportal.Skeleton(address)))
		}
	default:
		_, err = accountsBy(ctx, q, parameter, value)
	}
	return q.steps, err
}

func drain(rows *sql.Rows, err error) error {
	_, err = collect(rows, err, func(*sql.Rows) (struct{}, error) { return struct{}{}, nil })
	return err
}

// explainer asks for the plan of each statement before it is made.
type explainer struct {
	querier
	steps []string
}

func (e *explainer) explain(ctx context.Context, query string, args []any) error {
	rows, err := e.querier.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	steps, err := collect(rows, err, func(r *sql.Rows) (string, error) {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		return detail, err
	})
	for _, s := range steps {
		e.steps = append(e.steps, s+"   ("+strings.Join(strings.Fields(query), " ")+")")
	}
	return err
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := e.explain(ctx, query, args); err != nil {
		return nil, err
	}
	return e.querier.QueryContext(ctx, query, args...)
}

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = e.explain(ctx, query, args)
	return e.querier.QueryRowContext(ctx, query, args...)
}
