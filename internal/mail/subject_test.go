package mail_test

import (
	"mime"
	netmail "net/mail"
	"strings"
	"testing"
)

// A subject begins beside the name of its field, as far as its first word fits there, and is read as it was written.
func TestASubjectBeginsOnItsFirstLine(t *testing.T) {
	s := newSMTPServer(t)
	sender := smtpSender(t, s)
	for _, want := range []string{
		"Your code request for the Customers Portal · LK-7F3K-92QD",
		"“This wasn’t me”: please look into this case · LK-7F3K-92QD",
		"Ihr Code für das Größte Überall-Kundenportal der Änderungsschneiderei Müller · LK-7F3K-92QD",
		"确认 您的 电子邮件地址 · LK-7F3K-92QD",
		"Somebody signed in to your account at the Customers Portal of a company with a long name · LK-7F3K-92QD",
		"plain",
	} {
		m := message(customer)
		m.Subject = want
		if _, err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		raw := s.mails[len(s.mails)-1]
		if strings.Contains(raw, "Subject:\n") || strings.Contains(raw, "Subject:\r\n") || strings.Contains(raw, "Subject: \r\n") {
			t.Errorf("%s begins on a line of its own:\n%.300s", want, raw)
		}
		for line := range strings.Lines(raw) {
			if line = strings.TrimRight(line, "\r\n"); len(line) > 76 && strings.Contains(line, "=?utf-8?") {
				t.Errorf("a line of %d characters: %s", len(line), line)
			}
			if line == "" {
				break
			}
		}
		parsed, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}
