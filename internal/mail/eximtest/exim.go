package eximtest

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/porttest"
)

// Who may send.
const (
	User     = "latchkey"
	Password = "pass word"
)

// Server is a running Exim. It knows no mailbox named nobody, puts off one named later, and takes the rest.
type Server struct {
	Port int
	// Certificate is the file to trust, and Roots what is in it.
	Certificate string
	Roots       *x509.CertPool
	box         string
}

// Start starts one, which ends with the test. Without Exim the test is skipped, and says so.
func Start(t testing.TB) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "exim") // a short path that other users may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range []string{"spool", "log", "box"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{Port: porttest.Free(t), Certificate: filepath.Join(dir, "cert.pem"), box: filepath.Join(dir, "box", "mail")}
	if s.Roots, err = makeCertificate(dir); err != nil {
		t.Fatal(err)
	}
	owner := os.Getuid()
	if owner == 0 { // Exim delivers as anybody but root
		owner = 65534
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(filepath.Join(dir, "box"), owner, owner)); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf(config, dir, s.Port, os.Getuid(), os.Getgid(), owner, User, Password)
	if err := os.WriteFile(filepath.Join(dir, "exim.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, binary(t), dir)
	return s
}

func (s *Server) run(t testing.TB, path, dir string) {
	t.Helper()
	var said strings.Builder
	server := exec.CommandContext(t.Context(), path, "-bdf", "-q1h", "-C", filepath.Join(dir, "exim.conf"))
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			logged, _ := os.ReadFile(filepath.Join(dir, "log", "mainlog"))
			t.Logf("exim said: %s\n%s", said.String(), logged)
		}
	})
	wait(t, func() bool {
		conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", s.Port))
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}

// Received waits for that many mails and returns all that came, as one mbox.
func (s *Server) Received(t testing.TB, mails int) string {
	t.Helper()
	var stored string
	wait(t, func() bool {
		data, _ := os.ReadFile(s.box) // not there until the first mail is
		stored = string(data)
		return strings.Count(stored, "\nEnvelope-to: ") >= mails
	})
	return stored
}

// binary is Exim's path; `make test` sees to it that there is one.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LATCHKEY_TEST_EXIM"); path != "" {
		return path
	}
	for _, name := range []string{"exim4", "/usr/sbin/exim4", "exim"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("NOT RUN: no Exim (Debian: exim4-daemon-light, or its path in LATCHKEY_TEST_EXIM; `make test` provides one)")
	return ""
}

func wait(t testing.TB, done func() bool) {
	t.Helper()
	for range 3000 {
		if done() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("waited for a minute")
}
