package mail

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// smtpConn is one connection, used by one send at a time.
type smtpConn struct {
	session *smtp.Client
	timeout time.Duration
	sent    int
	idle    time.Time

	mu    sync.Mutex // cut comes from elsewhere, at any moment
	raw   net.Conn
	ended bool
}

// mechanisms are how to sign in, best first. Those that show the password are refused by go-mail where
// the connection is not private.
var mechanisms = []gomail.SMTPAuthType{
	gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin,
	gomail.SMTPAuthCramMD5,
}

// dial opens a connection, makes it private and signs in.
func (s *SMTP) dial(ctx context.Context) (*smtpConn, error) {
	c := &smtpConn{timeout: s.cfg.Timeout}
	options := []gomail.Option{
		gomail.WithPort(s.cfg.Port),
		gomail.WithTimeout(s.cfg.Timeout),
		gomail.WithHELO(s.cfg.Hello),
		gomail.WithoutSMTPUTF8(), // every address is ASCII; asking for more would be refused further on
		gomail.WithTLSConfig(s.tlsConfig()),
		gomail.WithTLSPolicy(s.policy()),
		gomail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.connect(ctx, network, c)
		}),
	}
	if s.cfg.Username != "" {
		options = append(options, gomail.WithUsername(s.cfg.Username), gomail.WithPassword(s.cfg.Password),
			gomail.WithOpportunisticSMTPAuth(mechanisms...))
	}
	client, err := gomail.NewClient(s.cfg.Host, options...)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	if c.session, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		c.cut()
		return nil, err
	}
	return c, nil
}

// connect keeps the connection itself, which is what can be cut at any moment.
func (s *SMTP) connect(ctx context.Context, network string, c *smtpConn) (net.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, network, s.address())
	if err != nil {
		return nil, err
	}
	c.hold(raw)
	if s.cfg.TLS != SMTPImplicit {
		return raw, nil
	}
	private := tls.Client(raw, s.tlsConfig())
	if err := private.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return private, nil
}

func (s *SMTP) policy() gomail.TLSPolicy {
	if s.cfg.TLS == SMTPStartTLS {
		return gomail.TLSMandatory
	}
	return gomail.NoTLS
}

func (s *SMTP) tlsConfig() *tls.Config {
	c := &tls.Config{}
	if s.cfg.Roots != nil {
		c = s.cfg.Roots.Clone()
	}
	c.ServerName = s.cfg.Host
	c.MinVersion = tls.VersionTLS12
	return c
}

// send passes a mail on and returns what the server said on taking it, or the reply that it failed with. When
// ctx ends first the connection is cut. No command comes between one mail and the next: MAIL shows whether the
// server still answers, and after a mail that was taken there is nothing to reset (RFC 5321, section 4.1.1.4).
func (c *smtpConn) send(ctx context.Context, l letter) (answer string, failed *reply) {
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	c.sent++
	if err := c.session.UpdateDeadline(c.timeout); err != nil {
		return "", c.reply(stepSession, err)
	}
	if err := c.session.Mail(l.from); err != nil {
		return "", c.reply(stepMail, err)
	}
	if err := c.session.Rcpt(l.to); err != nil {
		failed = c.reply(stepRcpt, err)
		if c.session.Reset() != nil {
			c.cut() // an answer that comes late would be taken for the next command's
		}
		return "", failed
	}
	return c.put(l.content)
}

// put says the content. Where that fails in the middle it is not ended either: nobody gets half a mail.
func (c *smtpConn) put(content io.WriterTo) (answer string, failed *reply) {
	w, err := c.session.Data()
	if err != nil {
		return "", c.reply(stepData, err)
	}
	if _, err := content.WriteTo(w); err != nil {
		return "", c.reply(stepContent, err)
	}
	if err := w.Close(); err != nil {
		return "", c.reply(stepEnd, err)
	}
	if taken, ok := w.(*smtp.DataCloser); ok {
		answer = taken.ServerResponse()
	}
	return answer, nil
}

func (c *smtpConn) hold(raw net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.raw = raw; c.ended {
		_ = raw.Close()
	}
}

// cut ends the connection without a word; whoever waits for the server gets an error at once.
func (c *smtpConn) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.raw != nil {
		_ = c.raw.Close()
	}
}

// quit ends the session politely, within a second.
func (c *smtpConn) quit() {
	if c.session.UpdateDeadline(time.Second) == nil {
		_ = c.session.Quit()
	}
	c.cut()
}
