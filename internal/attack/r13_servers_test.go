package attack

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wire is a bare connection, for what no browser sends. Its deadline is no figure of the rules: it keeps a
// test from waiting for ever.
type wire struct {
	t *testing.T
	net.Conn
	host string
}

func (d *demo) wire(t *testing.T) wire {
	t.Helper()
	c, err := net.Dial("tcp", host(d.base))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	return wire{t, c, host(d.base)}
}

// send writes as much as the server takes; one that has answered already takes no more.
func (w wire) send(text string) { _, _ = io.WriteString(w.Conn, text) }

// post begins a form of so many bytes.
func (w wire) post(length string, headers ...string) {
	w.send("POST / HTTP/1.1\r\nHost: " + w.host + "\r\nSec-Fetch-Site: same-origin\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + length + "\r\n" + strings.Join(append(headers, "", ""), "\r\n"))
}

// page reads the answer, which has to be a whole page.
func (w wire) page(status int) *http.Response {
	w.t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(w.Conn), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(body)), "</html>") {
		w.t.Errorf("half a page: %v, %.300q", err, body)
	}
	if answer.StatusCode != status {
		w.t.Errorf("answered %d, want %d", answer.StatusCode, status)
	}
	return answer
}

// cut waits for the server to close the connection.
func (w wire) cut() {
	w.t.Helper()
	if _, err := io.Copy(io.Discard, w.Conn); errors.Is(err, os.ErrDeadlineExceeded) {
		w.t.Error("the connection was left open")
	}
}

func TestServersTakeNoMoreThanTheyMust(t *testing.T) {
	d := startDemo(t)
	t.Run("a body of 16 KB", func(t *testing.T) {
		w := d.wire(t)
		w.post("16384")
		w.send("x=" + strings.Repeat("x", 16384-2))
		w.page(http.StatusForbidden) // taken, and refused for what is in it
	})
	t.Run("a larger body", func(t *testing.T) {
		w := d.wire(t)
		w.post("16385")
		w.send("x=" + strings.Repeat("x", 16385-2))
		if answer := w.page(http.StatusRequestEntityTooLarge); !answer.Close {
			t.Error("the connection stays open")
		}
		w.cut()
	})
	t.Run("headers too large", func(t *testing.T) {
		w := d.wire(t)
		w.send("GET / HTTP/1.1\r\nHost: " + w.host + "\r\nX-Large: " + strings.Repeat("x", 64<<10) + "\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(w.Conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("answered %d, want 431", answer.StatusCode)
		}
	})
}

// Who stops in the middle of a request is cut off, and what was logged of it names nobody.
func TestServersCutOffWhoStops(t *testing.T) {
	d := startDemo(t, "--log-level", "debug")
	t.Run("stopped", func(t *testing.T) {
		t.Run("in the headers", func(t *testing.T) {
			t.Parallel()
			w := d.wire(t)
			w.send("GET / HTTP/1.1\r\nHost: " + w.host + "\r\nX-Half: ")
			w.cut()
		})
		t.Run("in the body", func(t *testing.T) {
			t.Parallel()
			w := d.wire(t)
			w.post("100")
			w.send("email=")
			w.page(http.StatusRequestTimeout)
			w.cut()
		})
		t.Run("and left", func(t *testing.T) {
			t.Parallel()
			w := d.wire(t)
			w.post("100")
			w.send("email=")
			if tcp, ok := w.Conn.(*net.TCPConn); !ok || tcp.CloseWrite() != nil {
				t.Fatal("the connection cannot be half closed")
			}
			w.page(http.StatusBadRequest)
		})
	})
	for _, unwanted := range []string{"level=ERROR", "127.0.0.1:", "i/o timeout"} {
		for line := range strings.Lines(d.output()) {
			if strings.Contains(line, unwanted) && !strings.Contains(line, "msg=ready") {
				t.Errorf("logged: %s", line)
			}
		}
	}
}

// A server that is told to end, or whose terminal is closed, takes nothing new and finishes the answer under way.
func TestServersEndWithWholePages(t *testing.T) {
	for _, told := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(told.String(), func(t *testing.T) { endsWithAWholePage(t, startDemo(t), told) })
	}
}

func endsWithAWholePage(t *testing.T, d *demo, told syscall.Signal) {
	w := d.wire(t)
	w.post("11", "Expect: 100-continue")
	if line, err := bufio.NewReader(w.Conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the form is not being read: %q, %v", line, err)
	}
	w.send("email")
	if err := d.process.Process.Signal(told); err != nil {
		t.Fatal(err)
	}
	d.until("nothing new is taken", func() bool {
		c, err := net.Dial("tcp", w.host)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	w.send("=a%40b")
	w.page(http.StatusForbidden)
	if err := <-d.ended; err != nil {
		t.Errorf("the end: %v", err)
	}
	d.process = nil
}

// Customers get their pages while what takes the log stands still, and after it has gone.
func TestPagesGoOnWithoutALog(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d := newDemo(t)
	d.logTo = write
	d.startWith()
	_ = write.Close() // the demo has its own
	browser := http.Client{Timeout: time.Minute}
	const pages = 1000 // more lines than a pipe holds
	for i := range 2 * pages {
		if i == pages {
			_ = read.Close()
		}
		answer, err := browser.Get(d.base + "/help")
		if err != nil {
			t.Fatalf("page %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}
