package account

import (
	"slices"
	"strings"
)

// oftenMistyped are the public mail services that people mistype most, as they should be written. Their
// names have five letters at least: of a shorter one every change makes a domain that may well be meant.
var oftenMistyped = []string{
	"gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "googlemail.com", "protonmail.com",
	"proton.me", "fastmail.com", "comcast.net", "hotmail.co.uk", "hotmail.de", "hotmail.es", "hotmail.fr",
	"hotmail.it", "outlook.de", "outlook.fr", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com.br",
	"yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "freenet.de", "laposte.net", "rediffmail.com", "tutanota.com",
}

// endings are those of no country. Others are not taken for a slip: yahoo.se is not yahoo.es mistyped.
var endings = map[string]bool{"com": true, "net": true}

// Suggestion is the address with the domain that was probably meant, where what was typed is one slip of
// the finger away from a well-known one; "" where it is not. It knows spelling alone: no account, no mailbox,
// and whether the typed domain exists, play a part.
func Suggestion(typed string) string {
	at := strings.LastIndexByte(typed, '@')
	if at < 1 {
		return ""
	}
	domain := strings.ToLower(strings.TrimSpace(typed[at+1:]))
	if freeMailDomains[domain] || slices.Contains(oftenMistyped, domain) {
		return ""
	}
	for _, known := range oftenMistyped {
		if !slipOf(domain, known) {
			continue
		}
		if a, err := ParseAddress(strings.TrimSpace(typed[:at]) + "@" + known); err == nil {
			return a.String()
		}
	}
	return ""
}

// slipOf reports whether one slip makes typed of known: in its name, or in an ending of no country.
func slipOf(typed, known string) bool {
	name, ending, _ := strings.Cut(known, ".")
	if typedName, ok := strings.CutSuffix(typed, "."+ending); ok {
		return oneSlip(typedName, name)
	}
	return endings[ending] && oneSlip(typed, known)
}

// oneSlip reports whether a and b differ by one character too many, too few or another, or by two
// neighbours in each other's place: a Damerau-Levenshtein distance of 1.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 1:
		return a[i:] == b[i+1:]
	case 0:
		return i < len(a) && (a[i+1:] == b[i+1:] ||
			(i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]))
	}
	return false
}
