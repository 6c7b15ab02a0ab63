package attack

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
)

// What the demo's mail service is told, where a test plays it.
const (
	mailDomain = "acme.example"
	mailKey    = "sending-key"
	signingKey = "webhook-key"
)

// provider is the mail service of a demo, in the test's hands. It stays when the demo is killed.
type provider struct {
	*mailguntest.Server
	web *httptest.Server
}

// startMailed starts a demo that sends by a mail service of the test's own.
func startMailed(t testing.TB, o mailguntest.Options, args ...string) (*demo, *provider) {
	t.Helper()
	d := newDemo(t)
	o.Domains, o.SigningKey = map[string]string{mailDomain: mailKey}, signingKey
	o.WebhookURL = d.base + "/webhooks/mailgun"
	p := &provider{Server: mailguntest.New(o)}
	p.web = httptest.NewServer(p.Server)
	t.Cleanup(func() { p.Close(); p.web.Close() })
	d.startWith(append([]string{
		"--mail", "mailgun", "--mailgun-base", p.web.URL + "/v3", "--mailgun-domain", mailDomain,
		"--mailgun-key", mailKey, "--mailgun-webhook-key", signingKey, "--limit-scale", "100000",
	}, args...)...)
	return d, p
}

// to are the mails that the service took for an address, oldest first.
func (p *provider) to(address string) (mails []sent) {
	for _, m := range p.Messages() {
		if m.To == address {
			mails = append(mails, asSent(m))
		}
	}
	return mails
}

func asSent(m mailguntest.Message) sent {
	return sent{ID: m.Variables[mail.DeliveryVariable], To: m.To, From: m.From, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Headers: m.Headers}
}

// requests is how often a message was to be sent so far.
func (p *provider) requests() (all []mailguntest.Request) {
	for _, r := range p.Wire() {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URI, "/messages") {
			all = append(all, r)
		}
	}
	return all
}

// delivery is the state that the page shows.
func (b *browser) delivery() string {
	b.t.Helper()
	if got := b.get("/check-email").hooks["delivery"]; len(got) == 1 {
		return got[0]
	}
	return b.page.url.Path
}
