package templates

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// wrap breaks long lines at spaces, keeps what a line begins with (an indent, a quote, a list's dash) and
// leaves what has no space, such as a URL, whole. Of several empty lines it keeps one.
func wrap(text string, width int) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/16)
	empty := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line != "" || !empty {
			wrapLine(&b, line, width)
			b.WriteByte('\n')
		}
		empty = line == ""
	}
	return b.String()
}

func wrapLine(b *strings.Builder, line string, width int) {
	if utf8.RuneCountInString(line) <= width {
		b.WriteString(line)
		return
	}
	begun, hanging := beginning(line)
	words := strings.TrimPrefix(line, begun)
	b.WriteString(begun)
	column, between := utf8.RuneCountInString(begun), ""
	for word := range strings.FieldsSeq(words) {
		n := utf8.RuneCountInString(word)
		if between != "" && column+len(between)+n > width {
			b.WriteString("\n" + hanging)
			column, between = utf8.RuneCountInString(hanging), ""
		}
		b.WriteString(between)
		b.WriteString(word)
		column, between = column+len(between)+n, " "
	}
}

var lineStart = regexp.MustCompile(`^ *(> ?|- |\d+\. )?`)

// beginning is what a line starts with, and what the lines after it start with.
func beginning(line string) (first, hanging string) {
	first = lineStart.FindString(line)
	if strings.HasPrefix(strings.TrimSpace(first), ">") {
		return first, first
	}
	return first, strings.Repeat(" ", len(first))
}

// paragraphs cuts what somebody wrote at its line breaks.
func paragraphs(message string) []string {
	return strings.Split(strings.ReplaceAll(strings.TrimSpace(message), "\r\n", "\n"), "\n")
}
