package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func (r reader) ReportCases(ctx context.Context, from, until time.Time) ([]recovery.ReportRow, error) {
	rows, err := r.q.ReportCases(ctx, queries.ReportCasesParams{Since: millis(from), Until: millis(until)})
	return each("report cases", rows, err, func(row queries.ReportCasesRow) recovery.ReportRow {
		return recovery.ReportRow{
			Day: time.Unix(row.Day*24*60*60, 0).UTC(), Entry: row.Entry, Language: row.Language, Situation: row.Situation,
			Tally: recovery.Tally{
				Started: int(row.Started), Proven: int(row.Proven), Explained: int(row.Explained), Acted: int(row.Acted),
				SignedIn: int(row.SignedIn), HandedOff: int(row.HandedOff),
				Deflected: int(row.Deflected), Ticket: int(row.Ticket), NotYetKnown: int(row.NotYetKnown),
				Scanned: int(row.Scanned), Scans: int(row.Scans),
			},
		}
	})
}

func (r reader) ReportTimesToProof(ctx context.Context, from, until time.Time) ([]recovery.TimeCount, error) {
	rows, err := r.q.ReportTimesToProof(ctx, queries.ReportTimesToProofParams{Since: millis(from), Until: millis(until)})
	return each("report times", rows, err, func(row queries.ReportTimesToProofRow) recovery.TimeCount {
		return recovery.TimeCount{Seconds: int(row.Seconds), Cases: int(row.Cases)}
	})
}

func (r reader) ReportDeliveries(ctx context.Context, from, until time.Time) ([]recovery.DeliveryCount, error) {
	rows, err := r.q.ReportDeliveries(ctx, queries.ReportDeliveriesParams{Since: millis(from), Until: millis(until)})
	return each("report deliveries", rows, err, func(row queries.ReportDeliveriesRow) recovery.DeliveryCount {
		return recovery.DeliveryCount{
			Kind: recovery.Kind(row.Kind), State: recovery.State(row.State), Reason: recovery.Reason(row.Reason),
			Count: int(row.Deliveries),
		}
	})
}
