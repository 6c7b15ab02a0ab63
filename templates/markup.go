package templates

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markup in messages is turned into private-use characters when the messages are read, so that a value
// which holds asterisks stays what its author typed.
const (
	uiOpen, uiClose         = "\ue000", "\ue001"
	strongOpen, strongClose = "\ue002", "\ue003"
	ownOpen, ownClose       = "\ue004", "\ue005" // around a value that is markup already
	askOpen, askClose       = "\ue006", "\ue007" // around what leads to /support
	anyMark                 = "\xee\x80"         // the two bytes that each of them begins with
)

var (
	uiMark     = regexp.MustCompile(`\*\*(.+?)\*\*`)
	strongMark = regexp.MustCompile(`__(.+?)__`)
	askMark    = regexp.MustCompile(`\[\[(.+?)\]\]`)
	ownMark    = regexp.MustCompile("(?s)" + ownOpen + "(.*?)" + ownClose)

	noMarks    = strings.NewReplacer(uiOpen, "", uiClose, "", strongOpen, "", strongClose, "", ownOpen, "", ownClose, "", askOpen, "", askClose, "")
	noAskMarks = strings.NewReplacer(askOpen, "", askClose, "")
	htmlMarks  = strings.NewReplacer(
		uiOpen, `<b class="ui">`, uiClose, "</b>", strongOpen, "<strong>", strongClose, "</strong>",
		askOpen, `<a href="/support">`, askClose, "</a>",
	)
	plainMarks = strings.NewReplacer(uiOpen, "“", uiClose, "”", strongOpen, "", strongClose, "")
)

// mark reads a message's markup and sets its apostrophes.
func mark(message string) string {
	if strings.Contains(message, "**") {
		message = uiMark.ReplaceAllString(message, uiOpen+"$1"+uiClose)
	}
	if strings.Contains(message, "__") {
		message = strongMark.ReplaceAllString(message, strongOpen+"$1"+strongClose)
	}
	if strings.Contains(message, "[[") {
		message = askMark.ReplaceAllString(message, askOpen+"$1"+askClose)
	}
	if strings.Contains(message, "'") {
		message = setApostrophes(message)
	}
	return message
}

// setApostrophes sets those between two letters as a printer would.
func setApostrophes(message string) string {
	var b strings.Builder
	rest := message
	for {
		before, after, found := strings.Cut(rest, "'")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(after)
		if unicode.IsLetter(last) && unicode.IsLetter(next) {
			b.WriteString("’")
		} else {
			b.WriteByte('\'')
		}
		rest = after
	}
}

// value makes one value fit for a message.
func value(v any) any {
	switch v := v.(type) {
	case template.HTML:
		return ownOpen + noMarks.Replace(string(v)) + ownClose
	case string:
		return unmarked(v)
	case fmt.Stringer:
		return unmarked(v.String())
	}
	return v
}

// toHTML escapes a marked message and sets its marks as elements.
func toHTML(marked string) template.HTML {
	escaped := html.EscapeString(marked)
	if !hasMarks(escaped) {
		return template.HTML(escaped)
	}
	if !strings.Contains(escaped, ownOpen) {
		return template.HTML(htmlMarks.Replace(escaped))
	}
	escaped = ownMark.ReplaceAllStringFunc(escaped, func(own string) string {
		return html.UnescapeString(strings.TrimSuffix(strings.TrimPrefix(own, ownOpen), ownClose))
	})
	return template.HTML(htmlMarks.Replace(escaped))
}

// toPlain sets the marks as text can: the name of a button in quotes.
func toPlain(marked string) string {
	if !hasMarks(marked) {
		return marked
	}
	return noMarks.Replace(plainMarks.Replace(marked))
}

// hasMarks reports whether a marked message has any.
func hasMarks(marked string) bool { return strings.Contains(marked, anyMark) }

// unmarked spares what has no mark, as most have none.
func unmarked(text string) string {
	if !hasMarks(text) {
		return text
	}
	return noMarks.Replace(text)
}
