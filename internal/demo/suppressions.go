package demo

import (
	"context"
	"database/sql"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// Suppressions are the lists of the portal's own mail service. Only its admin takes an address off them.
func (p *Portal) Suppressions() recovery.Suppressions { return suppressionLists{p.db} }

type suppressionLists struct{ db *sql.DB }

// Of implements recovery.Suppressions.
func (l suppressionLists) Of(ctx context.Context, address string) ([]account.Suppression, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT list, code, since FROM suppressions WHERE address = $1 ORDER BY list`, canonical(address))
	return collect(rows, err, func(r *sql.Rows) (s account.Suppression, err error) {
		var since int64
		err = r.Scan(&s.List, &s.Code, &since)
		s.Since = fromMillis(since)
		return s, err
	})
}

func insertSuppression(ctx context.Context, q querier, address string, s account.Suppression) error {
	_, err := q.ExecContext(ctx, `INSERT INTO suppressions (address, list, code, since)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, canonical(address), s.List, s.Code, millis(s.Since))
	return err
}
