package demo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/demo"
	"latchkey/internal/recovery"
)

func message(id, to string) recovery.Message {
	return recovery.Message{
		DeliveryID: id, Kind: recovery.KindProve, To: to, Subject: "Your code <1>", ReplyTo: "support@acme.example",
		Text:    "Your code is\n\n4831 0926\n\nOr open http://127.0.0.1:1/p/abc.\n",
		HTML:    `<!doctype html><html><head><title>x</title></head><body><p>4831 0926 <a href="http://127.0.0.1:1/p/abc">open</a></p></body></html>`,
		Headers: map[string]string{"Auto-Submitted": "auto-generated"},
	}
}

func (s *stand) inboxGet(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.inbox.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func (s *stand) inboxJSON(path string) []demo.Mail {
	s.Helper()
	var mails []demo.Mail
	w := s.inboxGet(path)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		s.Fatalf("%s: %d as %s", path, w.Code, w.Header().Get("Content-Type"))
	}
	s.must(json.Unmarshal(w.Body.Bytes(), &mails))
	return mails
}

func TestTheInboxKeepsWhatIsSent(t *testing.T) {
	s := newStand(t)
	if got := strings.TrimSpace(s.inboxGet("/inbox.json").Body.String()); got != "[]" {
		t.Errorf("empty: got %s", got)
	}
	id, err := s.inbox.Send(t.Context(), message("d1", "customerX@example.com"))
	if err != nil || id != "<d1@acme.example>" {
		t.Errorf("got %q, %v", id, err)
	}
	_, err = s.inbox.Send(t.Context(), message("d2", "healthy@example.com"))
	s.must(err)
	all := s.inboxJSON("/inbox.json")
	if len(all) != 2 || all[0].ID != "d2" || all[1].ID != "d1" {
		t.Fatalf("got %+v, want newest first", all)
	}
	m := all[1]
	if m.To != "customerX@example.com" || m.From != "Acme <help@acme.example>" || !m.At.Equal(s.now) || len(m.Tags) != 1 || m.Tags[0] != "prove" {
		t.Errorf("mail %+v", m)
	}
	for name, want := range map[string]string{
		"Message-ID": "<d1@acme.example>", "Reply-To": "support@acme.example", "Auto-Submitted": "auto-generated",
		"To": "customerX@example.com", "Subject": "Your code <1>", "From": "Acme <help@acme.example>",
	} {
		if m.Headers[name] != want {
			t.Errorf("header %s: got %q, want %q", name, m.Headers[name], want)
		}
	}
	only := s.inboxJSON("/inbox.json?to=CUSTOMERX@example.com")
	if len(only) != 1 || only[0].ID != "d1" {
		t.Errorf("filtered: got %+v", only)
	}
}

// Whoever reads /inbox.json in a script compares the times as they stand there.
func TestTheInboxesTimesSortAsText(t *testing.T) {
	s := newStand(t)
	whole := s.now.Truncate(time.Second)
	for n, after := range []time.Duration{0, 400 * time.Millisecond, 403 * time.Millisecond} {
		s.now = whole.Add(after)
		_, err := s.inbox.Send(t.Context(), message(fmt.Sprint("d", n), "healthy@example.com"))
		s.must(err)
	}
	var mails []struct{ At string }
	s.must(json.Unmarshal(s.inboxGet("/inbox.json").Body.Bytes(), &mails))
	base := whole.UTC().Format("2006-01-02T15:04:05")
	for n, want := range []string{base + ".403Z", base + ".400Z", base + ".000Z"} {
		if mails[n].At != want {
			t.Errorf("got %s, want %s", mails[n].At, want)
		}
	}
}

