package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func (t *tx) InsertDelivery(ctx context.Context, d recovery.Delivery) error {
	return wrap("insert delivery", t.q.InsertDelivery(ctx, queries.InsertDeliveryParams{
		ID: d.ID, Kind: string(d.Kind), CaseID: d.CaseID, ChallengeID: d.ChallengeID, AsideID: d.AsideID,
		NoticeID: d.NoticeID, AccountID: d.AccountID, State: string(d.State), Refusal: string(d.Refusal),
		Reason: string(d.Reason), Attempts: int64(d.Attempts), CreatedAt: millis(d.CreatedAt),
		DueAt: millis(d.DueAt), AcceptedAt: millis(d.AcceptedAt), ChangedAt: millis(d.ChangedAt),
		ProviderID: d.ProviderID, Seq: t.next(), Channel: string(d.Kind.Channel()), Browser: d.Browser,
	}))
}

// Deliveries locks the case: who counts its mails may be about to add one.
func (t *tx) Deliveries(ctx context.Context, caseID string) ([]recovery.Delivery, error) {
	if err := t.lock(ctx, caseID); err != nil {
		return nil, err
	}
	return t.reader.Deliveries(ctx, caseID)
}

func (t *tx) FailQueued(
	ctx context.Context, caseID string, reason recovery.Reason, now time.Time,
) error {
	return wrap("fail queued", t.q.FailQueued(ctx, queries.FailQueuedParams{
		CaseID: caseID, Reason: string(reason), Now: millis(now),
	}))
}

// SetState moves a delivery on, a queued one too: news of it can overtake the worker that is recording
// its acceptance. News for an unknown delivery, or from before what is known, is dropped.
func (t *tx) SetState(
	ctx context.Context, deliveryID string, state recovery.State, reason recovery.Reason, now time.Time,
) (moved recovery.Kind, err error) {
	kind, err := t.q.MoveDelivery(ctx, queries.MoveDeliveryParams{
		ID: deliveryID, State: string(state), Reason: string(reason), Now: millis(now),
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return recovery.Kind(kind), wrap("set state", err)
}

func (t *tx) InsertOtherNotice(ctx context.Context, n recovery.OtherNotice) error {
	return wrap("insert notice", t.q.InsertOtherNotice(ctx, queries.InsertOtherNoticeParams{
		ID: n.ID, Address: n.Address, AddressHash: n.AddressHash, AskedDomain: n.AskedDomain,
		CreatedAt: millis(n.CreatedAt),
	}))
}
