package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/demo"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// monthIn is a data folder with the demo's made-up month.
func monthIn(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store := sqlstoretest.Open(t, filepath.Join(dir, "latchkey.db"))
	err := demo.FillMonth(t.Context(), demo.MonthConfig{Store: store, Now: time.Now(), Hash: strings.ToUpper})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReport(t *testing.T) {
	dir := monthIn(t)
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{nil, "Deflected: "},
		{[]string{"--since", "12h"}, "Deflected: "},
		{[]string{"--since", "90d"}, "Older than is kept (--keep-cases): "},
		{[]string{"--since", "90d", "--keep-cases", "365d"}, " UTC\n\nDeflected: "},
		{[]string{"--csv"}, "table,name,measure,count\ntotal,all,started,"},
	} {
		text, errs, status := command(t.Context(), append([]string{"report", "--data", dir}, tt.flags...)...)
		if status != 0 || !strings.Contains(text, tt.want) || strings.Contains(text, "@") {
			t.Errorf("report %q: status %d, %s%.400s", tt.flags, status, errs, text)
		}
	}
	text, errs, status := command(t.Context(), "report", "--data", dir, "--json", "--since", "30d")
	var r recovery.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil || status != 0 || r.Total.Started < 400 || !r.KeptFrom.IsZero() {
		t.Errorf("status %d, %s, %v: %.200s", status, errs, err, text)
	}
}

func TestReportFaults(t *testing.T) {
	empty := t.TempDir()
	for _, tt := range []struct {
		args   []string
		want   string
		status int
	}{
		{[]string{"--since", "yesterday"}, `--since "yesterday": is no time such as`, exitUsage},
		{[]string{"--since", "-7d"}, `--since "-7d": is no time such as`, exitUsage},
		{[]string{"--json", "--csv"}, "--json and --csv: give one of them", exitUsage},
		{[]string{"--data", empty}, "there is no database at " + empty, exitFailed},
		{[]string{"--database", "postgres://127.0.0.1:1/none?sslmode=disable"}, "connection refused (another is named with --database or --database-file)", exitFailed},
		{[]string{"--database", "mysql://127.0.0.1/none"}, `latchkey: no database is behind "mysql" URLs`, exitFailed},
		{[]string{"--database", "report_test.go"}, "the file report_test.go is there and is no database", exitFailed},
	} {
		text, errs, status := command(t.Context(), append([]string{"report"}, tt.args...)...)
		if status != tt.status || !strings.Contains(errs, tt.want) || text != "" {
			t.Errorf("report %q: status %d, %s", tt.args, status, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(empty, "latchkey.db")); err == nil {
		t.Error("counting made a database")
	}
}

func TestSampleCasesAreForNewDemosAlone(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want bool
	}{
		{[]string{"demo"}, true},
		{[]string{"demo", "--sample-cases=false"}, false},
		{[]string{"demo", "--accounts", "report_test.go"}, false},
	} {
		if o := options(t, tt.args...); o.SampleCases != tt.want {
			t.Errorf("%q: sample cases %t", tt.args, o.SampleCases)
		}
	}
	o := options(t, "demo", "--data", t.TempDir())
	if !newDatabase(o.Storage) {
		t.Error("an empty folder has a database")
	}
	o.Database = filepath.Join(t.TempDir(), "elsewhere.db")
	if newDatabase(o.Storage) {
		t.Error("a database that is somewhere else is the demo's to fill")
	}
	o = options(t, "demo", "--data", monthIn(t))
	if newDatabase(o.Storage) {
		t.Error("a database that is there is new")
	}
}

// deadlines is an answer that remembers until when it may be written.
type deadlines struct {
	*httptest.ResponseRecorder
	until time.Time
}

// SetWriteDeadline is what http.ResponseController asks for.
func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.until = t
	return nil
}

// A report of millions of cases takes longer than a page may: whatever shows one is given its time.
func TestReportsAreGivenTheirTime(t *testing.T) {
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load([]string{
		"serve", "--keys", keys, "--public-url", "https://help.example.com", "--data", monthIn(t), "--portal-url", "https://portal.example.com/api",
		"--portal-token", "t", "--portal-origins", "https://portal.example.com", "--support-email", "support@example.com",
		"--mail", "smtp", "--smtp-address", "127.0.0.1:1", "--smtp-tls", "none", "--mail-from", "help@example.com",
	}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	p, err := servedParts(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	a, err := assemble(t.Context(), c.Options, p, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.store.Close() }()
	for _, path := range []string{"/report", "/report.json", "/report.csv"} {
		answer := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		a.surface.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if answer.Code != http.StatusOK || answer.until.Before(time.Now().Add(reportTime/2)) {
			t.Errorf("%s: status %d, to be written until %s", path, answer.Code, answer.until)
		}
	}
}

// The end of the program waits for no report.
func TestReportsEndWithTheProgram(t *testing.T) {
	serving, end := context.WithCancel(t.Context())
	ended := patient(serving, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		end()
		<-r.Context().Done()
	}))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/report", nil)
	done := make(chan struct{})
	go func() {
		ended.ServeHTTP(httptest.NewRecorder(), request)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("went on")
	}
}
