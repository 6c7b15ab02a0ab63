package mail_test

import (
	"crypto/tls"
	"errors"
	netmail "net/mail"
	"strings"
	"testing"

	"latchkey/internal/mail"
	"latchkey/internal/mail/eximtest"
	"latchkey/internal/recovery"
)

func TestARealServerTakesTheMail(t *testing.T) {
	server := eximtest.Start(t)
	sender, err := mail.NewSMTP(mail.SMTPConfig{
		Host: "127.0.0.1", Port: server.Port, Username: eximtest.User, Password: eximtest.Password,
		From:  "Sign-in help <help@mail.latchkey.example>",
		Roots: &tls.Config{RootCAs: server.Roots},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	for i := range 3 { // the second and third over the same connection
		id, err := sender.Send(t.Context(), message(customer))
		if err != nil || !strings.Contains(id, "OK id=") {
			t.Fatalf("mail %d: %q, %v", i+1, id, err)
		}
	}
	checkRefusals(t, sender)
	checkStored(t, server.Received(t, 3))
}

func checkRefusals(t *testing.T, sender *mail.SMTP) {
	t.Helper()
	_, err := sender.Send(t.Context(), message("nobody@example.com"))
	if se := failure(t, err, "nobody@example.com"); !se.Permanent || se.Reason != "smtp-550" && se.Reason != "smtp-5.1.1" {
		t.Errorf("an unknown mailbox: %+v", se)
	}
	_, err = sender.Send(t.Context(), message("later@example.com"))
	var se *recovery.SendError
	if !errors.As(err, &se) || se.Permanent || se.ProviderWide {
		t.Errorf("a mailbox that puts off: %v, want temporary and for it alone", err)
	}
}

// checkStored reads the first mail of an mbox.
func checkStored(t *testing.T, stored string) {
	t.Helper()
	_, first, _ := strings.Cut(stored, "\n") // the "From " line
	if !strings.HasPrefix(stored, "From help@mail.latchkey.example ") {
		t.Errorf("the envelope's sender: %.60q", stored)
	}
	first, _, _ = strings.Cut(first, "\nFrom help@")
	m, err := netmail.ReadMessage(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0123abcd@" + ownDomain + ">", "Auto-Submitted": "auto-generated",
		"X-Latchkey-Reference": "LK-7F3K-92QD", "Envelope-To": customer, "Mime-Version": "1.0",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := m.Header.Get("Received"); !strings.Contains(got, "esmtpsa") || !strings.Contains(got, "latchkey.example") {
		t.Errorf("not received in private from a user: %q", got)
	}
	checkParts(t, m, message(customer))
}
