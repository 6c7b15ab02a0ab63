package handlers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// A client that goes away in the middle of its form is answered a page, not a fault of ours.
func TestABodyThatBreaksOffIsAClientsFault(t *testing.T) {
	h := newHouse(t)
	for what, body := range map[string]string{
		"too short": "Content-Length: 100\r\n\r\nemail=a",
		"chunks":    "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
		"half":      "Transfer-Encoding: chunked\r\n\r\n7\r\nemail=",
	} {
		answer := h.half(body)
		if answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: answered %d, want 400", what, answer.StatusCode)
		}
		page, err := io.ReadAll(answer.Body)
		if err != nil || strings.Count(string(page), "<h1>") != 1 {
			t.Errorf("%s: not a page: %v, %.200q", what, err, page)
		}
		_ = answer.Body.Close()
	}
	h.quiet()
}

// half sends the start form with a body that ends too soon, and reads the answer.
func (h *house) half(body string) *http.Response {
	h.t.Helper()
	c, err := net.Dial("tcp", h.server.Listener.Addr().String())
	must(h.t, err)
	h.t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, "POST / HTTP/1.1\r\nHost: "+h.server.Listener.Addr().String()+
		"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"+body)
	must(h.t, err)
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		h.t.Fatalf("a connection of type %T", c)
	}
	must(h.t, tcp.CloseWrite())
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(h.t, err)
	return answer
}

// quiet wants a log without faults and without the client.
func (h *house) quiet() {
	h.t.Helper()
	for _, unwanted := range []string{"ERROR", "127.0.0.1", "192.0.2.1", "i/o timeout", "EOF"} {
		if strings.Contains(h.log.String(), unwanted) {
			h.t.Errorf("%q is logged:\n%s", unwanted, h.log)
		}
	}
}

// late is a body whose time is over, as the network reports it.
type late struct{}

func (late) Close() error { return nil }

func (late) Read([]byte) (int, error) {
	at := func(port int) net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: port} }
	return 0, &net.OpError{Op: "read", Net: "tcp", Source: at(80), Addr: at(4000), Err: os.ErrDeadlineExceeded}
}

func TestABodyThatIsTooSlowIsATimeout(t *testing.T) {
	h := newHouse(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	r.Body, r.ContentLength = late{}, 100
	public, err := url.Parse(h.config.PublicURL)
	must(t, err)
	r.Host = public.Host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.edge.ServeHTTP(w, r)
	wholePage(t, "a slow body", w, http.StatusRequestTimeout)
	if w.Header().Get("Connection") != "close" {
		t.Error("the connection stays open for the rest of the body")
	}
	h.quiet()
}

// A body that never ends is cut by the server, and its client is told so.
func TestTheServersReadTimeoutIsAPage(t *testing.T) {
	h := newHouse(t)
	h.server.Close()
	h.server = httptest.NewUnstartedServer(h.edge)
	h.server.Config.ReadTimeout = time.Second
	h.config.PublicURL = "http://" + h.server.Listener.Addr().String()
	h.build()
	h.server.Start()
	t.Cleanup(h.server.Close)
	c, err := net.Dial("tcp", h.server.Listener.Addr().String())
	must(t, err)
	defer func() { _ = c.Close() }()
	_, err = io.WriteString(c, "POST / HTTP/1.1\r\nHost: "+h.server.Listener.Addr().String()+
		"\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail")
	must(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(t, err)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("answered %d, want 408", answer.StatusCode)
	}
	h.quiet()
}
