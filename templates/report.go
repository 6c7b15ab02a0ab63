package templates

import (
	"strconv"
	"time"
)

// Report is `/report` of the ops listener: what Latchkey did in a period. It holds counts alone.
type Report struct {
	Base
	Since    string // how far back, as it was asked for
	Periods  []ReportPeriod
	From     time.Time
	Until    time.Time
	KeptFrom time.Time // set where the period begins before what is still kept

	Total   ReportTally
	Funnel  []ReportStep
	Ends    []ReportStep
	Tables  []ReportTable
	Days    ReportDays
	ToProof ReportTimes
	Mails   []ReportMail
	Reasons []ReportReason
}

func (Report) page() string { return "report" }

// ReportPeriod is a link to the report of another period.
type ReportPeriod struct {
	ID      string // such as 30d
	Current bool
}

// ReportTally are the figures of a group of cases.
type ReportTally struct {
	Started, Proven, Deflected, Ticket, Neither, NotYetKnown int
	Known                                                    int // of Proven
	Rate                                                     int // of Known, in percent
	Scanned, Scans                                           int
}

// ReportPart is a part of a bar that is 1000 wide, or of a column that is 100 high.
type ReportPart struct {
	Kind string // deflected, ticket, neither, not-yet-known, unproven; or a state of mails
	At   int
	Size int
}

// ReportStep is how many cases came as far as a step, or ended in a way.
type ReportStep struct {
	ID      string
	Cases   int
	Percent int // of those that it is seen against
	Bar     []ReportPart
}

// ReportTable is the cases told apart by one thing: its Kind is situation, entry or language.
type ReportTable struct {
	Kind string
	Rows []ReportGroup
}

// ReportGroup is a row of a table, or a day.
type ReportGroup struct {
	ID string
	ReportTally
	Bar []ReportPart
}

// ReportDays is the series of days. The drawing is 10 a day wide and 100 high.
type ReportDays struct {
	Days        []ReportColumn
	Width       int
	Most        int // cases of the fullest day
	First, Last string
}

// ReportColumn is a day of the drawing.
type ReportColumn struct {
	ReportGroup
	X int
}

// ReportTimes is how long it took to prove the mailbox.
type ReportTimes struct {
	Cases       int
	Median, P90 int // seconds
	Spans       []ReportSpan
}

// ReportSpan is how many took from From to Below seconds; without an end where Below is 0.
type ReportSpan struct {
	From, Below int
	ReportStep
}

// ReportMail is what became of one kind of delivery.
type ReportMail struct {
	Kind                                         string
	Delivered, Accepted, Delayed, Queued, Failed int
	Bar                                          []ReportPart
}

// ReportReason is why deliveries of a kind failed.
type ReportReason struct {
	Kind, Reason string
	Count        int
}

// count sets a number in groups of three, by a space that does not break and that every language reads.
func count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// span is a length of time.
func (w *words) span(seconds int) (string, error) {
	minutes, rest := seconds/60, seconds%60
	switch {
	case minutes == 0:
		return w.plain("report.span.seconds", "Seconds", rest)
	case rest == 0:
		return w.plain("report.span.minutes", "Minutes", minutes)
	}
	return w.plain("report.span.both", "Minutes", minutes, "Seconds", rest)
}
