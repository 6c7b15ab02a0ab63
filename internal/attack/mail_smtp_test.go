package attack

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"latchkey/internal/mail/eximtest"
	"latchkey/internal/secret"
)

// serveBySMTP starts `latchkey serve` beside a customer portal that never answers.
func serveBySMTP(t *testing.T, server *eximtest.Server) *demo {
	t.Helper()
	keys, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	d := newDemo(t)
	d.env = []string{"LATCHKEY_KEYS=" + keys, "LATCHKEY_SMTP_PASSWORD=" + eximtest.Password, "SSL_CERT_FILE=" + server.Certificate}
	d.args = []string{
		"serve", "--listen", host(d.base), "--ops-listen", host(d.ops), "--data", d.data, "--public-url", d.base, "--drain-delay", "1ms",
		"--portal-url", freeOrigin(t), "--portal-token", "t", "--portal-origins", "https://portal.example.com",
		"--vendor-name", "Acmé", "--support-email", "support@vendor.example", "--mail", "smtp",
		"--smtp-address", fmt.Sprintf("127.0.0.1:%d", server.Port), "--smtp-user", eximtest.User,
		"--mail-from", "Acmé sign-in help <help@mail.vendor.example>",
	}
	d.start()
	t.Cleanup(func() { d.kill(syscall.SIGTERM) })
	return d
}

// A real mail server takes what `serve --mail smtp` sends: in private, from the vendor's own domain, once.
// What arrived is a proper mail, and its code works.
func TestARealMailServerTakesOurMail(t *testing.T) {
	server := eximtest.Start(t)
	d := serveBySMTP(t, server)
	b := d.browser()
	b.start("Ann.Customer+x@example.com")
	stored := server.Received(t, 1)
	d.until("accepted", func() bool { return b.delivery() == "accepted" })

	checkBytes(t, stored)
	envelope, raw, _ := strings.Cut(stored, "\n")
	if !strings.HasPrefix(envelope, "From help@mail.vendor.example ") {
		t.Errorf("the envelope is %q", envelope)
	}
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	checkHeaders(t, m.Header, b.page.hooks["reference"][0])
	arrived := checkBody(t, m)
	if b.submit(b.field("code"), "code", arrived.code()); b.page.url.Path != "/situation" {
		t.Errorf("the code that arrived leads to %s", b.page.url)
	}
}

// A mailbox that the server does not know is told of at once; one that it puts off is delayed.
func TestWhatARealMailServerSaysIsShown(t *testing.T) {
	server := eximtest.Start(t)
	d := serveBySMTP(t, server)
	unknown, later := d.browser(), d.browser()
	unknown.start("nobody@example.com")
	later.start("later@example.com")
	d.until("failed", func() bool { return unknown.delivery() == "failed" })
	d.until("tried", func() bool { return strings.Contains(d.metrics(), `class="temporary",kind="prove"`) })
	d.until("delayed", func() bool { return later.delivery() == "delayed" })
	if seen := d.output() + d.metrics(); strings.Contains(seen, "@example.com") || strings.Contains(seen, eximtest.Password) {
		t.Errorf("an address or the password is logged:\n%s", seen)
	}
}

// checkBytes: what every server on the way passes on unchanged.
func checkBytes(t *testing.T, raw string) {
	t.Helper()
	for line := range strings.Lines(raw) {
		if len(line) > 200 {
			t.Errorf("a line of %d bytes: %.60q", len(line), line)
		}
		if strings.IndexFunc(line, func(r rune) bool { return r > 126 || (r < ' ' && !strings.ContainsRune("\t\r\n", r)) }) >= 0 {
			t.Errorf("a line that is not plain ASCII: %q", line)
		}
	}
}

func checkHeaders(t *testing.T, h netmail.Header, reference string) {
	t.Helper()
	decoded := func(name string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return text
	}
	for name, want := range map[string]string{
		"From": `Acmé sign-in help <help@mail.vendor.example>`, "To": "<Ann.Customer+x@example.com>",
		"Reply-To": "<support@vendor.example>", "Subject": "Your code request for the Customers Portal · " + reference,
		"Auto-Submitted": "auto-generated", "X-Latchkey-Reference": reference, "Mime-Version": "1.0",
		"Envelope-To": "Ann.Customer+x@example.com",
	} {
		if got := strings.ReplaceAll(decoded(name), `"`, ""); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if n := len(h[name]); n != 1 {
			t.Errorf("%s stands %d times", name, n)
		}
	}
	if id := h.Get("Message-Id"); !regexp.MustCompile(`^<[0-9a-f]{32}@mail\.vendor\.example>$`).MatchString(id) {
		t.Errorf("Message-ID %q, want one of the vendor's own domain", id)
	}
	if by := h.Get("Received"); !strings.Contains(by, "esmtpsa") {
		t.Errorf("not received in private from a user: %q", by)
	}
	if _, err := h.Date(); err != nil {
		t.Errorf("Date: %v", err)
	}
	for _, name := range []string{"Bcc", "Cc", "X-Mailer", "User-Agent", "Sender", "List-Unsubscribe"} {
		if h.Get(name) != "" {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
}

// checkBody reads both parts, text first, which say the same.
func checkBody(t *testing.T, m *netmail.Message) sent {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	text, html := readPart(t, parts, "text/plain"), readPart(t, parts, "text/html")
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("more than two parts: %v", err)
	}
	arrived := sent{Text: text, HTML: html}
	if arrived.code() == "" || !strings.Contains(html, arrived.code()) {
		t.Errorf("the code %q is not in both parts:\n%s\n%s", arrived.code(), text, html)
	}
	for _, link := range arrived.links() {
		if !strings.Contains(html, link) {
			t.Errorf("the HTML lacks %s", link)
		}
	}
	return arrived
}

func readPart(t *testing.T, parts *multipart.Reader, want string) string {
	t.Helper()
	p, err := parts.NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
	if err != nil || kind != want || !strings.EqualFold(params["charset"], "utf-8") {
		t.Errorf("part %q %v, %v; want %s in UTF-8", kind, params, err, want)
	}
	body, err := io.ReadAll(p)
	if err != nil {
		t.Fatal(err)
	}
	var decoded io.Reader
	switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		decoded = quotedprintable.NewReader(bytes.NewReader(body))
	case "base64":
		decoded = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body))
	default:
		t.Fatalf("encoding %q", p.Header.Get("Content-Transfer-Encoding"))
	}
	out, err := io.ReadAll(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
