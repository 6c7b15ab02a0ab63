package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/internal/config"
)

func TestWhoMayReadSecretsIsTold(t *testing.T) {
	dir := t.TempDir()
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o604: true} {
		name := filepath.Join(dir, mode.String())
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		warnOfReadable(slog.New(slog.NewTextHandler(&log, nil)), []config.SecretFile{{Flag: "keys-file", Name: name}, {Flag: "x", Name: dir + "/gone"}})
		if got := log.String(); strings.Contains(got, "level=WARN") != warned || strings.Contains(got, name) != warned || strings.Contains(got, "--keys-file") != warned {
			t.Errorf("%s: the log says %q", mode, got)
		}
	}
}
