package load

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Browser is one customer's: a cookie, the token of its forms, an address of its own to come from.
type Browser struct {
	Address string
	cookie  string
	token   string
	from    string
}

// networks is how many there are. Customers who come one after another come from different ones.
const networks = 1 << 12

// NewBrowser is the nth browser, in the nth network.
func NewBrowser(n int, address string) *Browser {
	network, host := n%networks+1<<8, n/networks%250+1 // keeps clear of 10.0.0.0/16
	return &Browser{
		Address: address,
		from:    "10." + strconv.Itoa(network>>8) + "." + strconv.Itoa(network&255) + "." + strconv.Itoa(host),
	}
}

var (
	tokenMark = []byte(`name="token" value="`)
	quote     = []byte(`"`)
)

// Open gets a page and keeps what is needed for its form.
func (b *Browser) Open(c *Conn, path string) error {
	a, err := b.do(c, Request{Path: path}, http.StatusOK, "")
	if err != nil {
		return err
	}
	if _, after, ok := bytes.Cut(a.Body, tokenMark); ok {
		token, _, _ := bytes.Cut(after, quote)
		b.token = string(token)
	}
	return nil
}

// Start asks for the proof mail. Open comes before it.
func (b *Browser) Start(c *Conn) error { return b.post(c, "/", "email", b.Address, "/check-email") }

// Verify types the code.
func (b *Browser) Verify(c *Conn, code string) error {
	return b.post(c, "/check-email", "code", code, "/situation")
}

func (b *Browser) post(c *Conn, path, field, value, then string) error {
	form := "token=" + b.token + "&" + field + "=" + url.QueryEscape(value)
	_, err := b.do(c, Request{Path: path, Form: form}, http.StatusSeeOther, then)
	return err
}

func (b *Browser) do(c *Conn, r Request, status int, then string) (Answer, error) {
	r.Cookie, r.From = b.cookie, b.from
	a, err := c.Do(r)
	if err != nil {
		return a, err
	}
	if a.Status != status || a.Location != then {
		return a, fmt.Errorf("load: %s answered %d and leads to %q, want %d and %q", r.Path, a.Status, a.Location, status, then)
	}
	if a.Cookie != "" {
		b.cookie = a.Cookie
	}
	return a, nil
}
