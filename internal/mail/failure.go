package mail

import (
	"errors"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// errNotOne is a recipient that is not exactly one bare address: a list would be sent to all of it.
var errNotOne = errors.New("the recipient is not one address")

func permanent(reason recovery.Reason, err error) error {
	return &recovery.SendError{Permanent: true, Reason: reason, Err: err}
}

func temporary(err error) error {
	return &recovery.SendError{Err: err}
}

// putOff is what the mailbox's own server takes later: the reason is what it said.
func putOff(reason recovery.Reason, err error) error {
	return &recovery.SendError{Reason: reason, Err: err}
}

func everyone(retryAfter time.Duration, err error) error {
	return &recovery.SendError{ProviderWide: true, RetryAfter: retryAfter, Err: err}
}

// recipient is the address as it goes over the wire. It refuses anything but one bare address, whose bytes
// it leaves as they are (R6), but for a domain that is not ASCII: that travels as A-labels.
func recipient(to string) (string, error) {
	parsed, err := netmail.ParseAddress(to)
	if err != nil || parsed.Name != "" || parsed.Address != to {
		return "", permanent(recovery.ReasonRefused, errNotOne)
	}
	if strings.IndexFunc(to, func(r rune) bool { return r > unicode.MaxASCII }) < 0 {
		return to, nil
	}
	a, err := account.ParseAddress(to)
	if err != nil {
		return "", permanent(recovery.ReasonRefused, errNotOne)
	}
	return a.String(), nil
}
