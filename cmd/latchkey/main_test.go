package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/secret"
)

// command runs the program with an empty environment and says what it wrote and how it would exit.
func command(ctx context.Context, args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	err := run(ctx, args, func(string) string { return "" }, &out, &errs)
	if err != nil {
		status = report(&errs, err)
	}
	return out.String(), errs.String(), status
}

func TestSmallCommands(t *testing.T) {
	out, _, status := command(t.Context(), "keys")
	if _, err := secret.Parse(out); err != nil || status != 0 {
		t.Errorf("keys: %v, status %d", err, status)
	}
	if out, _, status := command(t.Context(), "version"); !strings.HasPrefix(out, "latchkey ") || status != 0 {
		t.Errorf("version: %q, status %d", out, status)
	}
	if out, errs, status := command(t.Context(), "demo", "--help"); !strings.Contains(out, "--listen") || errs != "" || status != 0 {
		t.Errorf("help: %.60q, %q, status %d", out, errs, status)
	}
}

func TestOneClearLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	anyPorts := []string{"--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--data", t.TempDir()}
	for _, tt := range []struct {
		name   string
		args   []string
		want   string
		status int
	}{
		{"taken port", []string{"--listen", taken.Addr().String()}, "cannot listen on " + taken.Addr().String() + ": address already in use (choose another with --listen)", exitFailed},
		{"taken ops port", []string{"--ops-listen", taken.Addr().String()}, "(choose another with --ops-listen)", exitFailed},
		{"unwritable folder", []string{"--data", filepath.Join(file, "data")}, "the data folder " + filepath.Join(file, "data") + " cannot be made: not a directory", exitFailed},
		{"bad flag", []string{"--lisen"}, `unknown flag --lisen, did you mean "--listen"?`, exitUsage},
		{"bad value", []string{"--prove-ttl", "soon"}, `--prove-ttl "soon": is no time`, exitUsage},
		{"bad keys", []string{"--keys", "x"}, "--keys: key file, line 1", exitUsage},
		{"a file of bad keys", []string{"--keys-file", "main_test.go"}, `--keys-file "main_test.go": key file, line 1`, exitUsage},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // what starts all the same ends at once
		out, errs, status := command(ctx, append(append([]string{"demo"}, anyPorts...), tt.args...)...)
		lines := strings.Split(strings.TrimSuffix(errs, "\n"), "\n")
		if strings.HasSuffix(tt.name, "bad keys") {
			if len(lines) > 5 {
				t.Errorf("%s: %d lines", tt.name, len(lines))
			}
			lines = lines[:1] // a key file has more than one fault
		}
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "latchkey: ") || !strings.Contains(lines[0], tt.want) || status != tt.status || out != "" {
			t.Errorf("%s: %q and %q, status %d; want one line with %q, status %d", tt.name, out, errs, status, tt.want, tt.status)
		}
	}
}

// started is a server of run, and where it is.
type started struct {
	urls []string // of the banner, in its order
	end  func() error
}

// start runs a command until it has printed where it is.
func start(t *testing.T, args ...string) started {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	printed, out := io.Pipe()
	done := make(chan error, 1)
	var errs bytes.Buffer
	go func() {
		err := run(ctx, args, func(string) string { return "" }, out, &errs)
		_ = out.CloseWithError(io.EOF)
		done <- err
	}()
	end := func() error { cancel(); return <-done }
	text := make([]byte, 64<<10)
	n, err := printed.Read(text)
	if err != nil {
		t.Fatalf("%s ended before it printed anything: %v\n%s", args[0], end(), errs.String())
	}
	return started{regexp.MustCompile(`http://[^\s,]+`).FindAllString(string(text[:n]), -1), end}
}

