// Package desk hands cases off to a support desk: to Zendesk by its Tickets API, to any other by a signed
// webhook, or by mail. Each is a recovery.Desk that is called again after every error and every crash, and
// makes one ticket all the same: it looks up what is there before it acts, and what it sends carries the
// delivery's id.
//
// It owns what a desk is told and how it is asked. It must not know when something is sent or sent again
// (internal/outbox), in what words (templates), or why (internal/recovery). Of tickets that Latchkey did not
// make it reads the requester, the state and its own notes, and writes to those of a proven requester alone.
// No address and no token stands in an error.
package desk
