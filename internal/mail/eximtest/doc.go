// Package eximtest runs Exim, the mail server of Debian, for tests: mail over STARTTLS from who signs in,
// written to a file as it was received.
//
// It owns the server's configuration, folder and life. It knows nothing of ours: it answers to SMTP.
package eximtest