func TestARepeatedDeliveryIsOneMail(t *testing.T) {
	s := newStand(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := s.inbox.Send(t.Context(), message("d1", "healthy@example.com")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := s.inboxJSON("/inbox.json"); len(got) != 1 {
		t.Errorf("got %d mails, want 1", len(got))
	}
}

func TestABouncedMailboxRefusesForGood(t *testing.T) {
	s := newStand(t)
	_, err := s.inbox.Send(t.Context(), message("d1", "Bounced@Example.com"))
	refused := new(recovery.SendError)
	if !errors.As(err, &refused) || !refused.Permanent || refused.Reason != recovery.ReasonRefused {
		t.Errorf("error %v", err)
	}
	if strings.Contains(err.Error(), "@") {
		t.Errorf("the text holds the address: %v", err)
	}
	if got := s.inboxJSON("/inbox.json"); len(got) != 0 {
		t.Errorf("kept all the same: %+v", got)
	}
}

func TestTheInboxOutlivesARestart(t *testing.T) {
	folder := t.TempDir()
	s := openStand(t, folder)
	_, err := s.inbox.Send(t.Context(), message("d1", "healthy@example.com"))
	s.must(err)
	s.must(s.inbox.Close())
	if got := openStand(t, folder).inboxJSON("/inbox.json"); len(got) != 1 || got[0].ID != "d1" {
		t.Errorf("got %+v", got)
	}
}

func TestTheInboxLooksLikeOne(t *testing.T) {
	s := newStand(t)
	if got := s.inboxGet("/inbox").Body.String(); !strings.Contains(got, "No mail yet") {
		t.Errorf("empty:\n%s", got)
	}
	_, err := s.inbox.Send(t.Context(), message("d1", "customerX@example.com"))
	s.must(err)
	for path, words := range map[string][]string{
		"/inbox":                          {`href="/inbox/d1"`, "Acme", "Your code &lt;1&gt;", "customerX@example.com", "22 Nov 2026, 14:00 UTC"},
		"/inbox?to=customerx@example.com": {`href="/inbox/d1"`},
		"/inbox?to=somebody@example.com":  {"No mail yet"},
		"/inbox/d1":                       {`<iframe src="/inbox/d1/html"`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`},
		"/inbox/d1?view=text":             {"4831 0926", `<a href="http://127.0.0.1:1/p/abc" target="_blank" rel="noopener">http://127.0.0.1:1/p/abc</a>.`},
		"/inbox/d1?view=headers":          {"Message-ID", "&lt;d1@acme.example&gt;", "Auto-Submitted"},
		"/inbox/d1/html":                  {`<head><base target="_blank"><title>x</title>`, "4831 0926"},
		"/inbox/inbox.css":                {"--accent"},
		"/inbox?to=%3Cscript%3Ealert(1)":  {"&lt;script&gt;"},
	} {
		w := s.inboxGet(path)
		if w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, word := range words {
			if !strings.Contains(w.Body.String(), word) {
				t.Errorf("%s does not have %q:\n%s", path, word, w.Body)
			}
		}
	}
	if w := s.inboxGet("/inbox/none"); w.Code != 404 {
		t.Errorf("no such mail: %d", w.Code)
	}
}

func TestAMailsHTMLIsShutIn(t *testing.T) {
	s := newStand(t)
	m := message("d1", "healthy@example.com")
	m.HTML = "<script>alert(1)</script><img src=https://tracker.example/x>"
	_, err := s.inbox.Send(t.Context(), m)
	s.must(err)
	csp := s.inboxGet("/inbox/d1/html").Header().Get("Content-Security-Policy")
	for _, part := range []string{"sandbox allow-popups ", "default-src 'none'", "img-src data:", "frame-ancestors 'self'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("policy %q lacks %q", csp, part)
		}
	}
	if strings.Contains(csp, "script") || strings.Contains(csp, "allow-same-origin") {
		t.Errorf("policy %q lets scripts in", csp)
	}
	if strings.Contains(s.inboxGet("/inbox/d1").Body.String(), "<script") {
		t.Error("the mail's markup is in the page itself")
	}
}

func TestTheFirstPageListsEveryCustomer(t *testing.T) {
	index, err := demo.Index(demo.IndexConfig{
		LatchkeyURL: func() string { return "http://latchkey.example" }, PortalURL: func() string { return "http://portal.example" },
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	index.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, c := range demo.Customers() {
		if want := fmt.Sprintf(">%s</a>", c.Address); !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s", c.Address)
		}
	}
	for _, want := range []string{`href="http://latchkey.example/?email=customerX%40example.com"`, `href="http://portal.example/"`, `href="/inbox"`, `href="/metrics"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in\n%s", want, w.Body)
		}
	}
}

// What the demo keeps is for its owner alone, as Latchkey's own file is, and becomes so again.
func TestTheDemosFilesAreTheirOwners(t *testing.T) {
	folder := t.TempDir()
	here := func() string { return "http://127.0.0.1:1" }
	open := func() *demo.Inbox {
		t.Helper()
		inbox, err := demo.OpenInbox(t.Context(), demo.InboxConfig{DataDir: folder, From: "a@acme.example", Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = inbox.Close() })
		portal, err := demo.OpenPortal(t.Context(), demo.Config{DataDir: folder, Token: "t", Inbox: inbox, Now: time.Now, PublicURL: here, LatchkeyURL: here})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = portal.Close() })
		return inbox
	}
	if _, err := open().Send(t.Context(), message("d1", "customerX@example.com")); err != nil {
		t.Fatal(err)
	}
	private(t, folder, 2)
	for _, name := range []string{"inbox.db", "portal.db"} {
		if err := os.Chmod(filepath.Join(folder, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	open()
	private(t, folder, 2)
}

// private wants every file of a folder, and at least as many, to be for its owner alone.
func private(t *testing.T, folder string, atLeast int) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < atLeast {
		t.Fatalf("%d files in the data folder, want %d and more: %v", len(files), atLeast, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want -rw-------: %v", f.Name(), info.Mode(), err)
		}
	}
}
