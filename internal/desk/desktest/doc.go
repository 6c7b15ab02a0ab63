// Package desktest is a desk for tests and for the demo: as much of Zendesk's API as Latchkey uses, behind
// HTTP, and a webhook that checks its signature. Both record what came over the wire and can fail in the
// ways that desks do.
package desktest
