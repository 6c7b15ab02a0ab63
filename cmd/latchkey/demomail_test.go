package main

import (
	"net"
	"testing"

	"latchkey/internal/config"
)

// The key of reports that somebody gave is the one that holds; without one it is as secret as any.
func TestTheDemosMailServiceTakesAKeyForItsReports(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var o config.Options
	o.MailgunWebhookKey = "given"
	given := ownMailgun(o, l)
	if got := given.WebhookKeys(); len(got) != 1 || got[0] != "given" {
		t.Errorf("keys %v, want the one that was given", got)
	}
	one, other := ownMailgun(config.Options{}, l), ownMailgun(config.Options{}, l)
	if one.MailgunWebhookKey == "" || one.MailgunWebhookKey == other.MailgunWebhookKey {
		t.Errorf("keys %q and %q", one.MailgunWebhookKey, other.MailgunWebhookKey)
	}
}
