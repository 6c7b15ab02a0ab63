package outbox

import (
	"errors"
	"fmt"
	"strings"

	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// Renderer turns the data of a mail into its texts, and has single messages by their ids; *templates.Renderer is one.
type Renderer interface {
	Mail(lang string, m templates.Mail) (templates.Rendered, error)
	Text(lang, id string, kv ...any) (text string, ok bool)
}

// Letters is the Composer: it renders each kind of mail when it is sent. Codes and links are derived from
// the ids in the job at that moment, so that nothing at rest holds one.
type Letters struct {
	Renderer Renderer
	Keys     *secret.Ring
	// PublicURL begins every URL in a mail (R7); without a final slash.
	PublicURL string
	// ReplyTo is an address that people read. A ticket's is the customer's.
	ReplyTo string
	// ConsoleURL begins the URL of a case's page for support; "" for none.
	ConsoleURL string
	// Support is where tickets go.
	Support string
	// MessageIDDomain is the right part of every Message-ID: the domain mails are sent from.
	MessageIDDomain string
}

var errRow = errors.New("outbox: a row that the delivery names is missing")

// letter is a mail before it is rendered.
type letter struct {
	to   string
	lang string
	data templates.Mail
}

// Compose implements Composer. Its errors hold ids at most.
func (l *Letters) Compose(job recovery.Job) (recovery.Message, error) {
	letter, err := l.write(job)
	if err != nil {
		return recovery.Message{}, fmt.Errorf("%s: %w", job.Delivery.Kind, err)
	}
	ticket, err := l.forDesk(job, letter)
	if err != nil {
		return recovery.Message{}, fmt.Errorf("%s for the desk: %w", job.Delivery.Kind, err)
	}
	r, err := l.Renderer.Mail(letter.lang, withoutNumbers(letter.data))
	if err != nil {
		return recovery.Message{}, fmt.Errorf("render %s: %w", job.Delivery.Kind, err)
	}
	return recovery.Message{
		DeliveryID: job.Delivery.ID,
		Kind:       job.Delivery.Kind,
		To:         letter.to,
		Subject:    r.Subject,
		Text:       r.Text,
		HTML:       r.HTML,
		ReplyTo:    l.replyTo(job),
		Headers:    l.headers(job),
		Ticket:     ticket,
		Note:       noteOf(job, r),
	}, nil
}

func (l *Letters) write(job recovery.Job) (letter, error) {
	switch job.Delivery.Kind {
	case recovery.KindProve:
		return l.proof(job)
	case recovery.KindSignIn:
		return l.signIn(job)
	case recovery.KindConfirm:
		return l.confirm(job)
	case recovery.KindSignedIn:
		return l.signedIn(job)
	case recovery.KindHandedOff:
		return l.handedOff(job)
	case recovery.KindHandOffNotice:
		return l.handOffNotice(job)
	case recovery.KindTicket:
		return l.ticket(job)
	case recovery.KindDisowned:
		return l.disowned(job)
	case recovery.KindOtherAddress:
		return l.otherAddress(job)
	}
	if job.Delivery.Kind.Ending() != "" {
		return l.outcome(job)
	}
	return letter{}, errors.New("outbox: not a mail")
}

// headers are the same on every attempt. A ticket is a person's message: desks set aside what calls
// itself automatic. A blind mail names no case, for its reader is not who asked (R2).
func (l *Letters) headers(job recovery.Job) map[string]string {
	h := map[string]string{"Message-ID": "<" + job.Delivery.ID + "@" + l.MessageIDDomain + ">"}
	if !forSupport(job.Delivery.Kind) {
		h["Auto-Submitted"] = "auto-generated"
		h["X-Auto-Response-Suppress"] = "All"
	}
	if job.Delivery.Kind != recovery.KindOtherAddress {
		h["X-Latchkey-Reference"] = job.Case.Reference
	}
	return h
}

func (l *Letters) replyTo(job recovery.Job) string {
	if forSupport(job.Delivery.Kind) && job.HandOff != nil {
		return job.HandOff.Address
	}
	return l.ReplyTo
}

// link is the URL of a challenge; "" where the job has none.
func (l *Letters) link(c *recovery.Challenge) (string, error) {
	if c == nil {
		return "", nil
	}
	return l.linkTo(c.KeyID, c.ID)
}

// linkTo is the URL of the challenge with an id; "" without one.
func (l *Letters) linkTo(keyID, challengeID string) (string, error) {
	if challengeID == "" {
		return "", nil
	}
	token, err := l.Keys.LinkToken(keyID, challengeID)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(l.PublicURL, "/") + recovery.LinkPath + token, nil
}

func forSupport(k recovery.Kind) bool {
	return k.Channel() == recovery.ChannelDesk
}

func base(job recovery.Job) templates.MailBase {
	return templates.MailBase{
		Reference: job.Case.Reference,
		AskedAt:   job.Delivery.CreatedAt,
		Browser:   browserOf(job),
	}
}

// browserOf is that in which a mail was asked for, or in which what a notice tells of was done.
func browserOf(job recovery.Job) string {
	switch job.Delivery.Kind {
	case recovery.KindSignedIn, recovery.KindHandedOff, recovery.KindHandOffNotice:
		return job.Delivery.Browser
	}
	return job.Case.Browser
}
