// Package assets owns the files that browsers load: one stylesheet, a little script, the icon. They are
// embedded, served under names that hold their content's hash, for ever, and compressed beforehand.
//
// It knows nothing of pages and imports nothing of ours.
package assets
