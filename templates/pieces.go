package templates

import (
	"fmt"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// piece is a stretch of a message: a text, or a value to be put there. One with a condition is left out where
// that value is empty.
type piece struct{ text, value, condition string }

// piecesOf are those of a message that puts values between texts, some of them only where there is a value, and
// does nothing else, which most do; they are joined without a template being run. nil where it does more.
func piecesOf(text string, t *texttemplate.Template) []piece {
	if t == nil {
		return []piece{{text: text}}
	}
	if t.Tree == nil || t.Root == nil {
		return nil
	}
	return piecesIn(t.Root, "")
}

func piecesIn(list *parse.ListNode, condition string) []piece {
	pieces := []piece{}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			pieces = append(pieces, piece{text: string(n.Text), condition: condition})
		case *parse.ActionNode:
			name, ok := onlyField(n.Pipe)
			if !ok {
				return nil
			}
			pieces = append(pieces, piece{value: name, condition: condition})
		case *parse.IfNode:
			name, ok := onlyField(n.Pipe)
			if !ok || n.ElseList != nil || condition != "" {
				return nil
			}
			inner := piecesIn(n.List, name)
			if inner == nil {
				return nil
			}
			pieces = append(pieces, inner...)
		default:
			return nil
		}
	}
	return pieces
}

// onlyField is the name in {{.Name}} or {{.Names.save}}.
func onlyField(p *parse.PipeNode) (string, bool) {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return "", false
	}
	field, ok := p.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok {
		return "", false
	}
	return strings.Join(field.Ident, "."), true
}

// join puts the pieces together; false where a value was not given, or is more than the pieces can tell.
func (w *words) join(pieces []piece, kv []any) (string, bool) {
	var b strings.Builder
	for _, p := range pieces {
		if p.condition != "" {
			v, ok := w.valueOf(p.condition, kv)
			text, isText := v.(string)
			if !ok || !isText {
				return "", false
			}
			if text == "" {
				continue
			}
		}
		if p.value == "" {
			b.WriteString(p.text)
			continue
		}
		v, ok := w.valueOf(p.value, kv)
		if !ok {
			return "", false
		}
		if text, isText := v.(string); isText {
			b.WriteString(text)
		} else {
			_, _ = fmt.Fprint(&b, v)
		}
	}
	return strings.TrimSpace(b.String()), true
}

// valueOf looks among the message's own values first, of which the last of a name counts.
func (w *words) valueOf(name string, kv []any) (any, bool) {
	for i := len(kv) - 2; i >= 0; i -= 2 {
		if kv[i] == name {
			return value(kv[i+1]), true
		}
	}
	if key, ok := strings.CutPrefix(name, "Names."); ok {
		text, ok := w.names[key]
		return text, ok
	}
	text, ok := w.common[name].(string)
	return text, ok
}
