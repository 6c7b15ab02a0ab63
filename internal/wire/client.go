package wire

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// UserAgent is who asks.
const UserAgent = "Latchkey"

// Limits are when a Client gives up.
type Limits struct {
	// Whole is for one request, its answer read. Zero: as long as its context lets it.
	Whole time.Duration
	// Connect is for a connection, and a third more for its TLS. It is to be more than a second, after which a
	// lost packet is sent again (RFC 6298 section 2). Zero: as long as net/http gives them.
	Connect time.Duration
	// Answer is how much of an answer is read, in bytes, unpacked: what is longer ends in an *http.MaxBytesError.
	Answer int64
	// Idle is how many connections to a host are kept for the next requests.
	Idle int
}

// Client asks other systems by HTTP. It follows no redirect: what lets a request in, or whom it is about, would go
// along.
func Client(l Limits) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = l.Idle
	t.MaxResponseHeaderBytes = 64 << 10
	if l.Connect > 0 {
		t.DialContext = (&net.Dialer{Timeout: l.Connect, KeepAlive: 30 * time.Second}).DialContext
		t.TLSHandshakeTimeout = l.Connect * 4 / 3
	}
	return &http.Client{
		Timeout:       l.Whole,
		Transport:     bounded{t, l.Answer},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded cuts answers off.
type bounded struct {
	next http.RoundTripper
	most int64
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, b.most)
	return answer, nil
}

// BaseURL checks what stands before every path of an API. Its errors say what it has to be, after "the base URL".
func BaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, errors.New("must be an http or https URL")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("must have no user, query or fragment")
	}
	return u, nil
}

// Loopback reports whether a host is this machine, the only place where plain text may travel: localhost,
// 127.0.0.0/8 or ::1.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && ip.IsLoopback())
}

// Private reports whether nobody reads on the way what is said to a server: by https, or on this machine.
func Private(u *url.URL) bool {
	return u.Scheme == "https" || (u.Scheme == "http" && Loopback(u.Hostname()))
}

// Token reports whether a text can be a token that lets requests in: there is one, and it has no white space.
func Token(text string) bool { return text != "" && !strings.ContainsAny(text, " \t\r\n") }

// Pause waits, and returns the error of a context that ends before.
func Pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
