package mail_test

import (
	"context"
	"crypto/tls"
	"io"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/recovery"
)

func smtpSender(t *testing.T, s *smtpServer, change ...func(*mail.SMTPConfig)) *mail.SMTP {
	t.Helper()
	c := mail.SMTPConfig{
		Host: "127.0.0.1", Port: s.port(), From: "Sign-in help <help@mail.latchkey.example>",
		Roots: &tls.Config{RootCAs: s.roots}, Timeout: 5 * time.Second,
	}
	for _, f := range change {
		f(&c)
	}
	sender, err := mail.NewSMTP(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sender.Close() })
	return sender
}

func TestSMTPSendsBothFormsOfTheMail(t *testing.T) {
	s := newSMTPServer(t)
	id, err := smtpSender(t, s).Send(t.Context(), message(customer))
	if err != nil {
		t.Fatal(err)
	}
	if id != "2.0.0 Ok: queued as 4F2AB" {
		t.Errorf("provider's id %q", id)
	}
	if len(s.mails) != 1 || len(s.rcpts) != 1 || s.rcpts[0] != "TO:<"+customer+">" || !s.private[0] {
		t.Fatalf("%d mails to %v, private %v; want one to the customer, private", len(s.mails), s.rcpts, s.private)
	}
	if s.senders[0] != "FROM:<help@mail.latchkey.example> BODY=8BITMIME" { // and no SMTPUTF8
		t.Errorf("MAIL %s", s.senders[0])
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0123abcd@" + ownDomain + ">", "Auto-Submitted": "auto-generated",
		"X-Latchkey-Reference": "LK-7F3K-92QD", "Reply-To": "<help@vendor.example>",
		"From": `"Sign-in help" <help@mail.latchkey.example>`, "To": "<" + customer + ">",
		"User-Agent": "", "X-Mailer": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if n := strings.Count(strings.ToLower(s.mails[0]), "\nmessage-id:"); n != 1 {
		t.Errorf("%d Message-IDs, want 1", n)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != message(customer).Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	checkParts(t, m, message(customer))
}

// checkParts wants multipart/alternative with the plain text first, RFC 2046 section 5.1.4.
func checkParts(t *testing.T, m *netmail.Message, want recovery.Message) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, part := range []struct{ kind, body string }{{"text/plain", want.Text}, {"text/html", want.HTML}} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Header.Get("Content-Type"); !strings.HasPrefix(got, part.kind) || strings.TrimSpace(string(body)) != part.body {
			t.Errorf("got %s %q, want %s %q", got, body, part.kind, part.body)
		}
	}
}

func TestSMTPSortsReplies(t *testing.T) {
	const who = " <" + customer + "> unknown"
	tests := []struct {
		command, reply  string
		permanent, wide bool
		reason          recovery.Reason
	}{
		{"RCPT", "550 5.1.1" + who, true, false, "smtp-5.1.1"},
		{"RCPT", "552 5.2.2 mailbox full", true, false, "smtp-5.2.2"},
		{"RCPT", "550" + who, true, false, "smtp-550"},
		{"RCPT", "450 4.2.1 greylisted", false, false, "smtp-4.2.1"},
		{"RCPT", "550 4.7.1 try again", false, false, "smtp-4.7.1"},
		{"RCPT", "451 4.3.0 queue trouble", false, true, ""},
		{"RCPT", "421 4.7.0 leaving", false, true, ""},
		{"MAIL", "550 5.7.1 sender refused", false, true, ""},
		{"MAIL", "452 4.3.1 disk full", false, true, ""},
		{"DATA", "554 5.6.0 no", true, false, "smtp-5.6.0"},
		{".", "554 5.7.1 spam from" + who, true, false, "smtp-5.7.1"},
		{".", "451 4.7.1 later", false, false, "smtp-4.7.1"},
		{"AUTH", "535 5.7.8 wrong password of" + who, false, true, ""},
		{"", "554 no service for you", false, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.command+" "+tt.reply[:5], func(t *testing.T) {
			s := newSMTPServer(t)
			s.reply(tt.command, tt.reply)
			sender := smtpSender(t, s, func(c *mail.SMTPConfig) { c.Username, c.Password = "user", "pass" })
			_, err := sender.Send(t.Context(), message(customer))
			se := failure(t, err, customer)
			if se.Permanent != tt.permanent || se.ProviderWide != tt.wide || se.Reason != tt.reason {
				t.Errorf("got permanent %v, wide %v, %q (%v); want %v, %v, %q", se.Permanent, se.ProviderWide,
					se.Reason, se, tt.permanent, tt.wide, tt.reason)
			}
			if !strings.Contains(se.Error(), tt.reply[:3]) {
				t.Errorf("the error does not name the code: %v", se)
			}
		})
	}
}

