package load

import "html/template"

// floorPage is the data of the floor's page. The page has the parts of a start page, each text by its id and
// what is configured by name, as a page in several languages is written on html/template.
type floorPage struct {
	Path, Token, Email, Sent string
	Problems                 []string
}

type floorSite struct{ Name, Vendor, Contact, Privacy string }

func newFloorPage() *template.Template {
	site := floorSite{Name: "Customers Portal", Vendor: "Example", Contact: "support@example.com"}
	return template.Must(template.New("layout").Funcs(template.FuncMap{
		"T":     func(id string) template.HTML { return floorWords[id] },
		"Lang":  func() string { return "en" },
		"Site":  func() floorSite { return site },
		"Asset": func(name string) string { return "/assets/" + name },
	}).Parse(floorHTML))
}

var floorWords = map[string]template.HTML{
	"skip": "Skip to the content", "nav": "Help", "help": "Help", "error": "Error:", "contact": "Contact support",
	"title": "Get back into your account", "step": "Step 1 of 3", "heading": "Get back into your account",
	"intro":   "Enter the email address that you use for the Customers Portal.",
	"label":   "Email address",
	"hint":    "The address that invoices come to, if you are not sure.",
	"button":  "Send me a code",
	"under":   "You need no password. Nothing changes until you say so.",
	"sent":    "A code is on its way to",
	"privacy": "Privacy",
}

const floorHTML = `<!DOCTYPE html>
<html lang="{{Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{if .Problems}}{{T "error"}} {{end}}{{template "title" .}} · {{Site.Name}}</title>
<link rel="icon" href="{{Asset "icon.svg"}}" type="image/svg+xml">
<link rel="stylesheet" href="{{Asset "portal.css"}}">
<script src="{{Asset "portal.js"}}" defer></script>
</head>
<body>
<a class="skip" href="#main">{{T "skip"}}</a>
<header class="top">
<a class="brand" href="/">{{template "key"}}<span>{{Site.Name}}</span></a>
<nav aria-label="{{T "nav"}}"><a href="/help"{{if eq .Path "/help"}} aria-current="page"{{end}}>{{T "help"}}</a></nav>
</header>
<main id="main" tabindex="-1">
{{template "problems" .Problems}}
{{template "main" .}}
</main>
<footer>
<p>{{Site.Vendor}}</p>
<ul>
{{if Site.Privacy}}<li><a href="{{Site.Privacy}}">{{T "privacy"}}</a></li>{{end}}
{{if Site.Contact}}<li><a href="mailto:{{Site.Contact}}">{{T "contact"}}</a></li>{{end}}
</ul>
</footer>
</body>
</html>
{{define "title"}}{{T "title"}}{{end}}
{{define "key"}}<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><circle cx="8" cy="12" r="4"/><path d="M12 12h9v4M17 12v3"/></svg>{{end}}
{{define "problems"}}{{if .}}<div class="errors" role="alert"><ul>{{range .}}<li>{{T .}}</li>{{end}}</ul></div>{{end}}{{end}}
{{define "main"}}<p class="step">{{T "step"}}</p>
<h1>{{T "heading"}}</h1>
<p>{{T "intro"}}</p>
<form method="post" action="{{.Path}}" novalidate>
<input type="hidden" name="token" value="{{.Token}}">
<div class="field{{if .Problems}} wrong{{end}}">
<label for="email">{{T "label"}}</label>
<p class="hint" id="email-hint">{{T "hint"}}</p>
<input id="email" name="email" type="email" value="{{.Email}}" autocomplete="email" autocapitalize="none" spellcheck="false" aria-describedby="email-hint{{if .Problems}} email-error{{end}}" required>
</div>
<button type="submit">{{T "button"}}</button>
<p class="under">{{T "under"}}</p>
</form>
{{if .Sent}}<p>{{T "sent"}} {{.Sent}}.</p>{{end}}{{end}}`
