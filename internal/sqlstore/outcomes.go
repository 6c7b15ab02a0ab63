package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func (r reader) Unchecked(
	ctx context.Context, before time.Time, after recovery.CheckPoint, limit int,
) ([]recovery.Case, error) {
	rows, err := r.q.UncheckedCases(ctx, queries.UncheckedCasesParams{
		Before: millis(before), AfterAt: millis(after.Proven), AfterID: after.CaseID, AtMost: atMost(limit),
	})
	return each("unchecked cases", rows, err, caseOf)
}

func (r reader) ProvenAddresses(ctx context.Context, c recovery.Case) ([]recovery.ProvenAddress, error) {
	hashes, err := r.q.ProvenHashes(ctx, c.Reference)
	if err != nil {
		return nil, wrap("proven addresses", err)
	}
	var proven []recovery.ProvenAddress
	for _, hash := range hashes {
		a := recovery.ProvenAddress{Hash: hash, Address: c.Address}
		if hash != c.AddressHash {
			a.Address, err = r.q.AddressOfHash(ctx, hash)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, wrap("proven addresses", err)
		}
		proven = append(proven, a)
	}
	return proven, nil
}

func (r reader) FirstHandOff(
	ctx context.Context, c recovery.Case, addressHash string, from, until time.Time,
) (time.Time, error) {
	first, err := r.q.FirstHandOff(ctx, queries.FirstHandOffParams{
		AddressHash: addressHash, Since: millis(from), Until: millis(until), CaseID: c.ID,
	})
	return moment(first), wrap("first hand-off", err)
}

func (t *tx) CountUnpressed(ctx context.Context, caseID string, n int) error {
	return wrap("count unpressed", t.q.CountUnpressed(ctx, queries.CountUnpressedParams{ID: caseID, N: int64(n)}))
}