func TestSMTPSignsInOnlyInPrivate(t *testing.T) {
	withUser := func(c *mail.SMTPConfig) { c.Username, c.Password = "user", "pass" }
	s := newSMTPServer(t)
	if _, err := smtpSender(t, s, withUser).Send(t.Context(), message(customer)); err != nil {
		t.Fatal(err)
	}
	if len(s.users) != 1 || s.users[0] != "|user|pass" {
		t.Errorf("signed in as %q", s.users)
	}
	if err := smtpSender(t, s, withUser).Check(t.Context()); err != nil || len(s.users) != 2 || len(s.mails) != 1 {
		t.Errorf("a check: %v, signed in as %q, %d mails; want it to sign in and send none", err, s.users, len(s.mails))
	}

	s = newSMTPServer(t)
	s.reply("STARTTLS", "none")
	_, err := smtpSender(t, s, withUser).Send(t.Context(), message(customer))
	if se := failure(t, err, customer); !se.ProviderWide {
		t.Errorf("got %+v, want a failure for everyone", se)
	}
	if len(s.users) != 0 || len(s.mails) != 0 {
		t.Errorf("without TLS: %d mails, users %q; want none", len(s.mails), s.users)
	}
}

// Who operates it reads which of the settings does not fit the server.
func TestSMTPSaysWhyThereIsNoSession(t *testing.T) {
	withUser := func(c *mail.SMTPConfig) { c.Username, c.Password = "user", "pass" }
	for name, tt := range map[string]struct {
		replies map[string]string
		config  func(*mail.SMTPConfig)
		says    string
	}{
		"no STARTTLS":         {map[string]string{"STARTTLS": "none"}, withUser, "no STARTTLS"},
		"TLS at a plain port": {nil, func(c *mail.SMTPConfig) { c.TLS = mail.SMTPImplicit }, "speaks no TLS"},
		"no AUTH":             {map[string]string{"offered": ""}, withUser, "no way to sign in"},
		"no AUTH we know":     {map[string]string{"offered": "GSSAPI"}, withUser, "no way to sign in"},
		"wrong password":      {map[string]string{"AUTH": "535 5.7.8 user unknown"}, withUser, "session: 535"},
		"not now":             {map[string]string{"": "421 4.3.2 later"}, nil, "session: 421"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSMTPServer(t)
			for command, text := range tt.replies {
				s.reply(command, text)
			}
			if tt.config == nil {
				tt.config = func(*mail.SMTPConfig) {}
			}
			_, err := smtpSender(t, s, tt.config).Send(t.Context(), message(customer))
			se := failure(t, err, customer)
			if !se.ProviderWide || !strings.Contains(se.Error(), tt.says) || strings.Contains(se.Error(), "user unknown") {
				t.Errorf("got %v, want %q", se, tt.says)
			}
			if checked := smtpSender(t, s, tt.config).Check(t.Context()); checked == nil || checked.Error() != se.Error() {
				t.Errorf("a check says %v, and a mail %v", checked, se)
			}
			if len(s.mails) != 0 {
				t.Error("a mail was sent")
			}
		})
	}
}

func TestSMTPChecksTheCertificate(t *testing.T) {
	s := newSMTPServer(t)
	_, err := smtpSender(t, s, func(c *mail.SMTPConfig) { c.Roots = nil }).Send(t.Context(), message(customer))
	if se := failure(t, err, customer); !se.ProviderWide || !strings.Contains(se.Error(), "certificate") {
		t.Errorf("got %v", se)
	}
	if len(s.mails) != 0 {
		t.Error("a mail went to a server nobody knows")
	}
}

