package recovery

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tally is what a report counts of a group of cases, by when they were started.
type Tally struct {
	// How far they came. A case is counted in each step that it reached.
	Started   int `json:"started"`
	Proven    int `json:"proven"`    // a mailbox was proven
	Explained int `json:"explained"` // the situation was shown
	Acted     int `json:"acted"`     // an action was taken

	// How the proven ones ended, as far as is known now: together they are Proven.
	SignedIn  int `json:"signed_in"`  // got in, and was not handed off (Milestones.In)
	HandedOff int `json:"handed_off"` // became a ticket itself (Case.wentToSupport)
	Left      int `json:"left"`       // neither; they left, or are still there

	// What came of the proven ones, by the rule of Case.Outcome: together they are Proven.
	Deflected   int `json:"deflected"`
	Ticket      int `json:"ticket"`
	Neither     int `json:"neither"`
	NotYetKnown int `json:"not_yet_known"`

	// Scanner hits: a mailed link was opened by a browser that did not ask for it and never pressed its button.
	Scanned int `json:"scanned"` // cases of which one was
	Scans   int `json:"scans"`   // such opens
}

func (t *Tally) add(o Tally) {
	t.Started += o.Started
	t.Proven += o.Proven
	t.Explained += o.Explained
	t.Acted += o.Acted
	t.SignedIn += o.SignedIn
	t.HandedOff += o.HandedOff
	t.Left += o.Left
	t.Deflected += o.Deflected
	t.Ticket += o.Ticket
	t.Neither += o.Neither
	t.NotYetKnown += o.NotYetKnown
	t.Scanned += o.Scanned
	t.Scans += o.Scans
}

// Known is of how many proven cases the outcome is known.
func (t Tally) Known() int { return t.Proven - t.NotYetKnown }

// Rate is the part of the cases with a known outcome that were deflected, from 0 to 1; ok is false without any.
func (t Tally) Rate() (rate float64, ok bool) {
	if t.Known() == 0 {
		return 0, false
	}
	return float64(t.Deflected) / float64(t.Known()), true
}

// ReportRow is the tally of the cases that share a day and everything a report tells apart.
type ReportRow struct {
	Day                        time.Time // its beginning, UTC
	Entry, Language, Situation string
	Tally
}

// Group is the tally of cases that have one thing in common.
type Group struct {
	ID string `json:"id"` // "" for cases without one, such as those that no situation was shown in
	Tally
}

// TimeCount is how many cases took so many whole seconds.
type TimeCount struct{ Seconds, Cases int }

// DeliveryCount is how many deliveries of a kind are in a state, and why.
type DeliveryCount struct {
	Kind   Kind   `json:"kind"`
	State  State  `json:"state"`
	Reason Reason `json:"reason,omitempty"`
	Count  int    `json:"count"`
}

// ReportReader is the Store's side of a report, of what began between two moments.
type ReportReader interface {
	ReportCases(ctx context.Context, from, until time.Time) ([]ReportRow, error)
	// ReportTimesToProof are by their seconds. Cases that began with their proof are not among them.
	ReportTimesToProof(ctx context.Context, from, until time.Time) ([]TimeCount, error)
	// ReportDeliveries are by kind, state and reason. Jobs that are no delivery are not among them.
	ReportDeliveries(ctx context.Context, from, until time.Time) ([]DeliveryCount, error)
}

// Report is what Latchkey did in a period. It holds counts and nothing of anybody.
type Report struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// KeptFrom is set where the period begins before the oldest case that is still kept: what was before it is
	// not counted.
	KeptFrom time.Time `json:"kept_from,omitzero"`

	Total      Tally           `json:"total"`
	Situations []Group         `json:"situations"`
	Entries    []Group         `json:"entries"`
	Languages  []Group         `json:"languages"`
	Days       []Group         `json:"days"` // every day of the period in turn, by its date
	ToProof    TimesToProof    `json:"time_to_proof"`
	Deliveries []DeliveryCount `json:"deliveries"`
}

// TimesToProof is how long it took from the start to the proof, in seconds.
type TimesToProof struct {
	Cases   int        `json:"cases"`
	Median  int        `json:"median_seconds"` // half took no longer
	P90     int        `json:"p90_seconds"`    // nine of ten took no longer
	Buckets []TimeSpan `json:"buckets"`
}

// TimeSpan is how many took less than Below and no less than the span before; the last one has no end.
type TimeSpan struct {
	Below int `json:"below_seconds,omitempty"`
	Cases int `json:"cases"`
}

// spans are the ends of the buckets: a mail that takes a minute has lost patience, one of a quarter of an hour
// its code.
var spans = []int{15, 30, 60, 120, 300, 900, 0}

