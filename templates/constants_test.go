package templates_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"latchkey/templates"
)

// allProblems and allMessages are those that the package declares.
func allProblems() []templates.ProblemID { return declared[templates.ProblemID]("ProblemID") }

func allMessages() []templates.MessageID { return declared[templates.MessageID]("MessageID") }

// declared are the values of the constants of a type, read off the source: a list kept beside it could lack one.
func declared[T ~string](name string) []T {
	var values []T
	for _, file := range []string{"pages.go", "console.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			panic(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if of, ok := spec.Type.(*ast.Ident); ok && of.Name == name {
				text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					panic(err)
				}
				values = append(values, T(text))
			}
			return false
		})
	}
	return values
}

func TestDeclaredAreAll(t *testing.T) {
	for _, tt := range []struct {
		what string
		got  int
	}{{"problems", len(allProblems())}, {"messages", len(allMessages())}} {
		if tt.got < 10 {
			t.Errorf("%d %s were read off the source: the constants have moved", tt.got, tt.what)
		}
	}
}
