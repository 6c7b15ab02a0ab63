package main

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestServersHaveTheTimesOfR13 compares the server that every listener gets to the figures of R13, and sees
// to it that a long answer is still within what a request may take.
func TestServersHaveTheTimesOfR13(t *testing.T) {
	s := httpServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for _, tt := range []struct {
		what      string
		got, want time.Duration
	}{
		{"header", s.ReadHeaderTimeout, 5 * time.Second},
		{"read", s.ReadTimeout, 10 * time.Second},
		{"write", s.WriteTimeout, 15 * time.Second},
		{"idle", s.IdleTimeout, 60 * time.Second},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, tt.got, tt.want)
		}
	}
	if s.MaxHeaderBytes != 16<<10 {
		t.Errorf("headers: %d bytes, want 16 KB", s.MaxHeaderBytes)
	}
}

// OPTIONS * is about no page. It is answered as everything else is: with the headers of every answer, and not to
// another host.
func TestNoAnswerIsWithoutOurHeaders(t *testing.T) {
	d := startDemo(t)
	for _, tt := range []struct {
		what, url, host string
		status          int
		headers         []string
	}{
		{"pages", d.urls[0], "", http.StatusNotFound, []string{"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "X-Request-Id"}},
		{"pages, as another host", d.urls[0], "evil.example", http.StatusMisdirectedRequest, []string{"Content-Security-Policy", "X-Request-Id"}},
		{"ops", d.urls[2], "", http.StatusBadRequest, nil},
		{"ops, as another host", d.urls[2], "evil.example", http.StatusMisdirectedRequest, nil},
	} {
		at, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		answer := askRaw(t, at.Host, "OPTIONS * HTTP/1.1\r\nHost: "+cmp.Or(tt.host, at.Host)+"\r\n\r\n")
		if answer.StatusCode != tt.status {
			t.Errorf("%s: status %d, want %d", tt.what, answer.StatusCode, tt.status)
		}
		for _, name := range append(tt.headers, "X-Content-Type-Options", "Cache-Control") {
			if answer.Header.Get(name) == "" {
				t.Errorf("%s: no %s", tt.what, name)
			}
		}
	}
}

// askRaw sends a request as it is.
func askRaw(t *testing.T, address, request string) *http.Response {
	t.Helper()
	c, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// What net/http reports of a connection names no client.
func TestServerErrorsNameNoClient(t *testing.T) {
	for _, line := range []string{
		"http: panic serving 203.0.113.9:4711: boom\ngoroutine 7 [running]:",
		"http: panic serving [2001:db8::7]:4711: boom",
		"http: TLS handshake error from [fe80::1%eth0]:4711: EOF",
		"http: Accept error: accept tcp 203.0.113.9:80: too many open files; retrying in 5ms",
	} {
		var log bytes.Buffer
		httpServer(nil, slog.New(slog.NewTextHandler(&log, nil))).ErrorLog.Print(line)
		text := log.String()
		for _, client := range []string{"203.0.113.9", "2001:db8", "fe80", "4711"} {
			if strings.Contains(text, client) {
				t.Errorf("%q is logged as %s", line, text)
			}
		}
		if !strings.Contains(text, "a client") || !strings.Contains(text, "level=WARN") {
			t.Errorf("%q is logged as %s", line, text)
		}
	}
}

// A whole panic, of a handler that nothing stands around.
func TestAPanicIsLoggedWithoutItsClient(t *testing.T) {
	var log bytes.Buffer
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := httpServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }),
		slog.New(slog.NewTextHandler(&log, nil)))
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(c).ReadByte(); err == nil {
		t.Error("a panic was answered")
	}
	client := c.LocalAddr().String()
	_ = c.Close()
	_ = s.Shutdown(t.Context())
	<-done
	if !strings.Contains(log.String(), "boom") || strings.Contains(log.String(), client) {
		t.Errorf("logged, of %s:\n%s", client, log.String())
	}
}
