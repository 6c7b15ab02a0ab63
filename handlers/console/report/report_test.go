package report_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/handlers/console/report"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

type service struct {
	asked  time.Duration
	report recovery.Report
	err    error
}

func (s *service) Report(_ context.Context, since time.Duration) (recovery.Report, error) {
	s.asked = since
	return s.report, s.err
}

func newPage(t *testing.T, s *service) http.Handler {
	t.Helper()
	words, err := templates.New(templates.Options{Site: templates.Site{Vendor: "Acme", Portal: "Customers Portal"}, Asset: func(name string) string { return "/assets/" + name }})
	if err != nil {
		t.Fatal(err)
	}
	h, err := report.New(report.Config{Service: s, Renderer: words, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}

func busy() recovery.Report {
	until := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	t := recovery.Tally{Started: 12345, Proven: 8000, Explained: 7000, Acted: 6000, SignedIn: 5000, HandedOff: 1000, Left: 2000, Deflected: 4000, Ticket: 2000, Neither: 1000, NotYetKnown: 1000, Scans: 3, Scanned: 2}
	return recovery.Report{
		From: until.Add(-48 * time.Hour), Until: until, Total: t,
		Situations: []recovery.Group{{ID: "ready", Tally: t}, {ID: "<script>", Tally: t}, {ID: ""}},
		Entries:    []recovery.Group{{ID: "direct", Tally: t}}, Languages: []recovery.Group{{ID: "xx", Tally: t}},
		Days:       []recovery.Group{{ID: "2026-11-23", Tally: t}, {ID: "2026-11-24"}},
		ToProof:    recovery.TimesToProof{Cases: 8, Median: 47, P90: 95, Buckets: []recovery.TimeSpan{{Below: 60, Cases: 6}, {Cases: 2}}},
		Deliveries: []recovery.DeliveryCount{{Kind: recovery.KindProve, State: recovery.StateFailed, Reason: recovery.ReasonRefused, Count: 3}, {Kind: recovery.KindProve, State: recovery.StateDelivered, Count: 97}},
	}
}

func TestPage(t *testing.T) {
	s := &service{report: busy()}
	w := get(newPage(t, s), "/report?since=7d")
	body := w.Body.String()
	if w.Code != http.StatusOK || s.asked != 7*24*time.Hour {
		t.Errorf("status %d, asked for %s", w.Code, s.asked)
	}
	for _, want := range []string{
		"<strong>4\u202f000</strong>", "That is 57 % of the 7\u202f000 proven cases", `href="/report?since=7d" aria-current="page"`,
		"&lt;script&gt;", "Half of them took 47 s or less, nine of ten 1 min 35 s or less", "12\u202f345", ">xx<",
		`<rect class="part-one" x="0" y="0" width="1000" height="10"/>`,                                                                       // all that started
		`<rect class="part-one" x="0" y="0" width="648" height="10"/>`,                                                                        // 8000 of 12345
		`<rect class="part-deflected" x="0" y="0" width="500" height="10"/><rect class="part-ticket" x="500" y="0" width="250" height="10"/>`, // of 8000
		`<rect class="part-delivered" x="0" y="0" width="970" height="10"/><rect class="part-failed" x="970" y="0" width="30" height="10"/>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("lacks %q", want)
		}
	}
	if strings.Contains(body, "<script") || strings.Contains(body, "style=") {
		t.Error("the policy forbids some of this page")
	}
}

var dayRect = regexp.MustCompile(`<rect class="part-[a-z-]+" x="1" y="(\d+)" width="8" height="(\d+)"/>`)

// The parts of a day stand on each other and reach the top on the fullest.
func TestTheFullestDayIsAsHighAsTheDrawing(t *testing.T) {
	body := get(newPage(t, &service{report: busy()}), "/report").Body.String()
	_, chart, _ := strings.Cut(body, `class="chart"`)
	chart, _, _ = strings.Cut(chart, "</svg>")
	bottom := 100
	for _, r := range dayRect.FindAllStringSubmatch(chart, -1) {
		y, _ := strconv.Atoi(r[1])
		height, _ := strconv.Atoi(r[2])
		if y+height != bottom {
			t.Errorf("a part ends at %d, the one below it begins at %d", y+height, bottom)
		}
		bottom = y
	}
	if bottom != 0 {
		t.Errorf("the fullest day ends at %d", bottom)
	}
}

func TestAPageWithoutCases(t *testing.T) {
	until := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	s := &service{report: recovery.Report{From: until.Add(-time.Hour), Until: until}}
	w := get(newPage(t, s), "/report")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Nobody has proven a mailbox") || s.asked != recovery.DefaultSince {
		t.Errorf("status %d, asked for %s", w.Code, s.asked)
	}
}

func TestAPeriodThatIsNone(t *testing.T) {
	s := &service{report: busy()}
	w := get(newPage(t, s), "/report?since=fortnight")
	if w.Code != http.StatusBadRequest || s.asked != recovery.DefaultSince || !strings.Contains(w.Body.String(), "That is no period of time.") {
		t.Errorf("status %d, asked for %s", w.Code, s.asked)
	}
}

func TestADatabaseThatDoesNotAnswer(t *testing.T) {
	w := get(newPage(t, &service{err: errors.New("lost")}), "/report")
	if w.Code != http.StatusServiceUnavailable || bytes.Contains(w.Body.Bytes(), []byte("lost")) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// Why there is no report is said in a line, and what is nobody's fault is in no log.
func TestRefuse(t *testing.T) {
	for _, tt := range []struct {
		err       error
		want, log string
	}{
		{errors.New("connection lost"), "the database does not answer\n", "level=ERROR"},
		{fmt.Errorf("report: %w", context.DeadlineExceeded), "counting takes too long for a page; 'latchkey report'", "level=ERROR"},
		{fmt.Errorf("report: %w", context.Canceled), "the server ends; try again", ""},
	} {
		var log bytes.Buffer
		w := httptest.NewRecorder()
		report.Refuse(w, slog.New(slog.NewTextHandler(&log, nil)), tt.err)
		if text := w.Body.String(); w.Code != http.StatusServiceUnavailable || !strings.HasPrefix(text, tt.want) {
			t.Errorf("%v: %d %q", tt.err, w.Code, text)
		}
		if !strings.Contains(log.String(), tt.log) || tt.log == "" && log.Len() > 0 {
			t.Errorf("%v is logged as %q", tt.err, log.String())
		}
	}
}
