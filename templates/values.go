package templates

import (
	"fmt"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// values are what a message refers to, such as "Portal" or "Names.save".
type values map[string]bool

// common reports whether the message needs nothing but what every message may refer to.
func (v values) common() bool {
	for name := range v {
		if name != "Vendor" && name != "Portal" && name != "Identity" && !strings.HasPrefix(name, "Names.") {
			return false
		}
	}
	return true
}

// forms are a message's texts by grammatical number; last is the one that is used where there is only one.
func forms(m *i18n.Message) []*string {
	return []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other}
}

// read parses a message's texts; one that cannot be parsed stops the start and not a customer. The template is
// that of the text which is used where there is only one, and nil where there is nothing to fill in.
func read(m *i18n.Message) (used values, text *template.Template, err error) {
	used = values{}
	for _, form := range forms(m) {
		text = nil
		if !strings.Contains(*form, "{{") {
			continue
		}
		if text, err = template.New(m.ID).Option(strict).Parse(*form); err != nil {
			return nil, nil, fmt.Errorf("message %q: %w", m.ID, err)
		}
		if text.Tree != nil && text.Root != nil {
			used.find(text.Root)
		}
	}
	return used, text, nil
}

// find adds the fields of a part of a template.
func (v values) find(n parse.Node) {
	if field, ok := n.(*parse.FieldNode); ok {
		v[strings.Join(field.Ident, ".")] = true
	}
	for _, child := range children(n) {
		v.find(child)
	}
}

// children are the parts of a part, as far as messages have them.
func children(n parse.Node) []parse.Node {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		return n.Nodes
	case *parse.ActionNode:
		return []parse.Node{n.Pipe}
	case *parse.IfNode:
		return []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.PipeNode:
		out := make([]parse.Node, len(n.Cmds))
		for i, c := range n.Cmds {
			out[i] = c
		}
		return out
	case *parse.CommandNode:
		return n.Args
	}
	return nil
}
