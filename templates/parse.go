package templates

import (
	"embed"
	"html/template"
	"sync"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed mail/*.html mail/*.txt
var mailFiles embed.FS

//go:embed locales/*.toml
var locales embed.FS

// pageSet gives the template set of each page, by the page's name. It is parsed when the page is asked for
// the first time: nobody waits at the start for pages that may never be seen. Nothing that a vendor writes
// can make it fail; that our own pages parse is for tests to see.
type pageSet map[string]func() (*template.Template, error)

// parts are the files that every page's set has besides its own.
var parts = []string{"pages/layout.html", "pages/parts.html", "pages/icons.html", "pages/drawing.html", "pages/waiting.html", "pages/console-layout.html"}

// allPages is one of each page.
func allPages() []Page {
	return []Page{
		Start{},
		CheckEmail{},
		Delivery{},
		Link{},
		LinkDead{},
		Done{},
		Situation{},
		Support{},
		HelpIndex{},
		Help{},
		Message{},
		Report{},
		ConsoleSignIn{},
		ConsoleHome{},
		ConsoleCases{},
		ConsoleCase{},
		ConsoleDryRun{},
		ConsoleLinks{},
		ConsoleAudit{},
		ConsoleMessage{},
	}
}

// entry is the template that a page starts with: the fragment stands alone, the report has a frame of its own,
// all else is in the layout.
func entry(p Page) string {
	switch p.(type) {
	case Delivery:
		return "main"
	case Report:
		return "report"
	case consolePage:
		return "console-layout"
	}
	return "layout"
}

func newPages(w *words, o Options) pageSet {
	constants := pageConstants(w, o)
	shared := sync.OnceValues(func() (*template.Template, error) {
		t, err := template.New("").Funcs(pageFuncs(w, o)).ParseFS(pageFiles, parts...)
		if err == nil {
			fold(treesOf(t), constants)
		}
		return t, err
	})
	set := pageSet{}
	for _, p := range allPages() {
		set[p.page()] = sync.OnceValues(func() (*template.Template, error) {
			return parsePage(shared, p.page(), constants)
		})
	}
	return set
}

func parsePage(
	shared func() (*template.Template, error), name string, constants func(string, []string) (string, bool),
) (*template.Template, error) {
	t, err := shared()
	if err != nil {
		return nil, err
	}
	if t, err = t.Clone(); err != nil {
		return nil, err
	}
	if t, err = t.ParseFS(pageFiles, "pages/"+name+".html"); err == nil {
		fold(treesOf(t), constants)
	}
	return t, err
}
