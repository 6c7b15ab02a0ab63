package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"latchkey/handlers/console"
	"latchkey/internal/config"
)

// runServe runs Latchkey beside a vendor's customer portal.
func runServe(ctx context.Context, o config.Options, stdout, stderr io.Writer) error {
	log, endLog := openLog(stderr, o.Log)
	defer endLog()
	p, err := servedParts(o)
	if err != nil {
		return err
	}
	pages, err := listen(ctx, o.Listen, "listen")
	if err != nil {
		return err
	}
	defer func() { _ = pages.Close() }()
	watch, err := listen(ctx, o.OpsListen, "ops-listen")
	if err != nil {
		return err
	}
	defer func() { _ = watch.Close() }()
	warnOfReadable(log, o.SecretFiles())
	p.consoleURL = cmp.Or(o.ConsoleURL, originOf(watch))
	a, err := assemble(ctx, o, p, log)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("Latchkey   %s, for %s\nOps        %s\n", originOf(pages), o.PublicURL, originOf(watch))
	if o.ConsoleOn() {
		at += fmt.Sprintf("Console    %s%s\n", p.consoleURL, console.Path)
	}
	_, _ = io.WriteString(stdout, at)
	return a.run(ctx, server{"pages", pages, a.pages}, server{"ops", watch, a.surface})
}

// servedParts makes what serve needs from its options; every fault at once.
func servedParts(o config.Options) (parts, error) {
	keys, keyErr := parseKeys(o.KeyRing)
	sender, senderErr := newSender(o)
	found, readErr := newReads(o.MailLog)
	counts, countErr := newCounts(o)
	if err := errors.Join(keyErr, senderErr, readErr, countErr); err != nil {
		return parts{}, err
	}
	return parts{keys: keys, sender: sender, reads: found, counts: counts, webhookKeys: o.WebhookKeys()}, nil
}
