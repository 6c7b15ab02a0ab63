// Package report is the page /report of the ops listener: what Latchkey did in a period, drawn and as tables.
//
// It turns counts into a page of templates, the geometry of its drawings included. It must not know how counts
// are made, which is internal/recovery's, nor words.
package report
