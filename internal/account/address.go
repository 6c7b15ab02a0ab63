package account

import (
	"errors"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// maxAddressBytes is the longest address that SMTP can carry: RFC 5321 section 4.5.3.1.3 allows a path
// of 256 bytes, two of which are the angle brackets.
const maxAddressBytes = 254

// maxLocalBytes is RFC 5321 section 4.5.3.1.1.
const maxLocalBytes = 64

// Why an address is refused (R6). Each has a sentence of its own for the customer.
var (
	ErrAddressEmpty    = errors.New("address: empty")
	ErrAddressTooLong  = errors.New("address: longer than 254 bytes")
	ErrAddressForm     = errors.New("address: not of the form name@domain")
	ErrAddressNotASCII = errors.New("address: the part before the @ is not ASCII")
	ErrAddressDomain   = errors.New("address: not a domain that mail can reach")
)

// Address is an email address that passed R6. The zero value is no address.
type Address struct {
	local  string // as typed
	domain string // lower case, IDNA A-labels
}

// ParseAddress accepts one bare address and nothing around it: what net/mail reads must equal the input,
// the local part is ASCII without control characters, the domain passes IDNA.
func ParseAddress(typed string) (Address, error) {
	switch {
	case typed == "":
		return Address{}, ErrAddressEmpty
	case len(typed) > maxAddressBytes:
		return Address{}, ErrAddressTooLong
	}
	parsed, err := mail.ParseAddress(typed)
	if err != nil || parsed.Name != "" || parsed.Address != typed {
		return Address{}, ErrAddressForm
	}
	at := strings.LastIndexByte(typed, '@')
	local, domain := typed[:at], typed[at+1:]
	if err := checkLocal(local); err != nil {
		return Address{}, err
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || !namesHost(ascii) {
		return Address{}, ErrAddressDomain
	}
	a := Address{local: local, domain: strings.ToLower(ascii)}
	if len(a.String()) > maxAddressBytes {
		return Address{}, ErrAddressTooLong
	}
	return a, nil
}

// domains is IDNA as for a look-up, within the lengths of DNS: a label of 64 bytes has no address.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true))

// namesHost reports whether a domain is more than one label and no IPv4 address. A last label of digits
// alone is no top level (RFC 3696 section 2), and mail sent there would go to a number.
func namesHost(domain string) bool {
	dot := strings.LastIndexByte(domain, '.')
	return dot > 0 && strings.Trim(domain[dot+1:], "0123456789") != ""
}

func checkLocal(local string) error {
	if len(local) > maxLocalBytes {
		return ErrAddressTooLong
	}
	for _, c := range []byte(local) {
		if c >= 0x80 {
			return ErrAddressNotASCII
		}
		if c <= ' ' || c == 0x7f || c == '"' || c == '@' {
			return ErrAddressForm
		}
	}
	return nil
}

// IsZero reports whether a is no address.
func (a Address) IsZero() bool { return a.domain == "" }

// String is the address as typed, its domain in A-labels. Mail goes here where no account's stored
// bytes are known.
func (a Address) String() string {
	if a.IsZero() {
		return ""
	}
	return a.local + "@" + a.domain
}

// Domain is the part behind the @, in lower case and A-labels.
func (a Address) Domain() string { return a.domain }

// DomainInLetters is the domain as people write it, where that is not how mail servers do; else "". Letters of two
// alphabets may look alike, so it stands beside Domain and never for it.
func (a Address) DomainInLetters() string {
	letters, err := domains.ToUnicode(a.domain)
	if err != nil || letters == a.domain {
		return ""
	}
	return letters
}

// Canonical is the form in which two addresses are the same when their strings are: ASCII lower case
// and IDNA, and neither dots nor plus tags folded (R6).
func (a Address) Canonical() string {
	if a.IsZero() {
		return ""
	}
	return strings.ToLower(a.local) + "@" + a.domain
}

// LimitKey is Canonical without dots and plus tags in the local part: one mailbox at the services that
// ignore them. Keys of limits use it and nothing else does (R6).
func (a Address) LimitKey() string {
	if a.IsZero() {
		return ""
	}
	local, _, _ := strings.Cut(strings.ToLower(a.local), "+")
	return strings.ReplaceAll(local, ".", "") + "@" + a.domain
}

// Matches reports whether a and b name the same mailbox by R6.
func (a Address) Matches(b Address) bool {
	return !a.IsZero() && a.Canonical() == b.Canonical()
}

// Is reports whether what a system keeps as an address names the same mailbox; what is no address names none.
func (a Address) Is(kept string) bool {
	b, err := ParseAddress(kept)
	return err == nil && b.Matches(a)
}
