package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"latchkey/handlers"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/demo"
	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
)

// reportDelay is how long after each other the demo's mail service reports what became of a mail: long
// enough to be seen.
const reportDelay = 300 * time.Millisecond

// mailService is a mail service that speaks Mailgun's API, over HTTP, for `demo --mail mailgun`: what it
// delivers arrives in the inbox, what became of it is reported to /webhooks/mailgun, and the other systems'
// mails stand in its log. Latchkey reaches it as it would reach Mailgun.
type mailService struct {
	fake *mailguntest.Server
	web  *http.Server
}

// ownMailgun has Latchkey use the mail service that listens at l, with keys that live as long as the process. A key
// that was given for its reports is used: others may report as well.
func ownMailgun(o config.Options, l net.Listener) config.Options {
	base := originOf(l) + "/v3"
	o.MailgunBase, o.MailgunDomain = base, senderDomain(o.MailFrom)
	o.MailgunKey, o.MailgunWebhookKey = secret.NewCookieID(), cmp.Or(o.MailgunWebhookKey, secret.NewCookieID())
	o.MailLog.By, o.MailLog.Suppressions = "mailgun", "mailgun"
	o.IdentityMailDomains, o.IdentityMailKey, o.IdentityMailBase = []string{demo.IdentityMailDomain}, secret.NewCookieID(), base
	o.PortalMailDomains, o.PortalMailKey, o.PortalMailBase = []string{demo.PortalMailDomain}, secret.NewCookieID(), base
	return o
}

// newMailService answers on its listener until it is closed. Nothing has happened on it yet.
func newMailService(o config.Options, at demoListeners, mailboxes *demo.Inbox, log *slog.Logger) *mailService {
	fake := mailguntest.New(mailguntest.Options{
		Domains: map[string]string{
			o.MailgunDomain: o.MailgunKey, demo.IdentityMailDomain: o.IdentityMailKey, demo.PortalMailDomain: o.PortalMailKey,
		},
		SigningKey: o.MailgunWebhookKey, WebhookURL: originOf(at.pages) + handlers.MailReportsPath,
		WebhookHost: hostOf(o.PublicURL), WebhookDelay: reportDelay,
		OnMessage: func(m mailguntest.Message) {
			if _, err := mailboxes.Send(context.Background(), arrived(m)); err != nil {
				log.Error("demo mailbox", "error", err)
			}
		},
	})
	fake.SetFate(demo.BouncedAddress, mailguntest.Bounced)
	m := &mailService{fake: fake, web: httpServer(fake, log)}
	go func() {
		if err := m.web.Serve(at.mail); !errors.Is(err, http.ErrServerClosed) {
			log.Error("demo mail service", "error", err)
		}
	}()
	return m
}

// arrived is a mail as it comes into a mailbox.
func arrived(m mailguntest.Message) recovery.Message {
	out := recovery.Message{
		DeliveryID: m.Variables[mail.DeliveryVariable], To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		ReplyTo: m.Headers["Reply-To"], Headers: m.Headers,
	}
	if len(m.Tags) > 0 {
		out.Kind = recovery.Kind(m.Tags[0])
	}
	return out
}

// sent is told of each mail of the other systems, for the log.
func (m *mailService) sent(domain, to, subject string, at time.Time) {
	if m != nil {
		m.fake.AddSent(domain, to, subject, at)
	}
}

// remember writes into the log what the other systems had sent before this start, and onto the lists whom
// the portal's domain no longer mails.
func (m *mailService) remember(ctx context.Context, portal *demo.Portal, now time.Time) error {
	if m == nil {
		return nil
	}
	for _, c := range demo.Customers() {
		a, err := account.ParseAddress(c.Address)
		if err != nil {
			return err
		}
		if err := m.suppress(ctx, portal, c.Address); err != nil {
			return err
		}
		resets, err := portal.PasswordResets(ctx, a, now.Add(-7*24*time.Hour))
		if err != nil {
			return err
		}
		for domain, at := range map[string]time.Time{demo.IdentityMailDomain: resets.Identity, demo.PortalMailDomain: resets.Portal} {
			if !at.IsZero() {
				m.sent(domain, c.Address, "Reset password instructions", at)
			}
		}
	}
	return nil
}

func (m *mailService) suppress(ctx context.Context, portal *demo.Portal, address string) error {
	listed, err := portal.Suppressions().Of(ctx, address)
	for _, l := range listed {
		m.fake.Suppress(string(l.List)+"s", demo.PortalMailDomain, mailguntest.Suppression{Address: address, Code: l.Code, At: l.Since})
	}
	return err
}

func (m *mailService) close() {
	if m == nil {
		return
	}
	_ = m.web.Close()
	m.fake.Close()
}

// hostOf is the host of an origin, with its port.
func hostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	return host
}
