package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"latchkey/internal/recovery"
)

// reply is what a server said, without its text: that may hold the address.
type reply struct {
	step     string
	code     int    // 0: it said nothing, the connection failed
	late     bool   // or was given up: nothing was said in time
	enhanced string // RFC 3463, such as "5.1.1"; "" if the server does not use them
}

func (r reply) Error() string {
	switch {
	case r.late:
		return "smtp: " + r.step + ": no answer in time"
	case r.code == 0:
		return "smtp: " + r.step + ": connection lost"
	}
	return strings.TrimSpace(fmt.Sprintf("smtp: %s: %d %s", r.step, r.code, r.enhanced))
}

// The steps of a send.
const (
	stepSession = "session"
	stepMail    = "MAIL FROM"
	stepRcpt    = "RCPT TO"
	stepData    = "DATA"
	stepContent = "content"
	stepEnd     = "end of content"
)

var enhancedCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// reply is what err holds of the server's.
func (c *smtpConn) reply(step string, err error) *reply {
	r := &reply{step: step}
	var said *textproto.Error
	if !errors.As(err, &said) || said.Code < 400 || said.Code > 599 {
		r.late = late(err)
		return r
	}
	r.code = said.Code
	if ok, _ := c.session.Extension("ENHANCEDSTATUSCODES"); ok {
		r.enhanced = enhancedCode.FindString(said.Msg)
	}
	return r
}

// late is true of a server that did not answer in time: of a connection that was given up, or cut.
func late(err error) bool {
	return slices.ContainsFunc([]error{context.DeadlineExceeded, context.Canceled, os.ErrDeadlineExceeded, net.ErrClosed},
		func(sign error) bool { return errors.Is(err, sign) })
}

// lost is true of a connection that is no more, or that the server is about to end.
func (r reply) lost() bool { return r.code == 0 || r.code == 421 }

// ended is true where a kept connection took no further mail, and nothing of this one was said over it. RFC 5321
// (section 3.8) has a server say 421; some say 451 to a connection that was idle, or 452 after so many mails.
func (r reply) ended() bool {
	return r.step == stepSession || r.step == stepMail && r.code < 500
}

// smtpFailure sorts a send that failed within a session and tells whether the session is still usable.
func smtpFailure(r reply) (failure error, usable bool) {
	switch {
	case r.lost():
		return everyone(0, r), false
	case r.step == stepMail, strings.HasPrefix(r.enhanced, "4.3."):
		// The sender is refused, or the server itself is in trouble: it is so for every mail.
		return everyone(0, r), true
	case r.forGood():
		return permanent(r.reason(), r), r.step != stepData
	}
	return putOff(r.reason(), r), r.step != stepData
}

// forGood is true where code and enhanced code agree: one server's "550 4.7.1" is another try's success.
func (r reply) forGood() bool {
	return r.code >= 500 && (r.enhanced == "" || strings.HasPrefix(r.enhanced, "5."))
}

func (r reply) reason() recovery.Reason {
	if r.enhanced != "" {
		return recovery.Reason("smtp-" + r.enhanced)
	}
	return recovery.Reason(fmt.Sprintf("smtp-%d", r.code))
}

// sessionFailure is a connection that could not be had: it is so for every mail. A server's refusal to
// let Latchkey sign in is given by its code, for its text may hold the user's name.
func sessionFailure(err error) error {
	var said *textproto.Error
	var dial *net.OpError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &said):
		err = reply{step: stepSession, code: said.Code}
	case late(err):
		err = errors.New("smtp: no connection in time")
	case errors.As(err, &cert):
		err = errors.New("smtp: the server's certificate does not verify")
	case errors.As(err, &dial):
		err = fmt.Errorf("smtp: %s: %w", dial.Op, dial.Err)
	case errors.As(err, &record):
		err = errors.New("smtp: the server speaks no TLS there: --smtp-tls tls wants its port for that, most often 465")
	case errors.Is(err, io.EOF):
		err = errors.New("smtp: the server ended the connection without a word")
	default:
		err = errors.New("smtp: " + missing(err))
	}
	return everyone(0, err)
}

// missing is what the server does not offer. The library has it in words alone, which may hold the user's name.
func missing(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "does not support STARTTLS"):
		return "the server offers no STARTTLS there, and without it nothing is sent (--smtp-tls)"
	case strings.Contains(text, "does not support SMTP AUTH"), errors.Is(err, gomail.ErrNoSupportedAuthDiscovered):
		return "the server offers no way to sign in by name and password there, as --smtp-user wants"
	}
	return "no private connection that this user may use"
}