// Report counts the cases that were started since some time ago, their deliveries, and what came of them. That reads
// most of what there is, so there is one at a time: who comes meanwhile waits, until ctx ends.
func (s *Service) Report(ctx context.Context, since time.Duration) (Report, error) {
	select {
	case s.reports <- struct{}{}:
		defer func() { <-s.reports }()
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	until := s.Now()
	r := Report{From: until.Add(-since), Until: until}
	if kept := s.Policy.Retention.Cases; kept > 0 && since > kept {
		r.KeptFrom = until.Add(-kept)
	}
	rows, err := s.Store.ReportCases(ctx, r.From, r.Until)
	if err != nil {
		return Report{}, err
	}
	times, err := s.Store.ReportTimesToProof(ctx, r.From, r.Until)
	if err != nil {
		return Report{}, err
	}
	if r.Deliveries, err = s.Store.ReportDeliveries(ctx, r.From, r.Until); err != nil {
		return Report{}, err
	}
	r.addCases(rows)
	r.ToProof = timesToProof(times)
	return r, nil
}

// addCases sums the rows up in every way that they are told apart.
func (r *Report) addCases(rows []ReportRow) {
	situations, entries, languages, days := groups{}, groups{}, groups{}, groups{}
	for _, row := range rows {
		row.Left = row.Proven - row.SignedIn - row.HandedOff
		row.Neither = row.Proven - row.Deflected - row.Ticket - row.NotYetKnown
		r.Total.add(row.Tally)
		situations.add(row.Situation, row.Tally)
		entries.add(row.Entry, row.Tally)
		languages.add(row.Language, row.Tally)
		days.add(row.Day.Format(time.DateOnly), row.Tally)
	}
	r.Situations, r.Entries, r.Languages = situations.byProven(), entries.byProven(), languages.byProven()
	r.Days = days.everyDay(cmp.Or(r.KeptFrom, r.From), r.Until)
}

type groups map[string]*Tally

func (g groups) add(id string, t Tally) {
	if g[id] == nil {
		g[id] = &Tally{}
	}
	g[id].add(t)
}

// byProven has the largest first, and what has no name last.
func (g groups) byProven() []Group {
	all := make([]Group, 0, len(g))
	for id, t := range g {
		all = append(all, Group{id, *t})
	}
	slices.SortFunc(all, func(a, b Group) int {
		if (a.ID == "") != (b.ID == "") {
			return len(b.ID) - len(a.ID)
		}
		return cmp.Or(b.Proven-a.Proven, b.Started-a.Started, strings.Compare(a.ID, b.ID))
	})
	return all
}

// everyDay has the days without a case as well.
func (g groups) everyDay(from, until time.Time) []Group {
	all := []Group{}
	for day := from.UTC().Truncate(24 * time.Hour); day.Before(until); day = day.Add(24 * time.Hour) {
		id := day.Format(time.DateOnly)
		t := g[id]
		if t == nil {
			t = &Tally{}
		}
		all = append(all, Group{id, *t})
	}
	return all
}

// timesToProof reads median and nine tenths off the distribution: the time of the case in that rank.
func timesToProof(times []TimeCount) TimesToProof {
	var t TimesToProof
	for _, below := range spans {
		t.Buckets = append(t.Buckets, TimeSpan{Below: below})
	}
	for _, c := range times {
		t.Cases += c.Cases
		i := slices.IndexFunc(spans, func(below int) bool { return below == 0 || c.Seconds < below })
		t.Buckets[i].Cases += c.Cases
	}
	t.Median, t.P90 = atRank(times, (t.Cases+1)/2), atRank(times, (9*t.Cases+9)/10)
	return t
}

func atRank(times []TimeCount, rank int) int {
	passed := 0
	for _, c := range times {
		if passed += c.Cases; passed >= rank {
			return max(c.Seconds, 0)
		}
	}
	return 0
}

// The periods that a report may have.
const (
	DefaultSince = 30 * 24 * time.Hour
	longestSince = 10 * 366 * 24 * time.Hour
)

// ErrSince is a text that is no period of a report.
var ErrSince = errors.New("recovery: no period such as 30d or 12h")

// ParseSince reads how far back a report goes: 30d, or 12h; "" is the default. ErrSince.
func ParseSince(text string) (time.Duration, error) {
	if text == "" {
		return DefaultSince, nil
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(min(n, int(longestSince/(24*time.Hour))+1)) * 24 * time.Hour
	}
	if err != nil || d <= 0 || d > longestSince {
		return 0, ErrSince
	}
	return d, nil
}
