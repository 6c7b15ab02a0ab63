// Package templates owns every page and every mail: one plain struct each (pages.go, views.go, mails.go),
// the templates they are rendered with (pages/, mail/) and all words (locales/*.toml).
//
// It knows nothing of cases, of HTTP or of any other package of ours: whoever calls it fills a struct.
//
// Words. No sentence stands in Go or in a template. In a template `{{T "start.title"}}` is a message of
// the page's language, `{{T "proof.sent" "Address" .Address}}` one with values, `{{Lines "situation.x.steps"}}`
// a message split at its line breaks, empty where the message does not exist, and `{{Has "id"}}` asks for
// that. The functions are there in every template, whatever its dot is. A message is a text/template:
// besides its own values it knows .Vendor, .Portal, .Identity and .Names, the table of page and button
// names under [names]. `**Save**` in a message marks the name of something on screen, and `[[ask support]]` what
// leads to /support; a help page has no case to send there, and shows those words alone.
//
// The texts of a situation are written with .Address (the account's), .IdentityAddress and .At, each ""
// where it is not known: `{{if .At}}…{{end}}`. `{{Say .FindingView "what"}}` and SayLines give them.
//
// Locales are all files locales/<language>.toml and locales/<part>.<language>.toml.
package templates
