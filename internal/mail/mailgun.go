package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/mailgun/mailgun-go/v4"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// DeliveryVariable is the name under which a delivery's id travels with a mail and comes back in
// Mailgun's reports of it.
const DeliveryVariable = "latchkey-delivery"

// mailgunTimeout bounds one request where the caller set no shorter one.
const mailgunTimeout = 10 * time.Second

// MailgunConfig is Latchkey's own sending domain at Mailgun.
type MailgunConfig struct {
	Domain string
	APIKey string
	// Base is the API's URL, which ends in /v3 and is https except on loopback. Default: Mailgun's in the US.
	Base string
	// From is the sender as people see it, such as "Acme sign-in help <help@mail.acme.example>".
	From string
}

// Mailgun is a recovery.Sender. It is safe for concurrent use.
type Mailgun struct {
	client *mailgun.MailgunImpl
	from   string
}

// NewMailgun checks the configuration; it does not call Mailgun.
func NewMailgun(c MailgunConfig) (*Mailgun, error) {
	client, err := newMailgunClient(c.Domain, c.APIKey, c.Base)
	if err != nil {
		return nil, err
	}
	if c.From == "" {
		return nil, errors.New("mailgun: the sender (From) is missing")
	}
	return &Mailgun{client: client, from: c.From}, nil
}

// newMailgunClient makes a client of one domain: suppressions know no other way to name theirs.
func newMailgunClient(domain, key, base string) (*mailgun.MailgunImpl, error) {
	base, err := mailgunBase(base)
	if err != nil {
		return nil, err
	}
	if domain == "" || strings.ContainsAny(domain, "/?#@ ") {
		return nil, errors.New("mailgun: the sending domain is missing or is no domain")
	}
	if key == "" {
		return nil, errors.New("mailgun: the API key is missing")
	}
	client := mailgun.NewMailgun(domain, key)
	client.SetAPIBase(base)
	client.SetClient(newHTTPClient(mailgunTimeout))
	return client, nil
}

func mailgunBase(base string) (string, error) {
	if base == "" {
		return mailgun.APIBaseUS, nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || !strings.HasSuffix(u.Path, "/v3") {
		return "", fmt.Errorf("mailgun: the API's base is a URL that ends in /v3, not %q", base)
	}
	if !wire.Private(u) {
		return "", fmt.Errorf("mailgun: the API's base has to be https: %q", base)
	}
	return base, nil
}

// Send implements recovery.Sender. The provider's id is Mailgun's message id.
func (g *Mailgun) Send(ctx context.Context, m recovery.Message) (string, error) {
	to, err := recipient(m.To)
	if err != nil {
		return "", err
	}
	m.To = to
	out, err := g.message(m)
	if err != nil {
		return "", permanent(recovery.ReasonRefused, errors.New("mailgun: the mail cannot be put together"))
	}
	var seen answer
	_, id, err := g.client.Send(withAnswer(ctx, &seen), out)
	if err != nil {
		return "", mailgunFailure(err, seen)
	}
	return strings.Trim(id, "<>"), nil
}

// message is built anew for every send: it would keep the domain of the client it first went through.
func (g *Mailgun) message(m recovery.Message) (*mailgun.Message, error) {
	out := mailgun.NewMessage(g.from, m.Subject, m.Text, m.To)
	out.SetHTML(m.HTML)
	if m.ReplyTo != "" {
		out.SetReplyTo(m.ReplyTo)
	}
	for name, value := range m.Headers {
		out.AddHeader(name, value)
	}
	out.SetTracking(false)
	out.SetTrackingClicks(false)
	out.SetTrackingOpens(false)
	out.SetRequireTLS(true)
	return out, errors.Join(
		out.AddTag(string(m.Kind)),
		out.AddVariable(DeliveryVariable, m.DeliveryID),
	)
}
