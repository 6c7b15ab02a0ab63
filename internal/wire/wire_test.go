package wire_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"latchkey/internal/wire"
)

// What lets a request in stays with who was asked, wherever the answer points.
func TestClientFollowsNoRedirect(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	s := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	res, err := wire.Client(wire.Limits{Answer: 100}).Get(s.URL)
	if err != nil || res.StatusCode != http.StatusTemporaryRedirect || asked != 0 {
		t.Errorf("%v, %v; the other was asked %d times", res, err, asked)
	}
}

func TestClientReadsNoMoreThanItsLimit(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 100))
	}))
	defer s.Close()
	for limit, long := range map[int64]bool{99: true, 100: false} {
		res, err := wire.Client(wire.Limits{Answer: limit}).Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		if int64(len(text)) != limit || wire.TooLong(err) != long || (err != nil) != long {
			t.Errorf("%d bytes of 100 with a limit of %d, %v", len(text), limit, err)
		}
	}
}

// A server that takes the connection and says nothing is given up as one that cannot be reached.
func TestClientGivesUp(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mute.Close() }()
	for scheme, l := range map[string]wire.Limits{
		"http": {Whole: 20 * time.Millisecond, Answer: 1}, "https": {Connect: 15 * time.Millisecond, Answer: 1},
	} {
		_, err := wire.Client(l).Get(scheme + "://" + mute.Addr().String())
		if _, late := wire.Fault(err); !late {
			t.Errorf("%s: %v, want that it was late", scheme, err)
		}
	}
}

// What broke is told; the URL that was asked for, and with it whom it was about, is not.
func TestFault(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	certificate := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	for _, tt := range []struct {
		err  error
		told string
		late bool
	}{
		{refused, "dial tcp: connection refused", false},
		{certificate, certificate.Error(), false},
		{&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}, "dial tcp: i/o timeout", true},
		{context.DeadlineExceeded, "no answer in time", true},
		{context.Canceled, "context canceled", false},
		{io.ErrUnexpectedEOF, "unexpected EOF", false},
		{slow{}, "no answer in time", true},
		{errors.New(`malformed answer "ann@example.com"`), "the exchange broke off", false},
	} {
		for _, err := range []error{tt.err, &url.Error{Op: "Get", URL: "https://x/?email=ann@example.com", Err: tt.err}} {
			cause, late := wire.Fault(err)
			if cause.Error() != tt.told || late != tt.late {
				t.Errorf("%v: %q, late %v; want %q, %v", err, cause, late, tt.told, tt.late)
			}
		}
	}
}

// slow is a timeout of net/http's own, which says more than may be told.
type slow struct{}

func (slow) Error() string   { return "https://x/?email=ann@example.com took too long" }
func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	in := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tt := range []struct {
		asked, date string
		want        time.Duration
		told        bool
	}{
		{"", "", 0, false},
		{"soon", "", 0, false},
		{"-3", "", 0, false},
		{"0", "", 0, true},
		{"7", "", 7 * time.Second, true},
		{"999999", "", 24 * time.Hour, true},
		{"9223372036854775807", "", 24 * time.Hour, true},
		{"9223372036854775808", "", 0, false},
		{in(time.Minute), "", time.Minute, true},
		{in(-time.Minute), "", 0, true},
		{in(48 * time.Hour), "", 24 * time.Hour, true},
		{in(time.Minute), in(-time.Hour), time.Hour + time.Minute, true}, // its clock is slow
		{in(time.Minute), "now", time.Minute, true},
	} {
		h := http.Header{"Retry-After": {tt.asked}, "Date": {tt.date}}
		if got, told := wire.RetryAfter(h, now); got != tt.want || told != tt.told {
			t.Errorf("%q at %q: %s, %v; want %s, %v", tt.asked, tt.date, got, told, tt.want, tt.told)
		}
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.": false, "localhost.example.com": false, "127.0.0.1.example.com": false, "10.0.0.1": false,
		"0.0.0.0": false, "::": false, "::2": false, "0177.0.0.1": false,
	} {
		if wire.Loopback(host) != want {
			t.Errorf("Loopback(%q) is %v", host, !want)
		}
	}
}

func TestPrivate(t *testing.T) {
	for raw, want := range map[string]bool{
		"https://desk.example.com": true, "https://127.0.0.1": true, "http://127.0.0.1:8080": true, "http://[::1]/": true,
		"http://desk.example.com": false, "http://localhost.example.com": false, "ftp://127.0.0.1": false, "127.0.0.1": false,
	} {
		u, err := url.Parse(raw)
		if err != nil || wire.Private(u) != want {
			t.Errorf("Private(%s) is %v, %v", raw, !want, err)
		}
	}
}

func TestToken(t *testing.T) {
	for token, want := range map[string]bool{"glpat-4F2": true, "": false, "a b": false, "a\n": false, "a\r": false, "\ta": false} {
		if wire.Token(token) != want {
			t.Errorf("Token(%q) is %v", token, !want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for raw, says := range map[string]string{
		"https://a.example": "", "http://a.example:8080/below/": "",
		"": "http or https", "a.example": "http or https", "ftp://a.example": "http or https", "https://": "http or https",
		"https://u:p@a.example": "no user", "https://a.example/?x=1": "no user", "https://a.example/#x": "no user",
	} {
		u, err := wire.BaseURL(raw)
		if said := fmt.Sprint(err); (says == "") != (err == nil) || (says != "" && !strings.Contains(said, says)) || (err == nil && u.String() != raw) {
			t.Errorf("%q: %v, %v", raw, u, err)
		}
	}
}

func TestPause(t *testing.T) {
	if err := wire.Pause(t.Context(), time.Millisecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range []time.Duration{0, time.Hour} {
		if err := wire.Pause(ctx, d); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", d, err)
		}
	}
}

func TestMedia(t *testing.T) {
	for header, want := range map[string]string{
		"application/json": "application/json", "Application/JSON; charset=utf-8": "application/json", "": "", "application/": "",
	} {
		if got := wire.Media(http.Header{"Content-Type": {header}}); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}
