package templates

import (
	"fmt"
	"maps"
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

// forms are a message's texts by grammatical number.
func forms(m *i18n.Message) []*string {
	return []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other}
}

// valuesOf parses a message's texts; one that cannot be parsed stops the start and not a customer.
func valuesOf(m *i18n.Message) (values, error) {
	used := values{}
	for _, form := range forms(m) {
		if !strings.Contains(*form, "{{") {
			continue
		}
		t, err := template.New(m.ID).Parse(*form)
		if err != nil {
			return nil, fmt.Errorf("message %q: %w", m.ID, err)
		}
		if t.Tree != nil && t.Root != nil {
			maps.Copy(used, valuesIn(t.Root))
		}
	}
	return used, nil
}

// valuesIn collects the fields of a part of a template.
func valuesIn(n parse.Node) values {
	used := values{}
	for _, child := range children(n) {
		maps.Copy(used, valuesIn(child))
	}
	if field, ok := n.(*parse.FieldNode); ok {
		used[strings.Join(field.Ident, ".")] = true
	}
	return used
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
