package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/sqlstore/queries"
)

func (t *tx) Count(ctx context.Context, key string, bucket time.Time, n int, expires time.Time) error {
	return wrap("count", t.q.Count(ctx, queries.CountParams{
		Name: key, Bucket: millis(bucket), N: int64(n), ExpiresAt: millis(expires),
	}))
}

func (t *tx) HoldCounter(ctx context.Context, key string) error {
	if !t.locks {
		return nil
	}
	return wrap("hold counter", t.q.HoldCounter(ctx, key))
}

func (t *tx) CountAside(ctx context.Context, key string, bucket time.Time, n int, expires time.Time) error {
	return wrap("count aside", t.q.CountAside(ctx, queries.CountAsideParams{
		Name: key, Bucket: millis(bucket), N: int64(n), ExpiresAt: millis(expires),
	}))
}

func (t *tx) CountBoth(ctx context.Context, keys [2]string, bucket time.Time, n int, expires time.Time) error {
	err := t.q.CountBoth(ctx, queries.CountBothParams{
		Name: keys[0], Name_2: keys[1], Bucket: millis(bucket), N: int64(n), ExpiresAt: millis(expires),
	})
	if err != nil || n >= 0 {
		return wrap("count both", err)
	}
	return wrap("drop what is not counted", t.q.DropUncounted(ctx, queries.DropUncountedParams{
		First: keys[0], Second: keys[1], Bucket: millis(bucket),
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