func TestSMTPImplicitTLS(t *testing.T) {
	s := newSMTPServer(t)
	inner, err := tls.Listen("tcp", "127.0.0.1:0", s.tls)
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	go func() {
		if conn, err := inner.Accept(); err == nil {
			s.session(conn)
		}
	}()
	sender := smtpSender(t, s, func(c *mail.SMTPConfig) {
		c.TLS, c.Port = mail.SMTPImplicit, inner.Addr().(*net.TCPAddr).Port
		c.Username, c.Password = "user", "pass"
	})
	if _, err := sender.Send(t.Context(), message(customer)); err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 1 || !s.private[0] || len(s.users) != 1 {
		t.Errorf("%d mails, private %v, users %v", len(s.mails), s.private, s.users)
	}
}

func TestSMTPReusesConnections(t *testing.T) {
	s := newSMTPServer(t)
	sender := smtpSender(t, s)
	for range 5 {
		if _, err := sender.Send(t.Context(), message(customer)); err != nil {
			t.Fatal(err)
		}
	}
	if s.sessions != 1 || len(s.mails) != 5 {
		t.Errorf("%d mails over %d connections, want 5 over 1", len(s.mails), s.sessions)
	}
	// A refused recipient leaves the connection as good as it was.
	s.reply("RCPT", "550 5.1.1 no")
	if _, err := sender.Send(t.Context(), message("nobody@example.com")); err == nil {
		t.Fatal("the refused mail was taken")
	}
	s.reply("RCPT", "250 ok")
	if _, err := sender.Send(t.Context(), message(customer)); err != nil || s.sessions != 1 {
		t.Errorf("after a refusal: %v, %d connections", err, s.sessions)
	}
}

func TestSMTPKeepsToItsConnections(t *testing.T) {
	s := newSMTPServer(t)
	sender := smtpSender(t, s, func(c *mail.SMTPConfig) { c.Connections = 3 })
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := sender.Send(t.Context(), message(customer)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(s.mails) != 30 || s.sessions > 3 {
		t.Errorf("%d mails over %d connections, want 30 over at most 3", len(s.mails), s.sessions)
	}
}

func TestSMTPGetsOverAConnectionThatTheServerEnded(t *testing.T) {
	for name, farewell := range map[string]string{
		"without a word": "", "with a word": "421 4.4.2 idle for too long",
		"as if for now": "451 4.7.0 waited too long for a command", "after so many": "452 4.5.3 enough for one session",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSMTPServer(t)
			s.after, s.farewell = 1, farewell
			sender := smtpSender(t, s)
			for i := range 3 {
				if _, err := sender.Send(t.Context(), message(customer)); err != nil {
					t.Fatalf("mail %d: %v", i+1, err)
				}
			}
			if len(s.mails) != 3 || s.sessions != 3 {
				t.Errorf("%d mails over %d connections, want 3, each once and over its own", len(s.mails), s.sessions)
			}
		})
	}
}

// A server that takes no mail at all says so over a new connection, too.
func TestSMTPAsksOnceMoreWhereAKeptConnectionTakesNoMail(t *testing.T) {
	s := newSMTPServer(t)
	sender := smtpSender(t, s)
	if _, err := sender.Send(t.Context(), message(customer)); err != nil {
		t.Fatal(err)
	}
	s.reply("MAIL", "452 4.3.1 disk full")
	_, err := sender.Send(t.Context(), message(customer))
	if se := failure(t, err, customer); !se.ProviderWide || !strings.Contains(se.Error(), "452") {
		t.Errorf("got %+v, want a failure for everyone", se)
	}
	if s.sessions != 2 || len(s.senders) != 3 {
		t.Errorf("asked %d times over %d connections, want once over the kept one and once over another",
			len(s.senders)-1, s.sessions)
	}
}

// What a server says late to RSET must not pass for its answer to the next mail.
func TestSMTPKeepsNoConnectionThatWasNotReset(t *testing.T) {
	s := newSMTPServer(t)
	sender := smtpSender(t, s)
	s.reply("RCPT", "550 5.1.1 no")
	s.reply("RSET", "451 4.3.0 not now")
	_, err := sender.Send(t.Context(), message("nobody@example.com"))
	if se := failure(t, err, "nobody@example.com"); !se.Permanent || se.Reason != "smtp-5.1.1" {
		t.Errorf("got %+v, want the recipient's refusal", se)
	}
	s.reply("RCPT", "250 ok")
	if _, err := sender.Send(t.Context(), message(customer)); err != nil || s.sessions != 2 {
		t.Errorf("after it: %v, %d connections, want a second one", err, s.sessions)
	}
}