func status(t *testing.T, url string) int {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func TestDemoStartsAndEnds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	args := []string{"demo", "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--data", dir, "--log-level=error"}
	var keys string
	for range 2 { // the second time with what the first one kept
		d := start(t, args...)
		if len(d.urls) != 4 {
			t.Fatalf("the banner has %q, want four addresses", d.urls)
		}
		for _, url := range append(d.urls, strings.Replace(d.urls[2], "/inbox", "/readyz", 1)) {
			if got := status(t, url); got != http.StatusOK {
				t.Errorf("%s answers %d", url, got)
			}
		}
		if err := d.end(); err != nil {
			t.Errorf("the demo ends with %v", err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "keys"))
		if err != nil || (keys != "" && string(text) != keys) {
			t.Errorf("the demo's keys did not stay: %v", err)
		}
		keys = string(text)
	}
	info, err := os.Stat(filepath.Join(dir, "keys"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys are for more than their owner: %v, %v", info.Mode(), err)
	}
}

// The demo's inbox shows everybody's mail: no page of another site may read it by a name that it has made
// point here.
func TestTheDemosInboxAnswersToThisMachineAlone(t *testing.T) {
	d := start(t, "demo", "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--data", t.TempDir(), "--log-level=error")
	at, err := url.Parse(d.urls[2])
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"evil.example": http.StatusMisdirectedRequest, "localhost.evil.example": http.StatusMisdirectedRequest,
		"127.0.0.1.evil.example": http.StatusMisdirectedRequest, "192.0.2.1": http.StatusMisdirectedRequest,
		"localhost": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]": http.StatusOK,
	} {
		for _, path := range []string{"/inbox", "/inbox.json", "/metrics"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.Scheme+"://"+at.Host+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = name + ":" + at.Port()
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s as %s answers %d, want %d", path, name, answer.StatusCode, want)
			}
		}
	}
	if err := d.end(); err != nil {
		t.Error(err)
	}
}

// A file of a token that holds something else is named by its flag, however late it is looked at.
func TestServeRefusesATokenThatIsNone(t *testing.T) {
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	for flag, others := range map[string][]string{
		"portal-token": nil, "gitlab-token": {"--gitlab-url", "http://127.0.0.1:1"},
		"zendesk-token": {"--desk", "zendesk", "--zendesk-url", "https://example.zendesk.com", "--zendesk-user", "agent@example.com"},
	} {
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte("# the token\nabc\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append(slices.Clone(serving), "--keys", keys, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0",
			"--data", t.TempDir(), "--public-url", "http://localhost:1", "--portal-url", "http://127.0.0.1:1", "--"+flag+"-file", file)
		if i := slices.Index(args, "--"+flag); i >= 0 {
			args = slices.Delete(args, i, i+2)
		}
		out, errs, status := command(t.Context(), append(args, others...)...)
		if status != exitUsage || !strings.Contains(errs, "--"+flag+": ") || !strings.Contains(errs, "white space") || strings.Contains(errs, "abc") {
			t.Errorf("%s: status %d, %q, %q", flag, status, out, errs)
		}
	}
}

func TestServeStartsAndEnds(t *testing.T) {
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{}, serving...), "--keys", keys, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0",
		"--data", t.TempDir(), "--log-level=error", "--public-url", "http://localhost:1", "--drain-delay", "1ms", "--portal-url", "http://127.0.0.1:1")
	s := start(t, args...)
	if len(s.urls) != 3 {
		t.Fatalf("serve prints %q, want where it is, for which URL, and ops", s.urls)
	}
	if got := status(t, s.urls[2]+"/readyz"); got != http.StatusOK {
		t.Errorf("/readyz answers %d", got)
	}
	if got := status(t, s.urls[2]+"/inbox"); got != http.StatusNotFound {
		t.Errorf("serve has an inbox: %d", got)
	}
	if got := status(t, s.urls[0]); got < 400 || got > 499 {
		t.Errorf("an unknown Host answers %d, want a refusal (R7)", got)
	}
	if err := s.end(); err != nil {
		t.Errorf("serve ends with %v", err)
	}
}

// What is wrong with how the portal and the mail server were named shows when serve starts, and not at the first
// customer.
func TestServeAsksThePortalAtOnce(t *testing.T) {
	mails, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mails.Close() })
	called := make(chan net.Conn, 10)
	go func() {
		for conn, err := mails.Accept(); err == nil; conn, err = mails.Accept() {
			called <- conn
		}
	}()
	asked := make(chan string, 10)
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(portal.Close)
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, append(append([]string{}, serving...), "--keys", keys, "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0",
		"--data", t.TempDir(), "--log-level=error", "--public-url", "http://localhost:1", "--drain-delay", "1ms",
		"--smtp-address", mails.Addr().String(), "--smtp-tls", "none", "--portal-url", portal.URL, "--portal-token", "ours")...)
	select {
	case conn := <-called:
		_ = conn.Close()
	case <-time.After(time.Minute):
		t.Error("no connection to the mail server")
	}
	select {
	case got := <-asked:
		if want := "GET /v1/healthz Bearer ours"; got != want {
			t.Errorf("asked %q, want %q", got, want)
		}
	case <-time.After(time.Minute):
		t.Error("asked nothing")
	}
	if got := status(t, s.urls[2]+"/readyz"); got != http.StatusOK { // a portal that is away keeps nobody from starting
		t.Errorf("/readyz answers %d", got)
	}
	if err := s.end(); err != nil {
		t.Errorf("serve ends with %v", err)
	}
}
