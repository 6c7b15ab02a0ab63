package templates

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var emptyLines = regexp.MustCompile(`\n{3,}`)

// wrap breaks long lines at spaces, keeps what a line begins with (an indent, a quote, a list's dash) and
// leaves what has no space, such as a URL, whole.
func wrap(text string, width int) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		out = append(out, wrapLine(strings.TrimRight(line, " \t\r"), width)...)
	}
	joined := emptyLines.ReplaceAllString(strings.Join(out, "\n"), "\n\n")
	return strings.TrimSpace(joined) + "\n"
}

func wrapLine(line string, width int) []string {
	if utf8.RuneCountInString(line) <= width {
		return []string{line}
	}
	first, hanging := beginning(line)
	var out []string
	current := first
	for i, word := range strings.Fields(line[len(first):]) {
		if i > 0 && utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) > width {
			out = append(out, current)
			current = hanging + word
			continue
		}
		if i > 0 {
			current += " "
		}
		current += word
	}
	return append(out, current)
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
