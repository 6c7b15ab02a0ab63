package edge

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"latchkey/internal/wire"
)

// Hosts says which Host a request may name (R7): the public URL's, and nothing else.
type Hosts struct {
	Public *url.URL
	// Loopback redirects the other names of loopback to Public.
	Loopback bool
}

// ParsePublicURL accepts an origin alone: http or https, a host, and no path.
func ParsePublicURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("public URL: want https://host, or http://host:port on loopback")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("public URL: want scheme and host only")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// Known reports whether host is the public URL's, its default port written or not.
func (h Hosts) Known(host string) bool {
	return withPort(strings.ToLower(host), h.Public.Scheme) == withPort(h.Public.Host, h.Public.Scheme)
}

// Elsewhere is the same page at the public URL, for a GET that named another loopback host of the same
// port: people type localhost where 127.0.0.1 was printed.
func (h Hosts) Elsewhere(r *http.Request) (string, bool) {
	if !h.Loopback || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return "", false
	}
	name, port, err := net.SplitHostPort(withPort(r.Host, h.Public.Scheme))
	if err != nil || !wire.Loopback(name) || port != h.port() {
		return "", false
	}
	to := *h.Public
	to.Path, to.RawPath, to.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	return to.String(), true
}

func (h Hosts) port() string {
	_, port, err := net.SplitHostPort(withPort(h.Public.Host, h.Public.Scheme))
	if err != nil {
		return ""
	}
	return port
}

func withPort(host, scheme string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	port := "80"
	if scheme == "https" {
		port = "443"
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}
