package sqlstoretest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Server is a PostgreSQL server of the test's own, which it may stop and start.
type Server struct {
	URL    string
	tb     testing.TB
	folder string
	script string
}

// StartServer starts one with these settings, by .ci/postgres. It ends with the test. Where PostgreSQL is not
// installed the test is not run, and says so.
func StartServer(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s := &Server{tb: tb, script: script(tb)}
	start := exec.CommandContext(tb.Context(), "bash", append([]string{s.script, "start"}, settings...)...)
	var said bytes.Buffer
	start.Stderr = &said
	out, err := start.Output()
	switch {
	case strings.Contains(said.String(), "no initdb"):
		tb.Skip("NOT RUN: no PostgreSQL (Debian: postgresql; `make test` provides one)")
	case err != nil:
		tb.Fatalf("postgres start: %v\n%s", err, said.String())
	}
	s.folder = string(bytes.TrimSpace(out))
	tb.Cleanup(func() { s.do("stop") })
	url, err := os.ReadFile(filepath.Join(s.folder, "url"))
	if err != nil {
		tb.Fatal(err)
	}
	s.URL = strings.TrimSpace(string(url))
	return s
}

// Halt stops the server for a while; Resume starts it again, and returns when it answers.
func (s *Server) Halt() { s.do("halt") }

// Resume ends what Halt began.
func (s *Server) Resume() { s.do("resume") }

// Folder is where the server keeps what is its own.
func (s *Server) Folder() string { return s.folder }

func (s *Server) do(what string) {
	s.tb.Helper()
	if out, err := exec.CommandContext(context.Background(), "bash", s.script, what, s.folder).CombinedOutput(); err != nil {
		s.tb.Errorf("postgres %s: %v\n%s", what, err, out)
	}
}

// script is .ci/postgres of the module that the test is in.
func script(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".ci", "postgres")
		}
	}
	tb.Fatal("no go.mod above")
	return ""
}