// A server that ends a connection in the middle of a mail may have taken it: that is for the outbox to sort.
func TestSMTPTriesNoMailTwice(t *testing.T) {
	s := newSMTPServer(t)
	sender := smtpSender(t, s)
	if _, err := sender.Send(t.Context(), message(customer)); err != nil {
		t.Fatal(err)
	}
	s.reply(".", "421 4.3.2 leaving")
	_, err := sender.Send(t.Context(), message(customer))
	if se := failure(t, err, customer); !se.ProviderWide {
		t.Errorf("got %+v, want a failure for everyone", se)
	}
	if len(s.mails) != 2 || s.sessions != 1 {
		t.Errorf("the mail was put %d times over %d connections, want once over one", len(s.mails)-1, s.sessions)
	}
}

func TestSMTPThatHangsIsCutOff(t *testing.T) {
	for _, command := range []string{"EHLO", "MAIL", "RCPT", "DATA"} {
		for by, limits := range map[string][2]time.Duration{
			"the caller": {100 * time.Millisecond, time.Hour}, "the step": {time.Hour, 100 * time.Millisecond},
		} {
			t.Run(command+" by "+by, func(t *testing.T) {
				s := newSMTPServer(t)
				s.hang = command
				ctx, cancel := context.WithTimeout(t.Context(), limits[0])
				defer cancel()
				done := make(chan error, 1)
				sender := smtpSender(t, s, func(c *mail.SMTPConfig) { c.Timeout = limits[1] })
				go func() { _, err := sender.Send(ctx, message(customer)); done <- err }()
				select {
				case err := <-done:
					if se := failure(t, err, customer); se.Permanent || !se.ProviderWide || !strings.HasSuffix(se.Error(), "in time") {
						t.Errorf("got %v, %+v, want temporary and for everyone, out of time", se, se)
					}
				case <-time.After(30 * time.Second):
					t.Fatal("Send outlived its deadline")
				}
			})
		}
	}
}

func TestSMTPOneRecipient(t *testing.T) {
	s := newSMTPServer(t)
	_, err := smtpSender(t, s).Send(t.Context(), message("a@x.example, b@x.example"))
	if se := failure(t, err, "a@x.example"); !se.Permanent {
		t.Errorf("got %+v, want a permanent refusal", se)
	}
	if s.sessions != 0 {
		t.Error("a connection was opened for it")
	}
}

func TestADomainTravelsAsALabels(t *testing.T) {
	s := newSMTPServer(t)
	if _, err := smtpSender(t, s).Send(t.Context(), message("Ann@b\u00fccher.example")); err != nil {
		t.Fatal(err)
	}
	if len(s.rcpts) != 1 || s.rcpts[0] != "TO:<Ann@xn--bcher-kva.example>" {
		t.Errorf("got %q", s.rcpts)
	}
	_, err := smtpSender(t, s).Send(t.Context(), message("\u00e4nn@example.com"))
	if se := failure(t, err, "\u00e4nn@example.com"); !se.Permanent {
		t.Errorf("a name that is not ASCII: got %+v, want a permanent refusal", se)
	}
}

func TestSMTPConfigIsChecked(t *testing.T) {
	good := mail.SMTPConfig{Host: "smtp.vendor.example", From: "help@vendor.example"}
	for name, change := range map[string]func(*mail.SMTPConfig){
		"no host":              func(c *mail.SMTPConfig) { c.Host = "" },
		"no sender":            func(c *mail.SMTPConfig) { c.From = "" },
		"plain text elsewhere": func(c *mail.SMTPConfig) { c.TLS = mail.SMTPPlain },
		"unknown TLS":          func(c *mail.SMTPConfig) { c.TLS = "maybe" },
	} {
		c := good
		change(&c)
		if _, err := mail.NewSMTP(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := mail.NewSMTP(good); err != nil {
		t.Errorf("a good one: %v", err)
	}
	if _, err := mail.NewSMTP(mail.SMTPConfig{Host: "localhost", TLS: mail.SMTPPlain, From: "a@b.example"}); err != nil {
		t.Errorf("plain text on loopback: %v", err)
	}
}
