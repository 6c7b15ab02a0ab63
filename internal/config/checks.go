package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// textChecks and listChecks are the kinds of values, by the tag `type` of their flags. A check returns
// the value in its one form.
var textChecks = map[string]func(string) (string, error){
	"listen":       listenAddress,
	"dial":         dialAddress,
	"origin":       origin,
	"base-url":     baseURL,
	"portal-url":   portalURL,
	"upstream":     upstream,
	"issuer":       issuer,
	"mailgun-base": mailgunBase,
	"mailbox":      mailbox,
	"sender":       sender,
	"domain":       domain,
	"name":         name,
	"pattern":      pattern,
	"webhook-url":  webhookURL,
	"secret-file":  func(name string) (string, error) { return name, nil }, // read later, with all others
}

var listChecks = map[string]func(string) (string, error){
	"networks": network,
	"origins":  origin,
	"domains":  domain,

	"desk-fields":     deskField,
	"desk-priorities": deskPriority,
	"words":           func(word string) (string, error) { return word, nil },
}

// name is what pages, mails or others call something; without one a sentence ends in the middle.
func name(text string) (string, error) {
	if text == "" {
		return text, errors.New("is empty; leave the flag out for the default")
	}
	return text, nil
}

func listenAddress(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return text, errors.New("is not HOST:PORT, such as 127.0.0.1:8080")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return text, errors.New("has no port from 0 to 65535")
	}
	return text, nil
}

func dialAddress(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || host == "" || n < 1 || n > 65535 {
		return text, errors.New("is not HOST:PORT, such as mail.example.com:587")
	}
	return text, nil
}

// origin is a scheme and a host, in lower case; https unless the host is this machine.
func origin(text string) (string, error) {
	u, err := webURL(text)
	if err != nil {
		return text, err
	}
	if u.Path != "" && u.Path != "/" {
		return text, errors.New("has a path; want scheme and host alone, such as https://help.example.com")
	}
	return strings.ToLower(u.Scheme + "://" + u.Host), nil
}

func baseURL(text string) (string, error) {
	u, err := webURL(text)
	if err != nil {
		return text, err
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// portalURL is what stands before the paths of the Customer Portal API, which name its version.
func portalURL(text string) (string, error) {
	base, err := baseURL(text)
	if err == nil && strings.HasSuffix(base, "/v1") {
		err = errors.New("ends in /v1; want what stands before that")
	}
	return base, err
}

// upstream is a server behind the proxy, in a network of one's own: http will do.
func upstream(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return text, errors.New("is no URL such as http://10.0.0.5:8080")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return text, errors.New("has more than a scheme and a host")
	}
	return u.Scheme + "://" + u.Host, nil
}

// issuer stays as it is written: a provider's tokens name it to the letter.
func issuer(text string) (string, error) {
	_, err := webURL(text)
	return text, err
}

func mailgunBase(text string) (string, error) {
	base, err := baseURL(text)
	if err == nil && !strings.HasSuffix(base, "/v3") {
		err = errors.New("does not end in /v3, such as https://api.eu.mailgun.net/v3")
	}
	return base, err
}

func webURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, errors.New("is no URL such as https://help.example.com")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("has a user, a query or a fragment, which a URL here must not")
	case strings.Contains(u.Host, "*"):
		return nil, errors.New("has a wildcard; name each host")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, errors.New("is http; only this machine may go without https")
	}
	return u, nil
}

// loopback reports whether a host is this machine: localhost, 127.0.0.0/8 or ::1.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && ip.IsLoopback())
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func network(text string) (string, error) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(ip, ip.BitLen()).String(), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return text, errors.New("is no network such as 10.0.0.0/8 or 2001:db8::/32")
	}
	if prefix.Bits() == 0 {
		return text, errors.New("would believe everybody; name the proxies")
	}
	return prefix.Masked().String(), nil
}

func mailbox(text string) (string, error) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Name != "" || a.Address != text {
		return text, errors.New("is no address such as support@example.com")
	}
	return text, nil
}

// sender may have a name: 'Acme <no-reply@mail.example.com>'.
func sender(text string) (string, error) {
	if _, err := mail.ParseAddress(text); err != nil {
		return text, errors.New("is no address such as 'Acme <no-reply@mail.example.com>'")
	}
	return text, nil
}

var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$`)

func domain(text string) (string, error) {
	lower := strings.ToLower(text)
	if !domainForm.MatchString(lower) {
		return text, errors.New("is no domain such as mail.example.com")
	}
	return lower, nil
}

func pattern(text string) (string, error) {
	if _, err := regexp.Compile(text); err != nil {
		return text, errors.New("is no regular expression such as (?i)reset.*password")
	}
	return text, nil
}
