// Package mailguntest is a mail service that speaks Mailgun's API over HTTP: messages, events, logs,
// suppressions, and webhooks with real signatures. It records the wire and can fail in the ways in which
// services fail. Tests use it, and the demo when it is to show delivery reports.
//
// It mails nobody and keeps everything in memory. It knows nothing of ours: it answers to the protocol.
package mailguntest
