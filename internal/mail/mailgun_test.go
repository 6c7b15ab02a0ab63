package mail_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/recovery"
)

func TestMailgunSendsAllOfTheMail(t *testing.T) {
	s, base := service(t)
	id, err := mailgunSender(t, base).Send(t.Context(), message(customer))
	if err != nil {
		t.Fatal(err)
	}
	if id != "0123abcd@"+ownDomain {
		t.Errorf("provider's id %q, want that of the Message-ID", id)
	}
	sent := s.Messages()
	if len(sent) != 1 {
		t.Fatalf("%d messages, want 1", len(sent))
	}
	m, want := sent[0], message(customer)
	if m.To != customer || m.Subject != want.Subject || m.Text != want.Text || m.HTML != want.HTML {
		t.Errorf("got %+v", m)
	}
	if m.From != "Sign-in help <help@"+ownDomain+">" {
		t.Errorf("from %q", m.From)
	}
	for name, value := range map[string]string{
		"Reply-To": "help@vendor.example", "Auto-Submitted": "auto-generated",
		"Message-ID": "<0123abcd@" + ownDomain + ">", "X-Latchkey-Reference": "LK-7F3K-92QD",
	} {
		if m.Headers[name] != value {
			t.Errorf("header %s is %q, want %q", name, m.Headers[name], value)
		}
	}
	for name, value := range map[string]string{
		"tracking": "no", "tracking-clicks": "no", "tracking-opens": "no", "require-tls": "true",
	} {
		if m.Options[name] != value {
			t.Errorf("o:%s is %q, want %q", name, m.Options[name], value)
		}
	}
	if m.Variables[mail.DeliveryVariable] != "0123abcd" || len(m.Tags) != 1 || m.Tags[0] != "prove" {
		t.Errorf("variables %v, tags %v", m.Variables, m.Tags)
	}
}

func TestMailgunSortsItsAnswers(t *testing.T) {
	tests := []struct {
		name            string
		fault           mailguntest.Fault
		permanent, wide bool
		retryAfter      time.Duration
		said            string // to the operator
	}{
		{"bad request", mailguntest.Fault{Status: 400}, true, false, 0, ""},
		{"too large", mailguntest.Fault{Status: 413}, true, false, 0, ""},
		{"bad key", mailguntest.Fault{Status: 401}, false, true, 0, "refuses the key"},
		{"unpaid", mailguntest.Fault{Status: 402}, false, true, 0, "the plan"},
		{"forbidden", mailguntest.Fault{Status: 403}, false, true, 0, "refuses the key"},
		{"no such domain", mailguntest.Fault{Status: 404}, false, true, 0, "no such domain"},
		{"too many", mailguntest.Fault{Status: 429, RetryAfter: 42 * time.Second}, false, true, 42 * time.Second, ""},
		{"too many, no hint", mailguntest.Fault{Status: 429}, false, true, 5 * time.Second, ""},
		{"broken", mailguntest.Fault{Status: 500}, false, true, 0, ""},
		{"away", mailguntest.Fault{Status: 503, RetryAfter: 7 * time.Second}, false, true, 7 * time.Second, ""},
		{"reset", mailguntest.Fault{Reset: true}, false, true, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, base := service(t)
			s.Fail(&tt.fault)
			_, err := mailgunSender(t, base).Send(t.Context(), message(customer))
			se := failure(t, err, customer)
			if se.Permanent != tt.permanent || se.ProviderWide != tt.wide || se.RetryAfter != tt.retryAfter {
				t.Errorf("got permanent %v, wide %v, after %v; want %v, %v, %v", se.Permanent, se.ProviderWide,
					se.RetryAfter, tt.permanent, tt.wide, tt.retryAfter)
			}
			if tt.fault.Status != 0 && !strings.Contains(se.Error(), "status") || !strings.Contains(se.Error(), tt.said) {
				t.Errorf("the error is %q, want the status and %q", se, tt.said)
			}
		})
	}
}

func TestMailgunKeepsTheDeadline(t *testing.T) {
	s, base := service(t)
	s.Fail(&mailguntest.Fault{Delay: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := mailgunSender(t, base).Send(ctx, message(customer))
	if se := failure(t, err, customer); !se.ProviderWide || se.Permanent {
		t.Errorf("got %+v, want temporary and for everyone", se)
	}
}

func TestMailgunThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String() + "/v3"
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = mailgunSender(t, base).Send(t.Context(), message(customer))
	if se := failure(t, err, customer); !se.ProviderWide || se.Permanent {
		t.Errorf("got %+v, want temporary and for everyone", se)
	}
}

func TestMailgunFollowsNobodyElsewhere(t *testing.T) {
	elsewhere, _ := service(t)
	there := httptest.NewServer(elsewhere)
	defer there.Close()
	here := httptest.NewServer(http.RedirectHandler(there.URL+"/v3/"+ownDomain+"/messages", http.StatusTemporaryRedirect))
	defer here.Close()
	_, err := mailgunSender(t, here.URL+"/v3").Send(t.Context(), message(customer))
	if se := failure(t, err, customer); !se.ProviderWide {
		t.Errorf("got %+v, want a failure for everyone", se)
	}
	if n := len(elsewhere.Wire()); n != 0 {
		t.Errorf("key and mail went elsewhere, %d requests", n)
	}
}

func TestOneMessageGoesToOneRecipient(t *testing.T) {
	for _, to := range []string{"a@x.example, b@x.example", "a@x.example,b@x.example", "Ann <a@x.example>", "", "a", "a@x.example\r\nBcc: b@x.example"} {
		s, base := service(t)
		_, err := mailgunSender(t, base).Send(t.Context(), message(to))
		if se := failure(t, err, "a@x.example"); !se.Permanent || se.Reason != recovery.ReasonRefused {
			t.Errorf("%q: got %+v, want a permanent refusal", to, se)
		}
		if n := len(s.Wire()); n != 0 {
			t.Errorf("%q: %d requests, want none", to, n)
		}
	}
}

func TestMailgunConfigIsChecked(t *testing.T) {
	good := mail.MailgunConfig{Domain: ownDomain, APIKey: "k", From: "a@b.example"}
	tests := map[string]func(*mail.MailgunConfig){
		"no domain":        func(c *mail.MailgunConfig) { c.Domain = "" },
		"a path as domain": func(c *mail.MailgunConfig) { c.Domain = "x/../y" },
		"no key":           func(c *mail.MailgunConfig) { c.APIKey = "" },
		"no sender":        func(c *mail.MailgunConfig) { c.From = "" },
		"plain http":       func(c *mail.MailgunConfig) { c.Base = "http://api.mailgun.example/v3" },
		"a region as base": func(c *mail.MailgunConfig) { c.Base = "eu" },
		"base without v3":  func(c *mail.MailgunConfig) { c.Base = "https://api.mailgun.example" },
	}
	for name, change := range tests {
		c := good
		change(&c)
		if _, err := mail.NewMailgun(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, base := range []string{"", "https://proxy.example/mailgun/v3", "http://127.0.0.1:1/v3"} {
		c := good
		c.Base = base
		if _, err := mail.NewMailgun(c); err != nil {
			t.Errorf("base %q: %v", base, err)
		}
	}
}
