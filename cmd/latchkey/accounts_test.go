package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/demo"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "export.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A vendor's own export, diagnosed on a laptop.
func TestDemoDiagnosesAVendorsAccounts(t *testing.T) {
	file := writeFile(t, "id,email,confirmed_at,origin,billing_account_id\n1001,ada@vendor.example,2024-05-01,legacy,A-1\n1002,bob@vendor.example,,,A-1\n")
	dir := t.TempDir()
	args := []string{"demo", "--accounts", file, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--data", dir, "--portal-token=token", "--log-level=error"}
	for range 2 { // the second time they are there already
		d := start(t, args...)
		told := []string{"--portal-url", d.urls[1], "--portal-token", "token"}
		for email, want := range map[string]string{
			"ada@vendor.example": "unlinked-legacy", "bob@vendor.example": "unconfirmed", "healthy@example.com": "different-email",
		} {
			if got := diagnoseJSON(t, email, told...).situations(); len(got) == 0 || got[0] != want {
				t.Errorf("%s is %v, want %s", email, got, want)
			}
		}
		if err := d.end(); err != nil {
			t.Errorf("the demo ends with %v", err)
		}
	}
}

func TestDemoSaysWhatIsWrongWithAFile(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"not there", filepath.Join(dir, "none.csv"), []string{`latchkey: --accounts "` + filepath.Join(dir, "none.csv") + `": there is no such file`}},
		{"faults", writeFile(t, "email,confirmed_at\nada,soon\nbob@vendor.example,2024-05-01\n"), []string{
			`export.csv: line 2: email "ada" is no address`, `export.csv: line 2: confirmed_at "soon" is no time`, "export.csv: nothing was loaded",
		}},
	} {
		out, errs, status := command(t.Context(), "demo", "--accounts", tt.file, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--data", dir)
		for _, want := range tt.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: no %q in %q", tt.name, want, errs)
			}
		}
		if status != exitUsage || out != "" {
			t.Errorf("%s: status %d, printed %q", tt.name, status, out)
		}
	}
}

func TestWhatCameOfAFile(t *testing.T) {
	portal, _ := dryHouse(t)
	var b strings.Builder
	b.WriteString("email,confirmed_at,team\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "person%d@vendor.example,2024-05-01,\n", i)
	}
	b.WriteString("person7@vendor.example,2024-05-01,\n")
	file := writeFile(t, b.String())
	var errs bytes.Buffer
	if err := loadAccounts(t.Context(), file, portal, &errs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Loading " + file + ": 10 %, ", ": 90 %, ", "Loaded 3,000 accounts from ", "1 row left out, because another says the same: line 3002 repeats line 9.",
		"Columns that are not known were left out: team.",
	} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("no %q in\n%s", want, errs.String())
		}
	}
	if lines := strings.Count(errs.String(), "\n"); lines > 13 {
		t.Errorf("%d lines for a small file", lines)
	}
	errs.Reset()
	if err := loadAccounts(t.Context(), file, portal, &errs); err != nil || !strings.Contains(errs.String(), "3,000 accounts there already") {
		t.Errorf("again: %v, %s", err, errs.String())
	}
}

func TestDemoHelpNamesEveryColumn(t *testing.T) {
	help, _, _ := command(t.Context(), "demo", "--help")
	words := strings.FieldsFunc(help, func(r rune) bool { return r == ' ' || r == '\n' || r == ',' || r == '.' || r == ':' })
	for _, c := range demo.Columns() {
		if !slices.Contains(words, c.Name) {
			t.Errorf("demo --help does not name %s", c.Name)
		}
	}
}

// The README's table of columns is that of the importer, to the letter.
func TestReadmeNamesEveryColumn(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| column | what |\n| --- | --- |\n")
	for _, c := range demo.Columns() {
		name := "`" + c.Name + "`"
		if c.Required {
			name += ", required"
		}
		fmt.Fprintf(&want, "| %s | %s |\n", name, c.About)
	}
	if !strings.Contains(string(text), want.String()) {
		t.Errorf("the README does not have this table:\n%s", want.String())
	}
}
