package sqlstore

import (
	"context"
	"fmt"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func (t *tx) Count(ctx context.Context, key string, bucket time.Time, n int, expires time.Time) error {
	return wrap("count", t.q.Count(ctx, queries.CountParams{
		Name: key, Bucket: millis(bucket), N: int64(n), ExpiresAt: millis(expires),
	}))
}

func (t *tx) CountAll(ctx context.Context, keys []string, bucket time.Time, n int, expires time.Time) error {
	var at [recovery.MostCounts]string // "" counts nothing
	if copy(at[:], keys) < len(keys) {
		return fmt.Errorf("sqlstore: %d counters at once, %d at most", len(keys), len(at))
	}
	return wrap("count all", t.q.CountAll(ctx, queries.CountAllParams{
		First: at[0], Second: at[1], Third: at[2],
		Bucket: millis(bucket), N: int64(n), ExpiresAt: millis(expires),
	}))
}

func (t *tx) Claim(ctx context.Context, name string, now, until time.Time) (bool, error) {
	rows, err := t.q.Claim(ctx, queries.ClaimParams{Name: name, Now: millis(now), Until: millis(until)})
	return hit("claim", rows, err)
}

func (t *tx) Release(ctx context.Context, name string) error {
	return wrap("release", t.q.Release(ctx, name))
}

func (t *tx) PutStop(ctx context.Context, addressHash string, until time.Time) error {
	return wrap("put stop", t.q.PutStop(ctx, queries.PutStopParams{
		AddressHash: addressHash, EndsAt: millis(until),
	}))
}

func (t *tx) LiftStop(ctx context.Context, addressHash string) error {
	return wrap("lift stop", t.q.LiftStop(ctx, addressHash))
}
