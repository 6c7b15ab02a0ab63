package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

// atLength runs a query that reads most of what there is: it may take its time, and ends with its context.
func (s *Store) atLength(ctx context.Context, fn func(q *queries.Queries) error) error {
	err := s.engine.atLength(ctx, func(db queries.DBTX) error { return fn(queries.New(db)) })
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// ReportCases implements recovery.ReportReader.
func (s *Store) ReportCases(ctx context.Context, from, until time.Time) (all []recovery.ReportRow, err error) {
	err = s.atLength(ctx, func(q *queries.Queries) error {
		rows, err := q.ReportCases(ctx, queries.ReportCasesParams{Since: millis(from), Until: millis(until)})
		all, err = each("report cases", rows, err, reportRowOf)
		return err
	})
	return all, err
}

func reportRowOf(row queries.ReportCasesRow) recovery.ReportRow {
	return recovery.ReportRow{
		Day: time.Unix(row.Day*24*60*60, 0).UTC(), Entry: row.Entry, Language: row.Language, Situation: row.Situation,
		Tally: recovery.Tally{
			Started: int(row.Started), Proven: int(row.Proven), Explained: int(row.Explained), Acted: int(row.Acted),
			SignedIn: int(row.SignedIn), HandedOff: int(row.HandedOff),
			Deflected: int(row.Deflected), Ticket: int(row.Ticket), NotYetKnown: int(row.NotYetKnown),
			Scanned: int(row.Scanned), Scans: int(row.Scans),
		},
	}
}

// ReportTimesToProof implements recovery.ReportReader.
func (s *Store) ReportTimesToProof(ctx context.Context, from, until time.Time) (all []recovery.TimeCount, err error) {
	err = s.atLength(ctx, func(q *queries.Queries) error {
		rows, err := q.ReportTimesToProof(ctx, queries.ReportTimesToProofParams{Since: millis(from), Until: millis(until)})
		all, err = each("report times", rows, err, func(row queries.ReportTimesToProofRow) recovery.TimeCount {
			return recovery.TimeCount{Seconds: int(row.Seconds), Cases: int(row.Cases)}
		})
		return err
	})
	return all, err
}

// ReportDeliveries implements recovery.ReportReader.
func (s *Store) ReportDeliveries(ctx context.Context, from, until time.Time) (all []recovery.DeliveryCount, err error) {
	err = s.atLength(ctx, func(q *queries.Queries) error {
		rows, err := q.ReportDeliveries(ctx, queries.ReportDeliveriesParams{Since: millis(from), Until: millis(until)})
		all, err = each("report deliveries", rows, err, func(row queries.ReportDeliveriesRow) recovery.DeliveryCount {
			return recovery.DeliveryCount{
				Kind: recovery.Kind(row.Kind), State: recovery.State(row.State), Reason: recovery.Reason(row.Reason),
				Count: int(row.Deliveries),
			}
		})
		return err
	})
	return all, err
}
