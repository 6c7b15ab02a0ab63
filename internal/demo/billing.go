package demo

import (
	"context"
	"database/sql"

	"latchkey/internal/customerportal"
)

// billingRelations finds the billing accounts that know an address, without their names.
func billingRelations(ctx context.Context, q querier, parameter, canonical string) ([]customerportal.BillingAccount, error) {
	query := `SELECT id, 'sold-to', NULL, created_at FROM billing_accounts WHERE sold_to = $1
		UNION ALL SELECT id, 'bill-to', NULL, created_at FROM billing_accounts WHERE bill_to = $1 ORDER BY 1, 2 DESC`
	if parameter == "invited_email" {
		query = `SELECT billing_account_id, 'invited', state, created_at FROM invitations WHERE canonical = $1 ORDER BY 1`
	}
	rows, err := q.QueryContext(ctx, query, canonical)
	found, err := collect(rows, err, func(r *sql.Rows) (customerportal.BillingAccount, error) {
		var b customerportal.BillingAccount
		var at int64
		err := r.Scan(&b.ID, &b.Relation, &b.InvitationState, &at)
		b.CreatedAt = fromMillis(at)
		return b, err
	})
	if found == nil {
		found = []customerportal.BillingAccount{}
	}
	return found, err
}
