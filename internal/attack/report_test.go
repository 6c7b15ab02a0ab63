package attack

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"latchkey/internal/recovery"
)

// report is what /report.json says.
func (d *demo) report() recovery.Report {
	d.t.Helper()
	var r recovery.Report
	if err := json.Unmarshal([]byte(d.opsPage("/report.json")), &r); err != nil {
		d.t.Fatal(err)
	}
	return r
}

func (d *demo) opsPage(path string) string {
	d.t.Helper()
	p := d.browser().get(d.ops + path)
	if p.status != http.StatusOK {
		d.t.Fatalf("%s: status %d", path, p.status)
	}
	return p.body
}

func TestReportIsForEverybody(t *testing.T) {
	d := startDemo(t, "--sample-cases=true")
	p := d.person()
	p.open(d.ops + "/report")
	p.check("report")
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
	p.check("report-open")
	p.printed("report-open")
	p.open(d.ops + "/report?since=90d")
	p.check("report-kept")
	p.open(d.ops + "/report?since=fortnight")
	p.check("report-wrong")
	empty := startDemo(t).person()
	empty.open(empty.d.ops + "/report")
	empty.check("report-empty")
}

// printed looks at the page as a printer has it.
func (p *person) printed(name string) {
	p.t.Helper()
	const paper = 794 // A4, in CSS pixels
	media := func(params emulation.SetEmulatedMediaParams) {
		p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, params)
			return err
		}))
	}
	p.do(chromedp.EmulateViewport(paper, 1123))
	media(emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	p.fits(name+", printed", paper)
	p.picture(name + "-print.png")
	media(emulation.SetEmulatedMediaParams{})
}

// The month that a new demo is filled with is seen in the report and nowhere else.
func TestSampleCasesDisturbNothing(t *testing.T) {
	d := startDemo(t, "--sample-cases=true")
	before := d.report()
	if n := before.Total.Started; n < 400 || n > 1500 || before.Total.Deflected == 0 || before.Total.HandedOff == 0 || len(before.Situations) < 10 {
		t.Errorf("a report of %d cases in %d situations, %+v", n, len(before.Situations), before.Total)
	}
	if mails := d.inbox(""); len(mails) != 0 {
		t.Errorf("%d sample mails in the inbox", len(mails))
	}
	if m := d.metrics(); strings.Contains(m, "latchkey_case_steps_total{") || strings.Contains(m, "latchkey_deliveries_total{") ||
		!strings.Contains(m, "latchkey_outbox_depth 0\n") {
		t.Error("the sample cases are in the metrics")
	}
	b := d.prove("healthy@example.com")
	if p := b.act("sign-in"); !strings.HasPrefix(p.url.String(), d.portal) {
		t.Errorf("signing in led to %s", p.url)
	}
	after := d.report()
	if after.Total.Started != before.Total.Started+1 || after.Total.SignedIn != before.Total.SignedIn+1 || after.Total.Deflected != before.Total.Deflected {
		t.Errorf("after one customer signed in: %+v, before %+v", after.Total, before.Total)
	}
	d.kill(syscall.SIGTERM)
	d.start()
	if again := d.report(); again.Total.Started > after.Total.Started {
		t.Errorf("a second start has %d cases, the first had %d", again.Total.Started, after.Total.Started)
	}
}

var anAddress = regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w+|LK-\w{4}-\w{4}|person-\d`)

func TestReportsHoldCountsAlone(t *testing.T) {
	d := startDemo(t, "--sample-cases=true")
	b := d.prove("customerX@example.com")
	b.act("email-sign-in-link")
	for _, path := range []string{"/report", "/report?since=7d", "/report.csv", "/report.json", "/grafana.json"} {
		if found := anAddress.FindString(d.opsPage(path)); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
	}
	page := d.browser().get(d.ops + "/report")
	if csp := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'self';") {
		t.Errorf("policy %q", csp)
	}
	if wrong := d.browser().get(d.ops + "/report?since=%3Cb%3E"); wrong.status != http.StatusBadRequest || strings.Contains(wrong.body, "<b>") {
		t.Errorf("a period that is none: status %d", wrong.status)
	}
	for _, link := range page.links {
		if !strings.HasPrefix(link, "/report") && !strings.HasPrefix(link, "#") {
			t.Errorf("a link to %s", link)
		}
	}
}
