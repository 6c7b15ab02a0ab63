// Package outbox gets queued deliveries out: it leases what is due, renders it, hands it to a Sender and
// records what came of it.
//
// It owns the retries: back-off for each delivery, one pause for a provider that refuses everyone, dead
// letters with a reason, and the drop of mails whose challenge can no longer be used. Nothing it decides
// is kept outside the queue, so a process that dies at any instant loses no mail: its leases lapse and
// another worker sends the same mail again, with the same code and the same Message-ID.
//
// It must not know how a mail travels (internal/mail), how rows are kept (internal/sqlstore), or why a
// delivery was queued (internal/recovery's rules). No address, code or token is logged or counted here.
package outbox
