package ops_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

func sampleReport() recovery.Report {
	until := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	t := recovery.Tally{Started: 10, Proven: 8, Explained: 7, Acted: 6, SignedIn: 5, HandedOff: 1, Left: 2, Deflected: 4, Ticket: 2, Neither: 1, NotYetKnown: 1}
	return recovery.Report{
		From: until.Add(-48 * time.Hour), Until: until, KeptFrom: until.Add(-24 * time.Hour), Total: t,
		Situations: []recovery.Group{{ID: "ready", Tally: t}, {ID: ""}}, Languages: []recovery.Group{{ID: "en", Tally: t}},
		ToProof:    recovery.TimesToProof{Cases: 8, Median: 47, P90: 95, Buckets: []recovery.TimeSpan{{Below: 60, Cases: 6}, {Cases: 2}}},
		Deliveries: []recovery.DeliveryCount{{Kind: recovery.KindProve, State: recovery.StateFailed, Reason: recovery.ReasonRefused, Count: 3}},
	}
}

func TestReportText(t *testing.T) {
	var b bytes.Buffer
	if err := ops.ReportText(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2026-11-23 15:00 UTC to 2026-11-25 15:00 UTC", "what was before 2026-11-24 15:00 UTC is not counted",
		"Deflected: 57 %, 4 of 7 proven cases", "47s in the median, 1m35s for nine of ten", "1m0s or more      2",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
}

func TestReportJSON(t *testing.T) {
	var b bytes.Buffer
	if err := ops.ReportJSON(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	var got recovery.Report
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Total != sampleReport().Total || got.Situations[0] != sampleReport().Situations[0] {
		t.Errorf("%v: %s", err, b.Bytes())
	}
}

// Nothing in a cell is a formula for a spreadsheet, wherever it came from.
func TestReportCSVIsHarmless(t *testing.T) {
	r := sampleReport()
	texts := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "plain", "a=1"}
	for _, text := range texts {
		r.Entries = append(r.Entries, recovery.Group{ID: text})
		r.Deliveries = append(r.Deliveries, recovery.DeliveryCount{Kind: recovery.Kind(text), State: recovery.State(text), Reason: recovery.Reason(text)})
	}
	var b bytes.Buffer
	if err := ops.ReportCSV(&b, r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range rows {
		if len(row) != 4 {
			t.Fatalf("row %q", row)
		}
		for _, cell := range row {
			seen[cell] = true
			if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
				t.Errorf("cell %q", cell)
			}
		}
	}
	for _, want := range []string{"'=1+1", "'-1", "'＝1", "plain", "a=1", "deflected", "failed:refused"} {
		if !seen[want] {
			t.Errorf("no cell %q", want)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errTest }

var errTest = csv.ErrQuote

func TestReportsThatCannotBeWritten(t *testing.T) {
	if ops.ReportText(broken{}, sampleReport()) == nil || ops.ReportCSV(broken{}, sampleReport()) == nil || ops.ReportJSON(broken{}, sampleReport()) == nil {
		t.Error("no error though nothing was written")
	}
}
