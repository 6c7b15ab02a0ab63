package recovery

import (
	"context"
	"time"
)

// IdentityRequest is a sign-in at the identity provider that a browser was sent to. Its state, nonce and
// verifier are derived from ID and the key KeyID; none is stored.
type IdentityRequest struct {
	ID        string // 128 random bits, in hex
	KeyID     string
	Lineage   string // of the session that it belongs to: no other browser may finish it
	CaseID    string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}

// IdentityProof says that a browser's customer signed in to an identity: then the identity is theirs, and
// the accounts linked to it may be named to them (R2). It proves no mailbox. Like a Proof it belongs to the
// session.
type IdentityProof struct {
	Lineage   string
	Provider  string // what account data calls the provider
	Subject   string // the identity's id there
	Issuer    string // who vouched for it: an OpenID Connect issuer
	CaseID    string
	Email     string // "" for none, or none that the issuer calls verified
	EmailHash string // of Email
	At        time.Time
	SeenAt    time.Time // moves the idle end
	ExpiresAt time.Time // the absolute end
}

// valid reports whether the proof holds at now, given the longest idle time.
func (p IdentityProof) valid(now time.Time, idle time.Duration) bool {
	return now.Before(p.ExpiresAt) && now.Before(p.SeenAt.Add(idle))
}

// IdentityReader is the part of Reader about identities.
type IdentityReader interface {
	IdentityRequest(ctx context.Context, id string) (IdentityRequest, error)
	// IdentityProofs are those of a session that are not past their absolute end, newest first.
	IdentityProofs(ctx context.Context, lineage string, now time.Time) ([]IdentityProof, error)
	// CaseIdentityProofs are all ever made in a case that are still stored, oldest first.
	CaseIdentityProofs(ctx context.Context, caseID string) ([]IdentityProof, error)
}

// IdentityWriter is the part of Tx about identities. What ends, sweeps or erases sessions and cases does
// so to their requests and proofs too; an Email erased takes its proof, and the case of that, along.
type IdentityWriter interface {
	InsertIdentityRequest(ctx context.Context, r IdentityRequest) error
	// UseIdentityRequest sets UsedAt; false if it was used already or has expired.
	UseIdentityRequest(ctx context.Context, id string, now time.Time) (bool, error)
	// PutIdentityProof inserts or replaces by Lineage, Provider and Subject.
	PutIdentityProof(ctx context.Context, p IdentityProof) error
	// TouchIdentityProof moves SeenAt of the proof with p's Lineage, Provider and Subject.
	TouchIdentityProof(ctx context.Context, p IdentityProof, seen time.Time) error
}
