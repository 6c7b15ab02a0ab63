package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const module = "latchkey"

// pkg is one folder with Go files.
type pkg struct {
	imports []string // of files that are not tests; ours without the module's name
	doc     string   // the package comment of doc.go
	files   int      // that are not tests, and not doc.go
}

// graph is the tree: packages by their folder, relative to the module's root.
type graph map[string]*pkg

// load parses the imports of every Go file below root.
func load(root string) (graph, error) {
	g := graph{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skip(d.Name())
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		return g.add(filepath.ToSlash(folder), path)
	})
	return g, err
}

func skip(name string) error {
	if name == "testdata" || name == "node_modules" || (len(name) > 1 && name[0] == '.' && name != "..") {
		return fs.SkipDir
	}
	return nil
}

func (g graph) add(folder, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return err
	}
	if g[folder] == nil {
		g[folder] = &pkg{}
	}
	p := g[folder]
	switch {
	case filepath.Base(path) == "doc.go":
		p.doc = file.Doc.Text()
	case !strings.HasSuffix(path, "_test.go"):
		p.files++
	default:
		return nil
	}
	p.addImports(file.Imports)
	return nil
}

func (p *pkg) addImports(specs []*ast.ImportSpec) {
	for _, spec := range specs {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has checked it
		}
		name = strings.TrimPrefix(name, module+"/")
		if !slices.Contains(p.imports, name) {
			p.imports = append(p.imports, name)
		}
	}
}
