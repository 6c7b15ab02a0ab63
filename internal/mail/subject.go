package mail

import (
	"mime"
	"strings"
)

// subjectWords is a subject as a header has it (RFC 2047): of its words only those are encoded that have to be. As one
// encoded word it is often too long to stand beside the field's name; the field then begins with an empty line, which
// some programs show as a blank before the subject. The blank between two encoded words belongs to the first of them.
func subjectWords(subject string) string {
	words := strings.Fields(subject)
	for i, word := range words {
		if !encoded(word) {
			continue
		}
		if i+1 < len(words) && encoded(words[i+1]) {
			word += " "
		}
		words[i] = mime.QEncoding.Encode("utf-8", word)
	}
	return strings.Join(words, " ")
}

func encoded(word string) bool { return mime.QEncoding.Encode("utf-8", word) != word }
