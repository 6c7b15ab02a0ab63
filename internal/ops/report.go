package ops

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"latchkey/internal/recovery"
)

// ReportJSON writes a report as one JSON object.
func ReportJSON(w io.Writer, r recovery.Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// ReportCSV writes a report as CSV, one figure a line, which a spreadsheet can turn into any table: the table
// it is of, the name of its row, what is counted, and how many.
func ReportCSV(w io.Writer, r recovery.Report) error {
	c := csv.NewWriter(w)
	put := func(table, name, measure string, n int) {
		_ = c.Write([]string{harmless(table), harmless(name), harmless(measure), strconv.Itoa(n)}) // kept for Error
	}
	_ = c.Write([]string{"table", "name", "measure", "count"})
	for _, t := range tables(r) {
		for _, g := range t.groups {
			for _, m := range measures {
				put(t.name, g.ID, m.name, m.of(g.Tally))
			}
		}
	}
	for _, d := range r.Deliveries {
		put("deliveries", string(d.Kind), strings.TrimSuffix(string(d.State)+":"+string(d.Reason), ":"), d.Count)
	}
	put("time_to_proof", "median", "seconds", r.ToProof.Median)
	put("time_to_proof", "p90", "seconds", r.ToProof.P90)
	from := 0
	for _, b := range r.ToProof.Buckets {
		put("time_to_proof", span(from, b.Below), "cases", b.Cases)
		from = b.Below
	}
	c.Flush()
	return c.Error()
}

// harmless is a cell that a spreadsheet shows and does not run: one that would be a formula is made a text by
// a quote before it. Full-width signs count as the others do.
func harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

// reportTable is one way in which cases are told apart.
type reportTable struct {
	name   string
	groups []recovery.Group
}

func tables(r recovery.Report) []reportTable {
	return []reportTable{
		{"total", []recovery.Group{{ID: "all", Tally: r.Total}}},
		{"situation", r.Situations},
		{"entry", r.Entries},
		{"language", r.Languages},
		{"day", r.Days},
	}
}

// measures are the figures of a tally, under the names that they have in JSON.
var measures = []struct {
	name string
	of   func(recovery.Tally) int
}{
	{"started", func(t recovery.Tally) int { return t.Started }},
	{"proven", func(t recovery.Tally) int { return t.Proven }},
	{"explained", func(t recovery.Tally) int { return t.Explained }},
	{"acted", func(t recovery.Tally) int { return t.Acted }},
	{"signed_in", func(t recovery.Tally) int { return t.SignedIn }},
	{"handed_off", func(t recovery.Tally) int { return t.HandedOff }},
	{"left", func(t recovery.Tally) int { return t.Left }},
	{"deflected", func(t recovery.Tally) int { return t.Deflected }},
	{"ticket", func(t recovery.Tally) int { return t.Ticket }},
	{"neither", func(t recovery.Tally) int { return t.Neither }},
	{"not_yet_known", func(t recovery.Tally) int { return t.NotYetKnown }},
	{"scanned", func(t recovery.Tally) int { return t.Scanned }},
	{"scans", func(t recovery.Tally) int { return t.Scans }},
}

// ReportText writes a report for a terminal.
func ReportText(to io.Writer, r recovery.Report) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, "%s to %s\n", minute(r.From), minute(r.Until))
	if !r.KeptFrom.IsZero() {
		fmt.Fprintf(w, "Older than is kept (--keep-cases): what was before %s is not counted.\n", minute(r.KeptFrom))
	}
	t := r.Total
	fmt.Fprintf(w, "\nDeflected: %s, %d of %d proven cases whose outcome is known; of %d it is not yet.\n",
		percent(t), t.Deflected, t.Known(), t.NotYetKnown)
	fmt.Fprintf(w, "Time to proof: %s in the median, %s for nine of ten, of %d.\n",
		seconds(r.ToProof.Median), seconds(r.ToProof.P90), r.ToProof.Cases)
	fmt.Fprintf(w, "Scanner hits: %d, in %d cases.\n", t.Scans, t.Scanned)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, part := range tables(r) {
		fmt.Fprintf(table, "\n%s\tstarted\tproven\texplained\tacted\tsigned in\thanded off\tleft\tdeflected\tticket\tneither\tnot yet\trate\t\n", part.name)
		for _, g := range part.groups {
			t := g.Tally
			fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t\n", named(g.ID), t.Started, t.Proven,
				t.Explained, t.Acted, t.SignedIn, t.HandedOff, t.Left, t.Deflected, t.Ticket, t.Neither, t.NotYetKnown, percent(t))
		}
		_ = table.Flush() // w keeps the error
	}
	fmt.Fprint(table, "\ntime to proof\tcases\t\n")
	from := 0
	for _, b := range r.ToProof.Buckets {
		fmt.Fprintf(table, "%s\t%d\t\n", span(from, b.Below), b.Cases)
		from = b.Below
	}
	fmt.Fprint(table, "\ndelivery\tstate\treason\tcount\t\n")
	for _, d := range r.Deliveries {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t\n", d.Kind, d.State, named(string(d.Reason)), d.Count)
	}
	_ = table.Flush()
	return w.Flush()
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func seconds(n int) string { return (time.Duration(n) * time.Second).String() }

// span is a range of seconds, such as 30s to 1m0s; below 0 has no end.
func span(from, below int) string {
	if below == 0 {
		return seconds(from) + " or more"
	}
	return seconds(from) + " to " + seconds(below)
}

func percent(t recovery.Tally) string {
	rate, ok := t.Rate()
	if !ok {
		return "–"
	}
	return strconv.Itoa(int(rate*100+.5)) + " %"
}

func named(id string) string {
	if id == "" {
		return "–"
	}
	return id
}
