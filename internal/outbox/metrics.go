package outbox

import (
	"time"

	"latchkey/internal/recovery"
)

// Metrics is told what the outbox does. Implementations are safe for concurrent use and do not block.
type Metrics interface {
	// MailSent reports a mail that the next hop took, and the time from its request to that moment.
	MailSent(kind recovery.Kind, sinceRequest time.Duration)
	// MailFailed reports a send that did not succeed or a delivery that was not sent.
	MailFailed(kind recovery.Kind, class Class)
}

// Class is how a job went wrong; the label of a metric and a word in the log.
type Class string

// The classes.
const (
	ClassTemporary Class = "temporary" // tried, and tried again later
	ClassProvider  Class = "provider"  // the same, because the provider refuses everyone or is away
	ClassPermanent Class = "permanent" // the next hop said no for good
	ClassDropped   Class = "dropped"   // not sent: refused by a rule, expired, case ended
	ClassGivenUp   Class = "given-up"  // tried for as long as Config.GiveUp
)

type noMetrics struct{}

func (noMetrics) MailSent(recovery.Kind, time.Duration) {}
func (noMetrics) MailFailed(recovery.Kind, Class)       {}
