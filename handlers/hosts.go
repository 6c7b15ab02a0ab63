package handlers

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// hostRule says which Host a request may name (R7): the public URL's, and nothing else.
type hostRule struct {
	public *url.URL
	demo   bool
}

// parsePublicURL accepts an origin alone: http or https, a host, and no path.
func parsePublicURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("public URL: want https://host, or http://host:port on loopback")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("public URL: want scheme and host only")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

// known reports whether host is the public URL's, its default port written or not.
func (h hostRule) known(host string) bool {
	return withPort(strings.ToLower(host), h.public.Scheme) == withPort(h.public.Host, h.public.Scheme)
}

// elsewhere is the same page at the public URL, for a GET that named another loopback host of the demo's
// own port: people type localhost where 127.0.0.1 was printed.
func (h hostRule) elsewhere(r *http.Request) (string, bool) {
	if !h.demo || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return "", false
	}
	name, port, err := net.SplitHostPort(withPort(r.Host, h.public.Scheme))
	if err != nil || !loopbackName(name) || port != h.port() {
		return "", false
	}
	to := *h.public
	to.Path, to.RawPath, to.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	return to.String(), true
}

func (h hostRule) port() string {
	_, port, err := net.SplitHostPort(withPort(h.public.Host, h.public.Scheme))
	if err != nil {
		return ""
	}
	return port
}

func loopbackName(name string) bool {
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
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
