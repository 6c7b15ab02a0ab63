package redistest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"latchkey/internal/porttest"
)

// Server is a Redis that keeps nothing on the disk.
type Server struct {
	URL     string
	t       testing.TB
	binary  string
	address string
	process *exec.Cmd // nil while it is stopped
	said    strings.Builder
}

// New returns a server that does not run yet and whose address is known. Without Redis the test is skipped,
// and says so.
func New(t testing.TB) *Server {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", porttest.Free(t))
	s := &Server{URL: "redis://" + address, t: t, binary: binary(t), address: address}
	t.Cleanup(s.Stop)
	return s
}

// Start returns one that runs. It ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := New(t)
	s.Start()
	return s
}

// Start starts the server, empty, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.address)
	s.process = exec.CommandContext(context.Background(), s.binary, "--bind", "127.0.0.1", "--port", port,
		"--save", "", "--appendonly", "no", "--dir", s.t.TempDir(), "--loglevel", "warning")
	s.process.Stdout, s.process.Stderr = &s.said, &s.said
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	for range 3000 {
		if s.ask("PING") == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatal("Redis does not answer")
}

// Stop kills the server, and with it what it kept.
func (s *Server) Stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
	if s.t.Failed() {
		s.t.Logf("redis said: %s", s.said.String())
	}
}

// Empty forgets everything.
func (s *Server) Empty() {
	s.t.Helper()
	if err := s.ask("FLUSHALL"); err != nil {
		s.t.Fatal(err)
	}
}

// Keys are the names of all that is kept.
func (s *Server) Keys() string {
	s.t.Helper()
	keys, err := s.answer("EVAL \"return table.concat(redis.call('keys', '*'), ' ')\" 0")
	if err != nil {
		s.t.Fatal(err)
	}
	return keys
}

func (s *Server) ask(command string) error {
	_, err := s.answer(command)
	return err
}

// answer sends a command in the form that people type, and returns what comes.
func (s *Server) answer(command string) (string, error) {
	conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", s.address)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, command+"\r\nQUIT\r\n"); err != nil {
		return "", err
	}
	said, err := io.ReadAll(conn)
	if err == nil && (len(said) == 0 || said[0] == '-') {
		err = fmt.Errorf("redis: %s: %q", command, said)
	}
	return string(said), err
}

// binary is the path of Redis; `make test` sees to it that there is one.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LATCHKEY_TEST_REDIS"); path != "" {
		return path
	}
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("NOT RUN: no Redis (Debian: redis-server, or its path in LATCHKEY_TEST_REDIS; `make test` provides one)")
	}
	return path
}
