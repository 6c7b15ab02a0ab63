package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"latchkey/internal/recovery"
	"latchkey/internal/wire"
)

// SMTPTLS is how a connection is made private.
type SMTPTLS string

// The ways. Plain is for loopback alone.
const (
	SMTPStartTLS SMTPTLS = "starttls"
	SMTPImplicit SMTPTLS = "implicit"
	SMTPPlain    SMTPTLS = "plain"
)

// SMTPConfig is the server that takes the mails.
type SMTPConfig struct {
	Host     string
	Port     int // default 587, for implicit TLS 465
	TLS      SMTPTLS
	Username string // "" does not sign in
	Password string
	// From is the sender as people see it; its address is the envelope's too.
	From string
	// Hello is the name in EHLO. Default: the domain of From.
	Hello string
	// Connections is how many there are at once. Default 10.
	Connections int
	// Timeout bounds each step of a send where the caller set no shorter time. Default 10 s.
	Timeout time.Duration
	// Roots replaces the system's certificates, and may be nil.
	Roots *tls.Config
}

// SMTP is a recovery.Sender. It keeps connections open for a while and is safe for concurrent use.
type SMTP struct {
	cfg  SMTPConfig
	pool *pool
}

// NewSMTP checks the configuration; it does not connect.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &SMTP{cfg: c}
	s.pool = newPool(c.Connections, s.dial)
	return s, nil
}

func (c SMTPConfig) withDefaults() SMTPConfig {
	if c.TLS == "" {
		c.TLS = SMTPStartTLS
	}
	if c.Port == 0 {
		c.Port = 587
		if c.TLS == SMTPImplicit {
			c.Port = 465
		}
	}
	if c.Connections <= 0 {
		c.Connections = 10
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if from, err := netmail.ParseAddress(c.From); err == nil && c.Hello == "" {
		c.Hello = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	}
	return c
}

func (c SMTPConfig) check() error {
	var errs []error
	if c.Host == "" {
		errs = append(errs, errors.New("smtp: the server's host is missing"))
	}
	if c.TLS != SMTPStartTLS && c.TLS != SMTPImplicit && c.TLS != SMTPPlain {
		errs = append(errs, fmt.Errorf("smtp: TLS is %q, %q or %q, not %q", SMTPStartTLS, SMTPImplicit, SMTPPlain, c.TLS))
	}
	if c.TLS == SMTPPlain && !wire.Loopback(c.Host) {
		errs = append(errs, errors.New("smtp: without TLS mail goes to this machine only"))
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		errs = append(errs, errors.New("smtp: the sender (From) is no address"))
	}
	return errors.Join(errs...)
}

// Send implements recovery.Sender. The provider's id is what the server said on taking the mail.
func (s *SMTP) Send(ctx context.Context, m recovery.Message) (string, error) {
	to, err := recipient(m.To)
	if err != nil {
		return "", err
	}
	m.To = to
	l, err := s.letter(m)
	if err != nil {
		return "", permanent(recovery.ReasonRefused, errors.New("smtp: the mail cannot be put together"))
	}
	return s.pass(ctx, l)
}

// pass gives a mail to the server. A kept connection may have ended since: then nothing of the mail has been
// said over it, and the next one is tried.
func (s *SMTP) pass(ctx context.Context, l letter) (string, error) {
	for {
		conn, err := s.pool.take(ctx)
		if err != nil {
			return "", sessionFailure(err)
		}
		kept := conn.sent > 0
		answer, r := conn.send(ctx, l)
		if r == nil {
			s.pool.give(conn, true)
			return serverID(answer), nil
		}
		failure, usable := smtpFailure(*r)
		again := kept && r.ended()
		s.pool.give(conn, usable && !again)
		if !again || ctx.Err() != nil {
			return "", failure
		}
	}
}

// Check connects to the server as a mail would, makes that private, signs in, and leaves. Errors as of Send.
func (s *SMTP) Check(ctx context.Context) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return sessionFailure(err)
	}
	conn.quit()
	return nil
}

// Close ends the idle connections.
func (s *SMTP) Close() error {
	s.pool.close()
	return nil
}

func (s *SMTP) address() string { return net.JoinHostPort(s.cfg.Host, strconv.Itoa(s.cfg.Port)) }

// serverID keeps the server's words on taking a mail, such as "2.0.0 Ok: queued as 4F2", for agents to
// quote; not where they name an address.
func serverID(response string) string {
	line, _, _ := strings.Cut(response, "\n")
	if strings.Contains(line, "@") {
		return ""
	}
	return line[:min(len(line), 128)]
}

// letter is a mail in its envelope.
type letter struct {
	from, to string
	content  io.WriterTo
}

func (s *SMTP) letter(m recovery.Message) (letter, error) {
	msg, err := s.message(m)
	if err != nil {
		return letter{}, err
	}
	from, err := msg.GetSender(false)
	if err != nil {
		return letter{}, err
	}
	to, err := msg.GetRecipients()
	if err != nil {
		return letter{}, err
	}
	return letter{from: from, to: to[0], content: msg}, nil
}

func (s *SMTP) message(m recovery.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	errs := []error{msg.From(s.cfg.From), msg.To(m.To)}
	if m.ReplyTo != "" {
		errs = append(errs, msg.ReplyTo(m.ReplyTo))
	}
	msg.Subject(subjectWords(m.Subject))
	for name, value := range m.Headers {
		if strings.EqualFold(name, "Message-ID") {
			msg.SetMessageIDWithValue(strings.Trim(value, "<>"))
			continue
		}
		msg.SetGenHeader(gomail.Header(name), value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, errors.Join(errs...)
}
