package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func (t *tx) InsertChallenge(ctx context.Context, c recovery.Challenge) error {
	return wrap("insert challenge", t.q.InsertChallenge(ctx, queries.InsertChallengeParams{
		ID: c.ID, KeyID: c.KeyID, Purpose: string(c.Purpose), CaseID: c.CaseID, Address: c.Address,
		AddressHash: c.AddressHash, AccountID: c.AccountID, CreatedAt: millis(c.CreatedAt),
		ExpiresAt: millis(c.ExpiresAt), Tries: int64(c.Tries), UsedAt: millis(c.UsedAt),
		ClaimedUntil: millis(c.ClaimedUntil), Seq: t.next(), Elsewhere: t.elsewhere(c),
	}))
}

// elsewhere is 0 for a challenge that is found by the case that this transaction has made with its address, 1
// for all others.
func (t *tx) elsewhere(c recovery.Challenge) int64 {
	if c.CaseID == t.made.ID && c.AddressHash == t.made.AddressHash {
		return 0
	}
	return 1
}

func (t *tx) CountTry(
	ctx context.Context, caseID string, limit int, now time.Time,
) ([]recovery.Challenge, error) {
	rows, err := t.q.CountTry(ctx, queries.CountTryParams{
		CaseID: caseID, Now: millis(now), TriesLimit: int64(limit),
	})
	if len(rows) > 0 {
		t.counted = caseID
	}
	return each("count try", rows, err, challengeOf)
}

func (r reader) CodeSpent(
	ctx context.Context, addressHash string, now time.Time, key string, from time.Time,
) (stopped bool, n int, err error) {
	row, err := r.q.CodeSpent(ctx, queries.CodeSpentParams{
		AddressHash: addressHash, Now: millis(now), Name: key, Start: millis(from),
	})
	return row.Stopped, int(row.N), wrap("code spent", err)
}

func (t *tx) UseCounted(ctx context.Context, id string, now time.Time) error {
	_, err := t.UseChallenge(certainly(ctx), id, now)
	return err
}

func (t *tx) UseChallenge(ctx context.Context, id string, now time.Time) (bool, error) {
	rows, err := t.q.UseChallenge(ctx, queries.UseChallengeParams{ID: id, Now: millis(now)})
	return hit("use challenge", rows, err)
}

func (t *tx) ClaimChallenge(ctx context.Context, id string, now, until time.Time) (bool, error) {
	rows, err := t.q.ClaimChallenge(ctx, queries.ClaimChallengeParams{
		ID: id, Now: millis(now), Until: millis(until),
	})
	return hit("claim challenge", rows, err)
}

func (t *tx) ReleaseChallenge(ctx context.Context, id string) error {
	return wrap("release challenge", t.q.ReleaseChallenge(ctx, id))
}

func (t *tx) EndChallenges(
	ctx context.Context, caseID string, kept recovery.Purpose, now time.Time,
) error {
	return wrap("end challenges", t.q.EndChallenges(ctx, queries.EndChallengesParams{
		CaseID: caseID, Kept: string(kept), Now: millis(now),
	}))
}
