package diagnosis

import (
	"slices"
	"strings"
)

// Mentioning are the situations whose texts speak of what somebody typed who quotes no message, in the
// registry's order: those with most of its words, and with more than half of them. texts is all that is said of
// a situation.
func (all Registry) Mentioning(typed string, texts func(ID) string) []ID {
	wanted := searched(typed)
	best := len(wanted)/2 + 1
	var found []ID
	for _, s := range all {
		n := mentioned(wanted, texts(s.ID))
		if n > best {
			best, found = n, nil
		}
		if n == best {
			found = append(found, s.ID)
		}
	}
	return found
}

// mostSearched is how many words are looked for: more than anybody types who looks for something, and few enough
// that a page of words costs no more than a sentence.
const mostSearched = 20

// searched are the first words that tell, each once.
func searched(typed string) []string {
	var words []string
	for _, w := range wordsOf(typed) {
		if len(words) == mostSearched {
			break
		}
		if telling([]string{w}) && !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// mentioned counts the words that a text has. One that begins a word of the text counts too, so that "password"
// finds "passwords".
func mentioned(words []string, text string) int {
	text = " " + strings.Join(wordsOf(text), " ")
	n := 0
	for _, w := range words {
		if strings.Contains(text, " "+w) {
			n++
		}
	}
	return n
}
