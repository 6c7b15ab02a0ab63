package load_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"strings"
	"testing"
	"time"

	"latchkey/internal/load"
)

func TestAUC(t *testing.T) {
	ms := func(values ...int) (out []time.Duration) {
		for _, v := range values {
			out = append(out, time.Duration(v)*time.Millisecond)
		}
		return out
	}
	for _, tt := range []struct {
		a, b []time.Duration
		want float64
	}{
		{ms(1, 2, 3), ms(1, 2, 3), 0.5},
		{ms(1, 2), ms(3, 4), 1},
		{ms(3, 4), ms(1, 2), 0},
		{ms(1, 3), ms(2, 4), 0.75},
		{ms(2, 2), ms(2, 2, 2), 0.5},
		{nil, ms(1), 0.5},
	} {
		if got := load.AUC(tt.a, tt.b); got != tt.want {
			t.Errorf("%v against %v: got %g, want %g", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestDialsLoopbackOnly(t *testing.T) {
	for _, at := range []string{"192.0.2.1:80", "example.com:80", "localhost:80", "127.0.0.1", "[2001:db8::1]:80"} {
		if _, err := load.Dial(t.Context(), at); err == nil {
			t.Errorf("%s is dialled", at)
		}
	}
}

// pages is a server with a form behind a cookie and a token.
func pages(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.SetCookie(w, &http.Cookie{Name: "c", Value: "kept", HttpOnly: true})
			_, _ = io.WriteString(w, strings.Repeat("<p>long</p>", 2000)+`<input name="token" value="right">`)
			return
		}
		cookie, err := r.Cookie("c")
		if err != nil || cookie.Value != "kept" || r.PostFormValue("token") != "right" || r.PostFormValue("email") != "a+b@example.com" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		http.Redirect(w, r, "/check-email", http.StatusSeeOther)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestBrowserKeepsCookieAndToken(t *testing.T) {
	c, err := load.Dial(t.Context(), pages(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	b := load.NewBrowser(1, "a+b@example.com")
	if err := b.Start(c); err == nil {
		t.Error("a start without cookie and token is taken for one that worked")
	}
	if err := errors.Join(b.Open(c, "/"), b.Start(c)); err != nil {
		t.Error(err)
	}
}

func TestLoopEnds(t *testing.T) {
	at := pages(t)
	seen := make([]int, 50)
	r, err := load.Loop(t.Context(), at, load.Bounds{Connections: 1, Requests: len(seen), Time: time.Minute}, func(c *load.Conn, n int) error {
		seen[n]++
		_, err := c.Do(load.Request{Path: "/"})
		return err
	})
	if err != nil || r.Done != len(seen) || r.P50 <= 0 || r.P99 < r.P50 {
		t.Errorf("got %+v, %v", r, err)
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("request %d was made %d times", n, times)
		}
	}
	boom := errors.New("boom")
	if _, err := load.Loop(t.Context(), at, load.Bounds{Connections: 2, Requests: 1 << 30, Time: time.Minute}, func(*load.Conn, int) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("got %v, want the error that ended it", err)
	}
}

func TestMailboxRemembersTheCode(t *testing.T) {
	m, err := load.OpenMailbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	mail := "Subject: 1111 2222 is no code\r\n\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nYour code: 1234 5678\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<b>8765 4321</b>\r\n"
	host, port, err := net.SplitHostPort(m.At())
	if err != nil {
		t.Fatal(err)
	}
	if err := smtp.SendMail(net.JoinHostPort(host, port), nil, "help@example.com", []string{"ann@example.com"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	if got := m.Code("ann@example.com"); got != "12345678" || m.Taken() != 1 {
		t.Errorf("got code %q of %d mails", got, m.Taken())
	}
}

func TestTableSetsRowsBesideTheFloor(t *testing.T) {
	row := func(database, what string, done int) load.Row {
		return load.Row{Database: database, What: what, Connections: 16, Result: load.Result{Done: done, Took: time.Second}}
	}
	rows := []load.Row{row("", "bare", 1000), row("SQLite", "floor", 400), row("SQLite", load.WhatPage, 700), row("SQLite", load.WhatStart, 300)}
	load.Compare(rows, map[string]string{load.WhatPage: "bare", load.WhatStart: "floor"})
	var b bytes.Buffer
	if err := load.WriteTable(&b, rows); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0.70", "0.75", "req/s"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %s:\n%s", want, b.String())
		}
	}
}

func TestProcessIsMeasured(t *testing.T) {
	now, most, err := load.RSS(os.Getpid())
	if err != nil || now <= 0 || most < now {
		t.Errorf("got %d of %d, %v", now, most, err)
	}
	if _, err := load.CPU(os.Getpid()); err != nil {
		t.Error(fmt.Errorf("CPU: %w", err))
	}
}
