package sqlstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// Lease takes up to n due jobs. It counts the attempt: a delivery that kills its worker must not be tried
// for ever as if it were new. A lease has a number, by which the rows it needs are found in a few
// queries however many jobs it holds.
func (s *Store) Lease(
	ctx context.Context, channel recovery.Channel, worker string, now, until time.Time, n int,
) (jobs []recovery.Job, err error) {
	lease := newLease()
	err = s.update(ctx, func(t *tx) error {
		taken, err := t.q.LeaseDue(ctx, queries.LeaseDueParams{
			Channel: string(channel), Worker: worker, Until: millis(until), Lease: lease, Now: millis(now), AtMost: atMost(n),
		})
		jobs = nil
		if err != nil || taken == 0 {
			return wrap("lease", err)
		}
		jobs, err = t.leased(ctx, lease)
		return wrap("leased jobs", err)
	})
	if err != nil {
		return nil, err
	}
	return jobs, nil
}

func (t *tx) leased(ctx context.Context, lease int64) ([]recovery.Job, error) {
	rows, err := t.q.LeasedDeliveries(ctx, lease)
	if err != nil {
		return nil, err
	}
	parts, err := t.parts(ctx, lease)
	if err != nil {
		return nil, err
	}
	if parts.proven, err = t.provenFor(ctx, lease, rows); err != nil {
		return nil, err
	}
	jobs := make([]recovery.Job, len(rows))
	for i, row := range rows {
		jobs[i] = parts.job(deliveryOf(row.Delivery), caseOf(row.Case))
		if jobs[i].Delivery.Kind.Ending() == "" {
			continue
		}
		if jobs[i].Found, err = t.Found(ctx, row.Case.ID); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

// provenFor are the addresses that the cases of the notes among the rows have proven.
func (t *tx) provenFor(
	ctx context.Context, lease int64, rows []queries.LeasedDeliveriesRow,
) (map[string][]string, error) {
	note := func(row queries.LeasedDeliveriesRow) bool { return recovery.Kind(row.Delivery.Kind).Ending() != "" }
	if !slices.ContainsFunc(rows, note) {
		return nil, nil
	}
	proven, err := t.q.LeasedProven(ctx, lease)
	return addressesOf(proven), err
}

// Release gives back what a worker of that name had leased when it died.
func (s *Store) Release(ctx context.Context, worker string) error {
	return s.update(ctx, func(t *tx) error { return wrap("release", t.q.ReleaseLeases(ctx, worker)) })
}

// Finish records results in the order of their ids, so that two workers never wait for each other in a
// circle. A lease that has lapsed counts as held until another takes it: the mail did go out.
func (s *Store) Finish(
	ctx context.Context, worker string, now time.Time, results map[string]recovery.Result,
) error {
	if len(results) == 0 {
		return nil
	}
	return s.update(ctx, func(t *tx) error {
		for _, id := range slices.Sorted(maps.Keys(results)) {
			if err := t.finish(ctx, worker, now, id, results[id]); err != nil {
				return wrap("finish", err)
			}
		}
		return nil
	})
}

func (t *tx) finish(ctx context.Context, worker string, now time.Time, id string, r recovery.Result) error {
	if r.State == recovery.StateQueued {
		return t.q.RequeueDelivery(ctx, queries.RequeueDeliveryParams{
			ID: id, Worker: worker, Reason: string(r.Reason), DueAt: millis(r.DueAt),
		})
	}
	accepted := now
	if r.State == recovery.StateFailed {
		accepted = time.Time{}
	}
	return t.q.FinishDelivery(ctx, queries.FinishDeliveryParams{
		ID: id, Worker: worker, State: string(r.State), Reason: string(r.Reason),
		ProviderID: r.ProviderID, AcceptedAt: millis(accepted), Now: millis(now),
	})
}

// HandOffStats counts what no desk has taken yet.
func (s *Store) HandOffStats(ctx context.Context, before time.Time) (recovery.HandOffStats, error) {
	row, err := s.q.HandOffStats(ctx, millis(before))
	return recovery.HandOffStats{
		Waiting: int(row.Waiting), Late: int(row.Late), Oldest: moment(row.Oldest),
	}, wrap("hand-off stats", err)
}

// LateHandOffs are the cases to be told of.
func (s *Store) LateHandOffs(ctx context.Context, before time.Time, n int) ([]string, error) {
	references, err := s.q.LateHandOffs(ctx, queries.LateHandOffsParams{Before: millis(before), AtMost: atMost(n)})
	return references, wrap("late hand-offs", err)
}

// QueueStats counts the mails that wait.
func (s *Store) QueueStats(ctx context.Context) (depth int, oldest time.Time, err error) {
	row, err := s.q.QueueStats(ctx)
	return int(row.Depth), moment(row.Oldest), wrap("queue stats", err)
}
