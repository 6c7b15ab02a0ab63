package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// used makes a database in dir that has been used with these key files.
func used(t *testing.T, dir string, keyFiles ...string) {
	t.Helper()
	store, err := openStore(t.Context(), options(t, "demo", "--data", dir).Storage)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for i, text := range keyFiles {
		keys, err := parseKeys(config.KeyRing{Keys: text})
		if err != nil {
			t.Fatal(err)
		}
		now := func() time.Time { return time.Unix(int64(i+1), 0) }
		if _, err := recovery.New(recovery.Deps{Store: store, Keys: keys, Now: now}).Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestErase(t *testing.T) {
	var keys [3]string
	var err error
	for i := range keys {
		var made error
		keys[i], made = secret.Generate()
		err = errors.Join(err, made)
	}
	if err != nil {
		t.Fatal(err)
	}
	empty, fresh, one, two := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	used(t, fresh)
	used(t, one, keys[0])
	used(t, two, keys[0], keys[1])
	for _, tt := range []struct {
		name         string
		args         []string
		status       int
		out, faulted string
	}{
		{"nobody yet", []string{"--data", fresh, "--keys", keys[0]}, 0, "erased: 0 cases", ""},
		{"the server's keys", []string{"--data", one, "--keys", keys[0]}, 0, "erased: 0 cases", ""},
		{"other keys", []string{"--data", one, "--keys", keys[1]}, exitFailed, "", "nothing is erased: this database has been used with other key files alone"},
		{"one of two", []string{"--data", two, "--keys", keys[1]}, 0, "used with other key files too, 1: erase with those as well", ""},
		{"neither of two", []string{"--data", two, "--keys", keys[2]}, exitFailed, "", "nothing is erased"},
		{"no database", []string{"--data", empty, "--keys", keys[0]}, exitFailed, "", "there is no database at " + empty},
		{"no keys", []string{"--data", one, "--keys", "no keys"}, exitUsage, "", "key file, line 1"},
	} {
		out, errs, status := command(t.Context(), append([]string{"erase", "a@example.com"}, tt.args...)...)
		if status != tt.status || !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.faulted) || (status != 0 && out != "") {
			t.Errorf("%s: status %d, %q, %q", tt.name, status, out, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(empty, "latchkey.db")); err == nil {
		t.Error("erasing made a database")
	}
	if _, errs, status := command(t.Context(), "erase", "nobody", "--data", one, "--keys", "no keys"); status != exitUsage ||
		!strings.Contains(errs, "<email>") || !strings.Contains(errs, "key file, line 1") {
		t.Errorf("two faults: status %d, %q; want both", status, errs)
	}
}

func TestMigrate(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "latchkey.db")
	for _, want := range []string{"a new database was made at " + file + " (", "the database at " + file + " is up to date"} {
		out, errs, status := command(t.Context(), "migrate", "--data", dir)
		if status != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("migrate: %q, %q, status %d, want %q", out, errs, status, want)
		}
	}
}
