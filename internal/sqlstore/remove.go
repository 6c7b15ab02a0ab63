package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// Sweep takes at most limit cases, each with all that is its own, and at most limit rows of every other
// table. A case is past its retention when its newest row is.
func (t *tx) Sweep(
	ctx context.Context, now time.Time, keep recovery.Retention, limit int,
) (int, error) {
	oldest := now.Add(-keep.Cases)
	err := t.q.DoomOld(ctx, queries.DoomOldParams{
		Before: millis(oldest), Now: millis(now), AtMost: atMost(limit),
	})
	if err != nil {
		return 0, wrap("sweep cases", err)
	}
	if err := t.lockDoomed(ctx); err != nil {
		return 0, err
	}
	total, _, err := t.removeDoomed(ctx)
	if err != nil {
		return 0, wrap("sweep cases", err)
	}
	for _, sweep := range t.sweeps(now, keep, atMost(limit)) {
		rows, err := sweep(ctx)
		if err != nil {
			return 0, wrap("sweep", err)
		}
		total += rows
	}
	return int(total), nil
}

// lockDoomed waits for whoever is still writing to the cases that are about to go.
func (t *tx) lockDoomed(ctx context.Context) error {
	if !t.locks {
		return nil
	}
	return wrap("lock cases", t.q.LockDoomed(ctx))
}

// sweeps are the tables that do not go with a case.
func (t *tx) sweeps(
	now time.Time, keep recovery.Retention, limit int32,
) []func(context.Context) (int64, error) {
	sessions, audit := millis(now.Add(-keep.Sessions)), millis(now.Add(-keep.Audit))
	notices := millis(now.Add(-keep.Cases))
	return []func(context.Context) (int64, error){
		with(t.q.SweepSessions, queries.SweepSessionsParams{Before: sessions, AtMost: limit}),
		with(t.q.SweepProofs, queries.SweepProofsParams{Before: sessions, AtMost: limit}),
		with(t.q.SweepIdentityProofs, queries.SweepIdentityProofsParams{Before: sessions, AtMost: limit}),
		with(t.q.SweepIdentityRequests, queries.SweepIdentityRequestsParams{Before: sessions, AtMost: limit}),
		with(t.q.SweepAgentSessions, queries.SweepAgentSessionsParams{Before: sessions, AtMost: limit}),
		with(t.q.SweepAudit, queries.SweepAuditParams{Before: audit, AtMost: limit}),
		with(t.q.SweepNotices, queries.SweepNoticesParams{Before: notices, AtMost: limit}),
		with(t.q.SweepCounters, queries.SweepCountersParams{Now: millis(now), AtMost: limit}),
		with(t.q.SweepClaims, queries.SweepClaimsParams{Now: millis(now), AtMost: limit}),
		with(t.q.SweepStops, queries.SweepStopsParams{Now: millis(now), AtMost: limit}),
	}
}

func with[Params any](
	query func(context.Context, Params) (int64, error), params Params,
) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) { return query(ctx, params) }
}

// Erase finds a person's cases by every row that holds the address's hash, the audit trail included: it
// alone still knows of an address that a case had once. The prefill of a session has no hash beside it,
// so all of them go, which costs their owners a field filled in.
func (t *tx) Erase(ctx context.Context, addressHash string) (int, error) {
	if addressHash == "" {
		return 0, nil // what was erased before has this hash
	}
	if err := t.q.DoomAddress(ctx, addressHash); err != nil {
		return 0, wrap("erase", err)
	}
	if err := t.lockDoomed(ctx); err != nil {
		return 0, err
	}
	if err := t.forget(ctx, addressHash); err != nil {
		return 0, wrap("erase", err)
	}
	_, cases, err := t.removeDoomed(ctx)
	return int(cases), wrap("erase", err)
}

// forget removes what holds the address outside its cases.
func (t *tx) forget(ctx context.Context, addressHash string) error {
	if err := t.q.ForgetAuditOfDoomed(ctx); err != nil {
		return err
	}
	err := inTurn(ctx, addressHash,
		t.q.ForgetAuditOfAddress, t.q.DeleteDeliveriesToAddress, t.q.DeleteNoticesToAddress,
		t.q.DeleteProofsOfAddress, t.q.DeleteIdentityProofsOfEmail, t.q.ForgetSought)
	if err != nil {
		return err
	}
	return t.q.ForgetPrefills(ctx)
}

// removeDoomed removes the cases written to doomed and returns how many rows, and how many cases, went.
// What refers to a row goes before it.
func (t *tx) removeDoomed(ctx context.Context) (total, cases int64, err error) {
	for _, remove := range []func(context.Context) (int64, error){
		t.q.DeleteDoomedProofs, t.q.DeleteDoomedIdentityProofs, t.q.DeleteDoomedIdentityRequests,
		t.q.DeleteDoomedSessions, t.q.DeleteDoomedNotices, t.q.DeleteDoomedDeliveries, t.q.DeleteDoomedChallenges,
		t.q.DeleteDoomedHandOffs, t.q.DeleteDoomedFound, t.q.DeleteDoomedCases,
	} {
		if cases, err = remove(ctx); err != nil {
			return 0, 0, err
		}
		total += cases
	}
	_, err = t.q.ClearDoomed(ctx)
	return total, cases, err
}
