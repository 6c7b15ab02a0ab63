package demo

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/mail"
	"strings"
	texttemplate "text/template"
	"time"

	"latchkey/internal/account"
)

//go:embed pages
var pageFiles embed.FS

// pages are the templates of the portal and the inbox, one set a page.
type pages struct {
	byName    map[string]*template.Template
	mails     *texttemplate.Template
	htmlMails *template.Template
}

var pageFuncs = template.FuncMap{
	"sender": senderName,
	"spans":  spans,
	"day":    func(t time.Time) string { return t.UTC().Format("2 January 2006") },
	"when":   func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") },
}

// senderName is the name in a From header, or all of it where there is none.
func senderName(from string) string {
	if a, err := mail.ParseAddress(from); err == nil && a.Name != "" {
		return a.Name
	}
	return from
}

func parsePages() (pages, error) {
	p := pages{byName: map[string]*template.Template{}}
	files, err := fs.Glob(pageFiles, "pages/*/*.html")
	if err != nil {
		return p, err
	}
	for _, file := range files {
		folder, name, _ := strings.Cut(strings.TrimPrefix(file, "pages/"), "/")
		if folder == "mail" || name == "layout.html" {
			continue
		}
		set, err := template.New("layout.html").Funcs(pageFuncs).ParseFS(pageFiles, "pages/"+folder+"/layout.html", file)
		if err != nil {
			return p, fmt.Errorf("demo: page %s: %w", file, err)
		}
		p.byName[strings.TrimSuffix(name, ".html")] = set
	}
	if p.mails, err = texttemplate.ParseFS(pageFiles, "pages/mail/*.txt"); err != nil {
		return p, err
	}
	p.htmlMails, err = template.ParseFS(pageFiles, "pages/mail/*.html")
	return p, err
}

// render writes a whole page or returns an error and writes nothing.
func (p pages) render(w http.ResponseWriter, status int, name string, data any) error {
	var b bytes.Buffer
	set, ok := p.byName[name]
	if !ok {
		return fmt.Errorf("demo: no page %q", name)
	}
	if err := set.Execute(&b, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return nil
}

// frame is what every page of the portal has.
type frame struct {
	Account     *account.Account // nil: nobody is signed in
	LatchkeyURL string           // empty: no "Can't sign in?"
}

func (p *Portal) frame(a *account.Account) frame {
	f := frame{Account: a}
	if p.cfg.LatchkeyURL != nil {
		f.LatchkeyURL = p.cfg.LatchkeyURL()
	}
	return f
}

type signInPage struct {
	frame
	Obstacle string // why signing in as As did not work; empty before a try
	As       string
}

type gitLabPage struct {
	frame
	Identities []account.Identity
	Sent       bool
}

type homePage struct {
	frame
	Done  string
	Fault string
}

type profilePage struct {
	frame
	Identities []account.Identity // to link instead
	Email      string             // in the field
	Done       string
	Fault      string
}

type confirmedPage struct {
	frame
	Email string
}

type problemPage struct {
	frame
	Kind string
}

func serveFile(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=300")
		http.ServeFileFS(w, r, pageFiles, name)
	}
}
