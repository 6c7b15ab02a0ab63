package report

import (
	"slices"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// usual is the period that is shown unless another is asked for.
const usual = "30d"

// periods are those that the page leads to.
var periods = []string{"7d", usual, "90d"}

// build is the page of a report.
func build(since string, r recovery.Report) templates.Report {
	page := templates.Report{
		Base: templates.Base{Path: "/report"}, Since: since, From: r.From, Until: r.Until, KeptFrom: r.KeptFrom,
		Total: tally(r.Total), Days: days(r.Days), ToProof: times(r.ToProof),
		Funnel: steps(r.Total.Started, []count{
			{"started", r.Total.Started}, {"proven", r.Total.Proven}, {"explained", r.Total.Explained}, {"acted", r.Total.Acted},
		}),
		Ends: steps(r.Total.Proven, []count{
			{"signed-in", r.Total.SignedIn}, {"handed-off", r.Total.HandedOff}, {"left", r.Total.Left},
		}),
		Tables: []templates.ReportTable{
			{Kind: "situation", Rows: groups(r.Situations)},
			{Kind: "entry", Rows: groups(r.Entries)},
			{Kind: "language", Rows: groups(r.Languages)},
		},
	}
	for _, id := range periods {
		page.Periods = append(page.Periods, templates.ReportPeriod{ID: id, Current: id == since})
	}
	page.Mails, page.Reasons = mails(r.Deliveries)
	return page
}

func tally(t recovery.Tally) templates.ReportTally {
	rate, _ := t.Rate()
	return templates.ReportTally{
		Started: t.Started, Proven: t.Proven, Deflected: t.Deflected, Ticket: t.Ticket, Neither: t.Neither,
		NotYetKnown: t.NotYetKnown, Known: t.Known(), Rate: int(rate*100 + .5), Scanned: t.Scanned, Scans: t.Scans,
	}
}

// count is a figure and what it is of.
type count struct {
	id string
	n  int
}

// outcomes are the parts of a group's proven cases, in the order of the legend.
func outcomes(t recovery.Tally) []count {
	return []count{
		{"deflected", t.Deflected}, {"ticket", t.Ticket}, {"neither", t.Neither}, {"not-yet-known", t.NotYetKnown},
	}
}

// steps are bars of their own, each seen against the whole.
func steps(whole int, counts []count) []templates.ReportStep {
	all := make([]templates.ReportStep, 0, len(counts))
	for _, c := range counts {
		all = append(all, templates.ReportStep{
			ID: c.id, Cases: c.n, Percent: scaled(c.n, whole, 100), Bar: bar(whole, []count{{"one", c.n}}),
		})
	}
	return all
}

// barWidth is that of a bar's drawing.
const barWidth = 1000

// bar lays parts side by side; the whole is as wide as the drawing. Sums are scaled rather than parts, so that
// nothing lies between two of them.
func bar(whole int, counts []count) []templates.ReportPart {
	var parts []templates.ReportPart
	sum := 0
	for _, c := range counts {
		from := scaled(sum, whole, barWidth)
		sum += c.n
		if size := scaled(sum, whole, barWidth) - from; size > 0 {
			parts = append(parts, templates.ReportPart{Kind: c.id, At: from, Size: size})
		}
	}
	return parts
}

// scaled is n of whole, where the whole is to; rounded.
func scaled(n, whole, to int) int {
	if whole <= 0 {
		return 0
	}
	return (2*n*to + whole) / (2 * whole)
}

// groups are the rows of a table; the longest bar is that of the group with the most proven cases.
func groups(of []recovery.Group) []templates.ReportGroup {
	most := 0
	for _, g := range of {
		most = max(most, g.Proven)
	}
	rows := make([]templates.ReportGroup, 0, len(of))
	for _, g := range of {
		rows = append(rows, templates.ReportGroup{ID: g.ID, ReportTally: tally(g.Tally), Bar: bar(most, outcomes(g.Tally))})
	}
	return rows
}

// The drawing of days: 10 for each of them, of which a column takes 8, and 100 high.
const (
	dayWidth   = 10
	dayHeight  = 100
	dayPadding = 1
)

func days(of []recovery.Group) templates.ReportDays {
	d := templates.ReportDays{Width: max(dayWidth, dayWidth*len(of))}
	for _, g := range of {
		d.Most = max(d.Most, g.Started)
	}
	for i, g := range of {
		d.Days = append(d.Days, templates.ReportColumn{
			ReportGroup: templates.ReportGroup{ID: g.ID, ReportTally: tally(g.Tally), Bar: column(d.Most, g.Tally)},
			X:           i*dayWidth + dayPadding,
		})
	}
	if len(of) > 0 {
		d.First, d.Last = of[0].ID, of[len(of)-1].ID
	}
	return d
}

// column stands its parts on top of each other, the deflected at the bottom. Heights count from the top.
func column(most int, t recovery.Tally) []templates.ReportPart {
	var parts []templates.ReportPart
	sum := 0
	for _, c := range append(outcomes(t), count{"unproven", t.Started - t.Proven}) {
		below := scaled(sum, most, dayHeight)
		sum += c.n
		if above := scaled(sum, most, dayHeight); above > below {
			parts = append(parts, templates.ReportPart{Kind: c.id, At: dayHeight - above, Size: above - below})
		}
	}
	return parts
}

func times(t recovery.TimesToProof) templates.ReportTimes {
	built := templates.ReportTimes{Cases: t.Cases, Median: t.Median, P90: t.P90}
	from := 0
	for _, b := range t.Buckets {
		step := steps(t.Cases, []count{{"", b.Cases}})[0]
		built.Spans = append(built.Spans, templates.ReportSpan{From: from, Below: b.Below, ReportStep: step})
		from = b.Below
	}
	return built
}

// mails are the deliveries by kind, the most frequent first, and why some failed.
func mails(of []recovery.DeliveryCount) ([]templates.ReportMail, []templates.ReportReason) {
	var kinds []templates.ReportMail
	var reasons []templates.ReportReason
	for _, d := range of {
		i := slices.IndexFunc(kinds, func(m templates.ReportMail) bool { return m.Kind == string(d.Kind) })
		if i < 0 {
			i = len(kinds)
			kinds = append(kinds, templates.ReportMail{Kind: string(d.Kind)})
		}
		*state(&kinds[i], d.State) += d.Count
		if d.State == recovery.StateFailed {
			reasons = append(reasons, templates.ReportReason{Kind: string(d.Kind), Reason: string(d.Reason), Count: d.Count})
		}
	}
	slices.SortStableFunc(kinds, func(a, b templates.ReportMail) int { return sum(b) - sum(a) })
	for i, m := range kinds {
		kinds[i].Bar = bar(sum(kinds[0]), []count{
			{"delivered", m.Delivered}, {"accepted", m.Accepted}, {"waiting", m.Delayed + m.Queued}, {"failed", m.Failed},
		})
	}
	return kinds, reasons
}

func sum(m templates.ReportMail) int {
	return m.Delivered + m.Accepted + m.Delayed + m.Queued + m.Failed
}

func state(m *templates.ReportMail, s recovery.State) *int {
	switch s {
	case recovery.StateDelivered:
		return &m.Delivered
	case recovery.StateAccepted:
		return &m.Accepted
	case recovery.StateDelayed:
		return &m.Delayed
	case recovery.StateFailed:
		return &m.Failed
	}
	return &m.Queued
}
