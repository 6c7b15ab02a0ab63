package secret

import (
	"strings"
	"unicode"
)

// ParseReference is a case's reference as people write it down or read it out, in its one form: case, spaces
// and hyphens do not matter, and the LK may be left out. Whether there is such a case is not said.
func ParseReference(typed string) (string, bool) {
	const prefix = "LK"
	text := strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, typed))
	if len(text) == len(prefix)+2*referenceGroup {
		text = strings.TrimPrefix(text, prefix)
	}
	if len(text) != 2*referenceGroup || strings.ContainsFunc(text, noReference) {
		return "", false
	}
	return prefix + "-" + text[:referenceGroup] + "-" + text[referenceGroup:], true
}

func noReference(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }
