package templates

import (
	"embed"
	"html/template"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed mail/*.html mail/*.txt
var mailFiles embed.FS

//go:embed locales/*.toml
var locales embed.FS

// pageSet is one template set a page, by the page's name.
type pageSet map[string]*template.Template

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

func parsePages(w *words, o Options) (pageSet, error) {
	shared, err := template.New("").Funcs(pageFuncs(w, o)).ParseFS(pageFiles, parts...)
	if err != nil {
		return nil, err
	}
	constants := pageConstants(w, o)
	fold(treesOf(shared), constants)
	set := pageSet{}
	for _, p := range allPages() {
		own, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if own, err = own.ParseFS(pageFiles, "pages/"+p.page()+".html"); err != nil {
			return nil, err
		}
		fold(treesOf(own), constants)
		set[p.page()] = own
	}
	return set, nil
}
