package main

import (
	"latchkey/internal/config"
	"latchkey/internal/recovery"
)

func newSender(o config.Options) (recovery.Sender, error) {
	return nil, config.Faults{"--mail: no sender"}
}

func newMailLog(config.Options) (recovery.MailLog, error) { return nil, nil }
