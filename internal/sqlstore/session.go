package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// sessionOf reads a row. Held and Arrival are JSON, since nothing ever looks for what is in it.
func sessionOf(r queries.Session) (recovery.Session, error) {
	s := recovery.Session{
		Lineage: r.Lineage, IDHash: r.IDHash, CaseID: r.CaseID, Prefill: r.Prefill, Draft: r.Draft,
		CreatedAt: moment(r.CreatedAt), SeenAt: moment(r.SeenAt), ExpiresAt: moment(r.ExpiresAt),
		Row: &recovery.SessionRow{IDHash: r.IDHash, CaseID: r.CaseID, Prefill: r.Prefill},
	}
	err := errors.Join(readJSON(r.Held, &s.Held), readJSON(r.Arrival, &s.Arrival))
	return s, wrap("session", err)
}

func readJSON(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// jsonText is what readJSON reads; "" where there is nothing to keep, as with most sessions.
func jsonText(v any, nothing bool) (string, error) {
	if nothing {
		return "", nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

func (t *tx) PutSession(ctx context.Context, s recovery.Session) error {
	held, heldErr := jsonText(s.Held, len(s.Held) == 0)
	arrival, arrivalErr := jsonText(s.Arrival, s.Arrival == nil)
	if err := errors.Join(heldErr, arrivalErr); err != nil {
		return wrap("put session", err)
	}
	if s.Row == nil {
		return sessionTaken(wrap("insert session", t.q.InsertSession(ctx, queries.InsertSessionParams{
			Lineage: s.Lineage, IDHash: s.IDHash, CaseID: s.CaseID, Prefill: s.Prefill,
			Draft: s.Draft, Held: held, Arrival: arrival,
			CreatedAt: millis(s.CreatedAt), SeenAt: millis(s.SeenAt), ExpiresAt: millis(s.ExpiresAt),
		})))
	}
	rows, err := t.q.UpdateSession(t.failing(ctx), queries.UpdateSessionParams{
		Lineage: s.Lineage, IDHash: s.IDHash, CaseID: s.CaseID, Prefill: s.Prefill,
		Draft: s.Draft, Held: held, Arrival: arrival,
		SeenAt: millis(s.SeenAt), ExpiresAt: millis(s.ExpiresAt),
		WasIDHash: s.Row.IDHash, WasCaseID: s.Row.CaseID, WasPrefill: s.Row.Prefill,
	})
	return found("update session", rows, err)
}

func (t *tx) TouchSession(ctx context.Context, s recovery.Session) error {
	rows, err := t.q.TouchSession(t.failing(ctx), queries.TouchSessionParams{
		Lineage: s.Lineage, SeenAt: millis(s.SeenAt), ExpiresAt: millis(s.ExpiresAt), WasCaseID: s.Row.CaseID,
	})
	return found("touch session", rows, err)
}

// failing is ctx for an update that fails by itself where it misses its row, as it does on PostgreSQL.
func (t *tx) failing(ctx context.Context) context.Context {
	if t.locks {
		return certainly(ctx)
	}
	return ctx
}

// found tells an update of a session that missed its row.
func found(what string, rows int64, err error) error {
	if err == nil && rows == 0 {
		return recovery.ErrSessionTaken
	}
	return sessionTaken(wrap(what, err))
}

// sessionTaken tells what two requests of one browser can come to: a second row with one id, or on PostgreSQL an
// update that missed its row.
func sessionTaken(err error) error {
	if violates(err, "sessions_id_hash_key", "sessions.id_hash") || missed(err) {
		return recovery.ErrSessionTaken
	}
	return err
}

// missed reports whether err is that of an update of a session, which alone divides.
func missed(err error) bool { return sqlState(err) == "22012" }

// violates reports whether err is a second row's with one value. PostgreSQL names the constraint, SQLite the
// column.
func violates(err error, constraint, column string) bool {
	if err == nil {
		return false
	}
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.ConstraintName == constraint ||
		strings.Contains(err.Error(), "UNIQUE constraint failed: "+column)
}

// EndSession takes the session before its proofs, as whoever proves does.
func (t *tx) EndSession(ctx context.Context, lineage string) (bool, error) {
	rows, err := t.q.DeleteSession(ctx, lineage)
	if err == nil {
		err = inTurn(ctx, lineage,
			t.q.DeleteProofsOfLineage, t.q.DeleteIdentityProofsOfLineage, t.q.DeleteIdentityRequestsOfLineage)
	}
	return hit("end session", rows, err)
}

// EndSessions also removes the proofs made in the case that a session has taken on to another case.
func (t *tx) EndSessions(ctx context.Context, caseID string) error {
	return wrap("end sessions", inTurn(ctx, caseID,
		t.q.DeleteProofsOfCase, t.q.DeleteProofsOfCaseSessions,
		t.q.DeleteIdentityProofsOfCase, t.q.DeleteIdentityProofsOfCaseSessions,
		t.q.DeleteIdentityRequestsOfCase, t.q.DeleteIdentityRequestsOfCaseSessions,
		t.q.DeleteSessionsOfCase))
}

func (t *tx) PutProof(ctx context.Context, p recovery.Proof) error {
	return wrap("put proof", t.q.PutProof(ctx, queries.PutProofParams{
		Lineage: p.Lineage, AddressHash: p.AddressHash, CaseID: p.CaseID, Address: p.Address,
		Via: string(p.Via), At: millis(p.At), SeenAt: millis(p.SeenAt), ExpiresAt: millis(p.ExpiresAt),
		Seq: t.next(),
	}))
}

func (t *tx) TouchProof(ctx context.Context, lineage, addressHash string, seen time.Time) error {
	return wrap("touch proof", t.q.TouchProof(ctx, queries.TouchProofParams{
		SeenAt: millis(seen), Lineage: lineage, AddressHash: addressHash,
	}))
}
