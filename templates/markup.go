package templates

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"
)

// Markup in messages is turned into private-use characters when the messages are read, so that a value
// which holds asterisks stays what its author typed.
const (
	uiOpen, uiClose         = "\ue000", "\ue001"
	strongOpen, strongClose = "\ue002", "\ue003"
	ownOpen, ownClose       = "\ue004", "\ue005" // around a value that is markup already
	anyMark                 = "\xee\x80"         // the two bytes that each of them begins with
)

var (
	uiMark     = regexp.MustCompile(`\*\*(.+?)\*\*`)
	strongMark = regexp.MustCompile(`__(.+?)__`)
	apostrophe = regexp.MustCompile(`(\pL)'(\pL)`)
	ownMark    = regexp.MustCompile("(?s)" + ownOpen + "(.*?)" + ownClose)

	noMarks    = strings.NewReplacer(uiOpen, "", uiClose, "", strongOpen, "", strongClose, "", ownOpen, "", ownClose, "")
	htmlMarks  = strings.NewReplacer(uiOpen, `<b class="ui">`, uiClose, "</b>", strongOpen, "<strong>", strongClose, "</strong>")
	plainMarks = strings.NewReplacer(uiOpen, "“", uiClose, "”", strongOpen, "", strongClose, "")
)

// mark reads a message's markup and sets its apostrophes.
func mark(message string) string {
	message = uiMark.ReplaceAllString(message, uiOpen+"$1"+uiClose)
	message = strongMark.ReplaceAllString(message, strongOpen+"$1"+strongClose)
	return apostrophe.ReplaceAllString(message, "$1’$2")
}

// value makes one value fit for a message.
func value(v any) any {
	switch v := v.(type) {
	case template.HTML:
		return ownOpen + noMarks.Replace(string(v)) + ownClose
	case string:
		return replaced(noMarks, v)
	case fmt.Stringer:
		return replaced(noMarks, v.String())
	}
	return v
}

// toHTML escapes a marked message and sets its marks as elements.
func toHTML(marked string) template.HTML {
	escaped := html.EscapeString(marked)
	if !strings.Contains(escaped, ownOpen) {
		return template.HTML(replaced(htmlMarks, escaped))
	}
	escaped = ownMark.ReplaceAllStringFunc(escaped, func(own string) string {
		return html.UnescapeString(strings.TrimSuffix(strings.TrimPrefix(own, ownOpen), ownClose))
	})
	return template.HTML(htmlMarks.Replace(escaped))
}

// toPlain sets the marks as text can: the name of a button in quotes.
func toPlain(marked string) string { return replaced(noMarks, replaced(plainMarks, marked)) }

// replaced spares what has no mark, as most have none.
func replaced(marks *strings.Replacer, text string) string {
	if !strings.Contains(text, anyMark) {
		return text
	}
	return marks.Replace(text)
}
