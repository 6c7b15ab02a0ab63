package handlers

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"latchkey/templates"
)

// The marks that the lines of a page as plain text begin with.
const (
	markHeading = "# "
	markMore    = "▸ "
	markButton  = "["
	markItem    = "- "
)

// kinds are what a mark says that a line is; a line without one is text.
var kinds = []struct{ mark, kind string }{
	{markHeading, "heading"}, {markMore, "more"}, {markButton, "button"}, {markItem, "item"},
}

// PreviewLines are the lines of PreviewText without their marks, each with what it is on the page.
func PreviewLines(text string) []templates.ConsoleLine {
	var out []templates.ConsoleLine
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, readLine(line))
		}
	}
	return out
}

func readLine(line string) templates.ConsoleLine {
	for _, k := range kinds {
		if rest, ok := strings.CutPrefix(line, k.mark); ok {
			if k.mark == markButton {
				rest = strings.TrimSuffix(rest, "]")
			}
			return templates.ConsoleLine{Kind: k.kind, Text: rest}
		}
	}
	return templates.ConsoleLine{Kind: "text", Text: line}
}

// readPage is a page as plain text: its title, and what its main part says, a paragraph a line.
func readPage(r io.Reader) (title, text string, err error) {
	root, err := html.Parse(r)
	if err != nil {
		return "", "", err
	}
	for n := range root.Descendants() {
		switch {
		case n.DataAtom == atom.Title && n.Namespace == "" && title == "":
			title = inline(n)
		case n.DataAtom == atom.Main:
			var p pageText
			p.walk(n)
			text = strings.Join(p.lines, "\n")
		}
	}
	return title, text, nil
}

// pageText collects the lines of a page.
type pageText struct {
	lines []string
}

func (p *pageText) say(mark, text string) {
	if text != "" {
		p.lines = append(p.lines, mark+text)
	}
}

func (p *pageText) gap() {
	if len(p.lines) > 0 && p.lines[len(p.lines)-1] != "" {
		p.lines = append(p.lines, "")
	}
}

func (p *pageText) walk(n *html.Node) {
	for child := range n.ChildNodes() {
		if child.Type == html.ElementNode && !unseen(child) {
			p.element(child)
		}
	}
}

func (p *pageText) element(n *html.Node) {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3:
		p.gap()
		p.say(markHeading, inline(n))
	case atom.Summary:
		p.gap()
		p.say(markMore, inline(n))
	case atom.Li:
		p.say(listMark(n), inline(n))
	case atom.Button:
		p.say(markButton, button(n))
	case atom.Label, atom.P, atom.Dt, atom.Dd, atom.Legend, atom.Figcaption:
		p.paragraph(n)
	case atom.Ul, atom.Ol:
		p.walk(n)
	case atom.Fieldset:
		p.choice(n)
	case atom.Svg, atom.Input, atom.Textarea:
	default:
		p.other(n)
	}
}

func (p *pageText) other(n *html.Node) {
	switch {
	case hasClass(n, "drawing-box"):
		var parts []string
		for child := range n.ChildNodes() {
			if text := inline(child); text != "" && child.Type == html.ElementNode {
				parts = append(parts, text)
			}
		}
		p.say("  ", strings.Join(parts, ": "))
	case hasBlocks(n):
		p.walk(n)
	default:
		p.say("  ", inline(n))
	}
}

// choice is a question of which the answers are only counted.
func (p *pageText) choice(n *html.Node) {
	answers := 0
	for child := range n.Descendants() {
		if child.DataAtom == atom.Label {
			answers++
		}
	}
	p.say("( ) ", "one of "+strconv.Itoa(answers)+" answers")
}

// paragraph is a line, unless it is there for its button.
func (p *pageText) paragraph(n *html.Node) {
	for child := range n.Descendants() {
		if child.DataAtom == atom.Button || child.DataAtom == atom.A && hasClass(child, "button") {
			p.say(markButton, button(child))
			return
		}
	}
	p.say("", inline(n))
}

func button(n *html.Node) string {
	if text := inline(n); text != "" {
		return text + "]"
	}
	return ""
}

// listMark is what stands before an item: its number in a list of steps.
func listMark(n *html.Node) string {
	if n.Parent == nil || n.Parent.DataAtom != atom.Ol {
		return markItem
	}
	number := 1
	for before := n.PrevSibling; before != nil; before = before.PrevSibling {
		if before.DataAtom == atom.Li {
			number++
		}
	}
	return strconv.Itoa(number) + ". "
}

// hasBlocks reports whether an element holds others that stand on lines of their own.
func hasBlocks(n *html.Node) bool {
	for child := range n.Descendants() {
		switch child.DataAtom {
		case atom.P, atom.Div, atom.Ul, atom.Ol, atom.H1, atom.H2, atom.H3, atom.Form, atom.Details, atom.Section, atom.Button, atom.Svg:
			return true
		}
	}
	return false
}

// unseen reports whether nobody sees the element, or it is for the ears alone.
func unseen(n *html.Node) bool {
	return hasClass(n, "off") || slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" })
}

func hasClass(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
		return a.Key == "class" && slices.Contains(strings.Fields(a.Val), name)
	})
}

// inline is an element's text on one line.
func inline(n *html.Node) string {
	var b strings.Builder
	var add func(*html.Node)
	add = func(n *html.Node) {
		for child := range n.ChildNodes() {
			switch {
			case child.Type == html.TextNode:
				b.WriteString(child.Data)
			case child.DataAtom == atom.Br:
				b.WriteString(" ")
			case child.Type == html.ElementNode && child.DataAtom != atom.Svg && !unseen(child):
				add(child)
			}
		}
	}
	add(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
