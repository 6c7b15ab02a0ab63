package templates

import (
	htmltemplate "html/template"
	"regexp"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// fold writes into the templates what is the same at every rendering: most of a page is words that need no
// value, and a call costs more than the words do. What is written must read the same in an element and in
// an attribute, where the template would have escaped it; what does not is left to the template.
func fold(trees []*parse.Tree, constant func(name string, args []string) (string, bool)) {
	for _, t := range trees {
		if t != nil && t.Root != nil {
			foldList(t.Root, constant)
		}
	}
}

func foldList(list *parse.ListNode, constant func(string, []string) (string, bool)) {
	if list == nil {
		return
	}
	kept := list.Nodes[:0]
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			foldBranch(&n.BranchNode, constant)
		case *parse.RangeNode:
			foldBranch(&n.BranchNode, constant)
		case *parse.WithNode:
			foldBranch(&n.BranchNode, constant)
		case *parse.ActionNode:
			if text, ok := constantOf(n, constant); ok {
				kept = appendText(kept, &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: []byte(text)})
				continue
			}
		case *parse.TextNode:
			kept = appendText(kept, n)
			continue
		}
		kept = append(kept, n)
	}
	list.Nodes = kept
}

func foldBranch(b *parse.BranchNode, constant func(string, []string) (string, bool)) {
	foldList(b.List, constant)
	foldList(b.ElseList, constant)
}

// appendText joins texts that have come to stand side by side.
func appendText(nodes []parse.Node, n *parse.TextNode) []parse.Node {
	if len(nodes) > 0 {
		if last, ok := nodes[len(nodes)-1].(*parse.TextNode); ok {
			joined := append(append([]byte{}, last.Text...), n.Text...)
			nodes[len(nodes)-1] = &parse.TextNode{NodeType: parse.NodeText, Pos: last.Pos, Text: joined}
			return nodes
		}
	}
	return append(nodes, n)
}

// constantOf is the text of an action that calls one function with texts alone, such as {{T "start.title"}}.
func constantOf(n *parse.ActionNode, constant func(string, []string) (string, bool)) (string, bool) {
	if n.Pipe == nil || len(n.Pipe.Decl) > 0 || len(n.Pipe.Cmds) != 1 {
		return "", false
	}
	var name string
	var args []string
	for i, arg := range n.Pipe.Cmds[0].Args {
		switch arg := arg.(type) {
		case *parse.IdentifierNode:
			if i > 0 {
				return "", false
			}
			name = arg.Ident
		case *parse.StringNode:
			args = append(args, arg.Text)
		default:
			return "", false
		}
	}
	return constant(name, args)
}

// asIs is what no context of a page escapes.
var asIs = regexp.MustCompile(`^[A-Za-z0-9/._-]*$`)

// pageConstants are the calls of pageFuncs that read the same every time. A message with elements in it is
// left where it is.
func pageConstants(w *words, o Options) func(string, []string) (string, bool) {
	return func(name string, args []string) (string, bool) {
		switch {
		case name == "T" && len(args) == 1:
			f, ok := w.fixed[args[0]]
			return string(f.html), ok && !strings.ContainsAny(string(f.html), `<"'`)
		case name == "Asset" && len(args) == 1:
			path := o.Asset(args[0])
			return path, asIs.MatchString(path)
		case name == "Lang" && len(args) == 0:
			return w.lang, asIs.MatchString(w.lang)
		}
		return "", false
	}
}

// textConstants are those of textFuncs.
func textConstants(w *words) func(string, []string) (string, bool) {
	return func(name string, args []string) (string, bool) {
		if name != "T" || len(args) != 1 {
			return "", false
		}
		f, ok := w.fixed[args[0]]
		return f.plain, ok
	}
}

func textTreesOf(t *texttemplate.Template) []*parse.Tree {
	var trees []*parse.Tree
	for _, each := range t.Templates() {
		trees = append(trees, each.Tree)
	}
	return trees
}

func treesOf(t *htmltemplate.Template) []*parse.Tree {
	var trees []*parse.Tree
	for _, each := range t.Templates() {
		trees = append(trees, each.Tree)
	}
	return trees
}
