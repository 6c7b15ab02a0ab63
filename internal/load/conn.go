package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// answerTime is the longest that one answer may take.
const answerTime = 20 * time.Second

// Conn is one connection that is kept, as a browser or a proxy would. It does little for each request: on
// the machine that it measures, what it takes is taken from the server.
type Conn struct {
	at   string
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte
	wait time.Duration // longer than answerTime, where it is set
}

// Request is one request. A Form makes it a POST.
type Request struct {
	Path   string
	Cookie string
	From   string // X-Forwarded-For
	Form   string
}

// Answer is what a server said. Body is good until the next request.
type Answer struct {
	Status   int
	Location string
	Cookie   string // name=value of the last Set-Cookie
	Body     []byte
}

// Dial connects to an address of this machine.
func Dial(ctx context.Context, at string) (*Conn, error) {
	if to, err := netip.ParseAddrPort(at); err != nil || !to.Addr().IsLoopback() {
		return nil, fmt.Errorf("load: %q is no address and port of loopback", at)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", at)
	if err != nil {
		return nil, err
	}
	return &Conn{at: at, conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Do sends a request and reads its answer.
func (c *Conn) Do(r Request) (Answer, error) {
	if err := c.conn.SetDeadline(time.Now().Add(max(answerTime, c.wait))); err != nil {
		return Answer{}, err
	}
	c.out = c.write(c.out[:0], r)
	if _, err := c.conn.Write(c.out); err != nil {
		return Answer{}, err
	}
	return c.read()
}

func (c *Conn) write(b []byte, r Request) []byte {
	method := "GET "
	if r.Form != "" {
		method = "POST "
	}
	b = append(append(append(b, method...), r.Path...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, c.at...), "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"+
		"Accept: text/html\r\nAccept-Language: en-GB,en;q=0.8\r\nAccept-Encoding: gzip\r\nSec-Fetch-Site: same-origin\r\n"...)
	b = header(b, "Cookie", r.Cookie)
	b = header(b, "X-Forwarded-For", r.From)
	if r.Form != "" {
		b = append(b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "...)
		b = append(strconv.AppendInt(b, int64(len(r.Form)), 10), "\r\n"...)
	}
	return append(append(b, "\r\n"...), r.Form...)
}

func header(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
}

func (c *Conn) read() (Answer, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return Answer{}, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return Answer{}, errors.New("load: no HTTP")
	}
	var a Answer
	if a.Status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return Answer{}, err
	}
	length, chunked := 0, false
	for {
		line, err = c.in.ReadSlice('\n')
		if err != nil {
			return Answer{}, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) { // as net/http writes them
		case "Content-Length":
			length, err = strconv.Atoi(string(value))
		case "Transfer-Encoding":
			chunked = true
		case "Location":
			a.Location = string(value)
		case "Set-Cookie":
			cookie, _, _ := bytes.Cut(value, []byte(";"))
			a.Cookie = string(cookie)
		}
		if err != nil {
			return Answer{}, err
		}
	}
	a.Body, err = c.readBody(length, chunked)
	return a, err
}

func (c *Conn) readBody(length int, chunked bool) ([]byte, error) {
	c.body = c.body[:0]
	if !chunked {
		return c.more(length)
	}
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 24)
		if err != nil {
			return nil, err
		}
		if _, err := c.more(int(size)); err != nil {
			return nil, err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil || size == 0 {
			return c.body, err
		}
	}
}

func (c *Conn) more(n int) ([]byte, error) {
	from := len(c.body)
	c.body = append(c.body, make([]byte, n)...)
	_, err := io.ReadFull(c.in, c.body[from:])
	return c.body, err
}
