// Package edge is what the customers' pages and the agent console share of the HTTP edge: what every
// request passes before a handler sees it, how a form is read, the cookie, and what answers the errors that every
// page can end in. It must not know routes, pages or words, nor what a session is.
package edge
