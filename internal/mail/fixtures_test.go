package mail_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/recovery"
)

const (
	ownDomain      = "mail.latchkey.example"
	portalDomain   = "customers.vendor.example"
	identityDomain = "mg.identity.example"
	signingKey     = "signing-key"
	customer       = "ann.customer@example.com"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// service starts a fake Mailgun and returns its API's base.
func service(t *testing.T, change ...func(*mailguntest.Options)) (*mailguntest.Server, string) {
	t.Helper()
	o := mailguntest.Options{
		Domains: map[string]string{
			ownDomain: "key-own", portalDomain: "key-portal", identityDomain: "key-identity",
		},
		SigningKey: signingKey,
		Now:        func() time.Time { return now },
	}
	for _, f := range change {
		f(&o)
	}
	s := mailguntest.New(o)
	web := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); web.Close() })
	return s, web.URL + "/v3"
}

func message(to string) recovery.Message {
	return recovery.Message{
		DeliveryID: "0123abcd", Kind: recovery.KindProve, To: to, Subject: "Your code · LK-7F3K-92QD",
		Text: "Your code is 1234 5678 – https://latchkey.example/l/abc", HTML: "<p>Your code is <b>1234 5678</b></p>",
		ReplyTo: "help@vendor.example",
		Headers: map[string]string{
			"Message-ID": "<0123abcd@" + ownDomain + ">", "Auto-Submitted": "auto-generated",
			"X-Latchkey-Reference": "LK-7F3K-92QD",
		},
	}
}

func address(t *testing.T, s string) account.Address {
	t.Helper()
	a, err := account.ParseAddress(s)
	if err != nil {
		t.Fatalf("ParseAddress(%q): %v", s, err)
	}
	return a
}

// failure returns err as a *SendError and checks that it holds nothing of the recipient.
func failure(t *testing.T, err error, to string) *recovery.SendError {
	t.Helper()
	var se *recovery.SendError
	if !errors.As(err, &se) {
		t.Fatalf("got %v (%T), want a *recovery.SendError", err, err)
	}
	noAddress(t, se.Error(), to)
	return se
}

func noAddress(t *testing.T, text, address string) {
	t.Helper()
	local, _, _ := strings.Cut(address, "@")
	if strings.Contains(text, address) || (len(local) > 2 && strings.Contains(text, local)) {
		t.Errorf("the text holds the address: %q", text)
	}
}

func mailgunSender(t *testing.T, base string) *mail.Mailgun {
	t.Helper()
	g, err := mail.NewMailgun(mail.MailgunConfig{
		Domain: ownDomain, APIKey: "key-own", Base: base, From: "Sign-in help <help@" + ownDomain + ">",
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
