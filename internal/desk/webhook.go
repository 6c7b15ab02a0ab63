package desk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"latchkey/internal/recovery"
)

// webhookVersion is that of the body. Fields may be added to it; none changes its meaning or goes.
const webhookVersion = 1

// minSecret is the shortest secret, in bytes, that a signature is made with.
const minSecret = 16

// WebhookConfig is what a webhook needs.
type WebhookConfig struct {
	URL    string // https except on loopback
	Secret string // 16 bytes at least
	// Timeout bounds one request; 0 means 10 s.
	Timeout time.Duration
	Now     func() time.Time
}

// Webhook is a desk that is told by a signed request, and may well be a program of yours before one.
type Webhook struct {
	cfg WebhookConfig
	api *client
}

var _ recovery.Desk = (*Webhook)(nil)

// NewWebhook checks the configuration; it does not call.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	if err := checkURL("webhook", c.URL); err != nil {
		return nil, err
	}
	if len(c.Secret) < minSecret {
		return nil, errors.New("webhook: the secret has to be 16 characters long at least")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Webhook{cfg: c, api: newClient("webhook", c.URL, c.Timeout, nil)}, nil
}

// event is the body of a request: a hand-off, or a note to a ticket.
type event struct {
	Version   int           `json:"version"`
	Type      string        `json:"type"` // ticket or note
	ID        string        `json:"id"`   // the same on every attempt
	Reference string        `json:"reference"`
	At        time.Time     `json:"at"`
	Ticket    *eventTicket  `json:"ticket,omitempty"`
	Note      *eventNote    `json:"note,omitempty"`
	Requester eventVerified `json:"requester"`
}

// eventVerified is who the event is of. Every address in it was proven.
type eventVerified struct {
	Address  string   `json:"address"`
	Verified bool     `json:"verified"`
	Others   []string `json:"others,omitempty"` // proven in the same case
}

type eventTicket struct {
	Kind       recovery.HandOffKind `json:"kind"`
	Bound      string               `json:"bound_ticket,omitempty"`
	Language   string               `json:"language"`
	Subject    string               `json:"subject"`
	Message    string               `json:"message"`
	Note       string               `json:"note"`
	ConsoleURL string               `json:"console_url,omitempty"`
	Support    []recovery.Guidance  `json:"support"`
	Evidence   recovery.Evidence    `json:"evidence"`
}

type eventNote struct {
	Ticket  string          `json:"ticket"`
	Outcome recovery.Ending `json:"outcome"`
	Text    string          `json:"text"`
}

// File implements recovery.Desk.
func (w *Webhook) File(ctx context.Context, m recovery.Message) (string, error) {
	t := *m.Ticket
	return w.send(ctx, event{
		Type: "ticket", ID: t.ID, Reference: t.Reference, At: t.At, Requester: verified(t.Requester),
		Ticket: &eventTicket{
			Kind: t.Kind, Bound: t.Bound, Language: t.Language, Subject: m.Subject, Message: t.Message, Note: t.Note,
			ConsoleURL: t.ConsoleURL, Support: t.Support, Evidence: t.Evidence,
		},
	})
}

// Note implements recovery.Desk. Whether the ticket is of one of the addresses is for who is called to see.
func (w *Webhook) Note(ctx context.Context, m recovery.Message) error {
	n := *m.Note
	if len(n.Requesters) == 0 {
		return permanent(recovery.ReasonOtherRequester, errors.New("webhook: nobody was proven"))
	}
	_, err := w.send(ctx, event{
		Type: "note", ID: n.ID, Reference: n.Reference, At: n.At, Requester: verified(n.Requesters...),
		Note: &eventNote{Ticket: n.Ticket, Outcome: n.Outcome, Text: n.Text},
	})
	return err
}

func verified(addresses ...string) eventVerified {
	return eventVerified{Address: addresses[0], Verified: true, Others: addresses[1:]}
}

// send tells it. The answer may name the ticket that was made.
func (w *Webhook) send(ctx context.Context, e event) (string, error) {
	e.Version = webhookVersion
	text := body(e)
	stamp := strconv.FormatInt(w.cfg.Now().Unix(), 10)
	a, err := w.api.call(ctx, http.MethodPost, "", text,
		"Idempotency-Key", e.ID, "Latchkey-Timestamp", stamp, "Latchkey-Signature", Sign(w.cfg.Secret, stamp, text))
	if err != nil {
		return "", err
	}
	if a.status < 200 || a.status > 299 {
		return "", w.api.refusal(a)
	}
	var said struct {
		Ticket json.RawMessage `json:"ticket"`
	}
	if a.into(&said) != nil {
		return "", nil // it took it and has no more to say
	}
	return numberIn(said.Ticket), nil
}

// maxNumber bounds a ticket's number, in bytes.
const maxNumber = 64

// numberIn is a ticket's number, which may be a JSON text or a number.
func numberIn(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		var number json.Number
		if json.Unmarshal(raw, &number) != nil {
			return ""
		}
		text = number.String()
	}
	if len(text) > maxNumber {
		return ""
	}
	return text
}

// Sign is the signature of a body at a moment: "v1=" and, in hex, HMAC-SHA256 of the timestamp, a full stop
// and the body.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}
