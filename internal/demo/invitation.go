package demo

import (
	"database/sql"
	"net/http"
	"slices"
	"time"

	"latchkey/internal/account"
)

// invitationLife is how long an invitation can be accepted.
const invitationLife = 7 * 24 * time.Hour

// acceptInvitation makes a member of who was invited, unless they are a member somewhere else: an account
// is in one billing account at a time.
func (p *Portal) acceptInvitation(w http.ResponseWriter, r *http.Request, a account.Account) error {
	if len(a.BillingAccounts) > 0 {
		return p.home(w, a, http.StatusConflict, homePage{Fault: "two-billing-accounts"})
	}
	id := r.PostFormValue("billing_account")
	open := func(i account.Invitation) bool {
		return i.BillingAccount == id && i.State == account.InvitationOpen && p.cfg.Now().Sub(i.CreatedAt) <= invitationLife
	}
	if !slices.ContainsFunc(a.Invitations, open) {
		return p.home(w, a, http.StatusConflict, homePage{Fault: "invitation"})
	}
	err := inTx(r.Context(), p.db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(r.Context(), `INSERT INTO memberships (account_id, billing_account_id, role)
			VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, a.ID, id, account.RoleManager)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(r.Context(), `UPDATE invitations SET state = $3 WHERE billing_account_id = $1 AND canonical = $2`,
			id, canonical(a.Email), account.InvitationAccepted)
		return err
	})
	if err != nil {
		return err
	}
	return seeOther(w, r, "/customers?done=joined")
}
