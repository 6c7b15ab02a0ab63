package secret

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
)

// CodeDigits is the length of a code (R5).
const CodeDigits = 8

// Code derives the code of a challenge: eight digits, the same on every call, so that a resend repeats
// it. ErrUnknownKey.
func (r *Ring) Code(keyID, challengeID string) (string, error) {
	k, err := r.find(keyID)
	if err != nil {
		return "", err
	}
	// 64 bits reduced to 10^8 values: no code is likelier than another by more than 1 in 10^11.
	n := binary.BigEndian.Uint64(k.code.sum("code", challengeID)) % 100_000_000
	return fmt.Sprintf("%0*d", CodeDigits, n), nil
}

// CodeEqual reports, in constant time, whether typed is the code of the challenge. Text that is no code
// and a key that is not in the ring are not equal.
func (r *Ring) CodeEqual(keyID, challengeID, typed string) bool {
	digits, ok := NormalizeCode(typed)
	code, err := r.Code(keyID, challengeID)
	if err != nil || !ok {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(code), []byte(digits)) == 1
}

// NormalizeCode reads what a customer typed or pasted: spaces and hyphens of every kind and invisible
// characters are ignored, full-width digits are digits. False unless exactly eight digits are left.
func NormalizeCode(typed string) (digits string, ok bool) {
	var b strings.Builder
	for _, c := range typed {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case c >= '０' && c <= '９':
			b.WriteRune(c - '０' + '0')
		case unicode.In(c, unicode.White_Space, unicode.Pd, unicode.Cf), c == '−':
		default:
			return "", false
		}
		if b.Len() > CodeDigits {
			return "", false
		}
	}
	return b.String(), b.Len() == CodeDigits
}
