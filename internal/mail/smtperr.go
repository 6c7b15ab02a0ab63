package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"latchkey/internal/recovery"
)

// reply is what a server said, without its text: that may hold the address.
type reply struct {
	step     string
	code     int    // 0: it said nothing, the connection failed
	enhanced string // RFC 3463, such as "5.1.1"; "" if the server does not use them
}

func (r reply) Error() string {
	if r.code == 0 {
		return "smtp: " + r.step + ": connection lost"
	}
	return strings.TrimSpace(fmt.Sprintf("smtp: %s: %d %s", r.step, r.code, r.enhanced))
}

var steps = map[gomail.SendErrReason]string{
	gomail.ErrSMTPMailFrom:  "MAIL FROM",
	gomail.ErrSMTPRcptTo:    "RCPT TO",
	gomail.ErrSMTPData:      "DATA",
	gomail.ErrWriteContent:  "content",
	gomail.ErrSMTPDataClose: "end of content",
}

// smtpFailure sorts a send that failed within a session and tells whether the session is still usable.
func smtpFailure(err error) (failure error, usable bool) {
	var se *gomail.SendError
	if !errors.As(err, &se) {
		return everyone(0, reply{step: "session"}), false
	}
	step, known := steps[se.Reason]
	if !known {
		step = "session"
	}
	r := reply{step: step, code: se.ErrorCode(), enhanced: se.EnhancedStatusCode()}
	switch {
	case r.code == 0 || r.code == 421:
		return everyone(0, r), false
	case se.Reason == gomail.ErrSMTPMailFrom, strings.HasPrefix(r.enhanced, "4.3."):
		// The sender is refused, or the server itself is in trouble: it is so for every mail.
		return everyone(0, r), true
	case r.forGood():
		return permanent(r.reason(), r), se.Reason != gomail.ErrSMTPData
	}
	return temporary(r), se.Reason != gomail.ErrSMTPData
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
	switch {
	case errors.As(err, &said):
		err = reply{step: "session", code: said.Code}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		err = errors.New("smtp: no connection in time")
	case errors.As(err, &cert):
		err = errors.New("smtp: the server's certificate does not verify")
	case errors.As(err, &dial):
		err = fmt.Errorf("smtp: %s: %w", dial.Op, dial.Err)
	default:
		err = errors.New("smtp: no private connection that this user may use")
	}
	return everyone(0, err)
}
