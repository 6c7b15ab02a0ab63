package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func requestOf(r queries.IdentityRequest) recovery.IdentityRequest {
	return recovery.IdentityRequest{
		ID: r.ID, KeyID: r.KeyID, Lineage: r.Lineage, CaseID: r.CaseID,
		CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt), UsedAt: moment(r.UsedAt),
	}
}

func identityProofOf(r queries.IdentityProof) recovery.IdentityProof {
	return recovery.IdentityProof{
		Lineage: r.Lineage, Provider: r.Provider, Subject: r.Subject, Issuer: r.Issuer, CaseID: r.CaseID,
		Email: r.Email, EmailHash: r.EmailHash,
		At: moment(r.At), SeenAt: moment(r.SeenAt), ExpiresAt: moment(r.ExpiresAt),
	}
}

func (r reader) IdentityRequest(ctx context.Context, id string) (recovery.IdentityRequest, error) {
	row, err := r.q.IdentityRequestByID(ctx, id)
	return requestOf(row), wrap("identity request", err)
}

func (r reader) IdentityProofs(
	ctx context.Context, lineage string, now time.Time,
) ([]recovery.IdentityProof, error) {
	rows, err := r.q.IdentityProofsOfLineage(ctx, queries.IdentityProofsOfLineageParams{
		Lineage: lineage, Now: millis(now),
	})
	return each("identity proofs", rows, err, identityProofOf)
}

func (r reader) CaseIdentityProofs(ctx context.Context, caseID string) ([]recovery.IdentityProof, error) {
	rows, err := r.q.IdentityProofsOfCase(ctx, caseID)
	return each("identity proofs of a case", rows, err, identityProofOf)
}

func (t *tx) InsertIdentityRequest(ctx context.Context, r recovery.IdentityRequest) error {
	return wrap("insert identity request", t.q.InsertIdentityRequest(ctx, queries.InsertIdentityRequestParams{
		ID: r.ID, KeyID: r.KeyID, Lineage: r.Lineage, CaseID: r.CaseID,
		CreatedAt: millis(r.CreatedAt), ExpiresAt: millis(r.ExpiresAt),
	}))
}

func (t *tx) UseIdentityRequest(ctx context.Context, id string, now time.Time) (bool, error) {
	rows, err := t.q.UseIdentityRequest(ctx, queries.UseIdentityRequestParams{ID: id, Now: millis(now)})
	return hit("use identity request", rows, err)
}

func (t *tx) PutIdentityProof(ctx context.Context, p recovery.IdentityProof) error {
	return wrap("put identity proof", t.q.PutIdentityProof(ctx, queries.PutIdentityProofParams{
		Lineage: p.Lineage, Provider: p.Provider, Subject: p.Subject, Issuer: p.Issuer, CaseID: p.CaseID,
		Email: p.Email, EmailHash: p.EmailHash,
		At: millis(p.At), SeenAt: millis(p.SeenAt), ExpiresAt: millis(p.ExpiresAt), Seq: t.next(),
	}))
}

func (t *tx) TouchIdentityProof(ctx context.Context, p recovery.IdentityProof, seen time.Time) error {
	return wrap("touch identity proof", t.q.TouchIdentityProof(ctx, queries.TouchIdentityProofParams{
		SeenAt: millis(seen), Lineage: p.Lineage, Provider: p.Provider, Subject: p.Subject,
	}))
}
