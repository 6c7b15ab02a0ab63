package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/sqlstore/queries"
)

func (t *tx) PutSeal(ctx context.Context, seal string, at time.Time) error {
	return wrap("put seal", t.q.PutSeal(ctx, queries.PutSealParams{Seal: seal, At: millis(at)}))
}

func (r reader) Seals(ctx context.Context) ([]string, error) {
	all, err := r.q.Seals(ctx)
	return all, wrap("seals", err)
}
