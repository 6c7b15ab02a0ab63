package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/demo"
	"latchkey/internal/recovery"
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
