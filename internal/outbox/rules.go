package outbox

import (
	"time"

	"latchkey/internal/recovery"
)

// task is a leased job and the end of its lease.
type task struct {
	job   recovery.Job
	until time.Time
}

// unsendable gives the reason for which a job must not be sent at now, or ReasonNone. A refusal, an
// ended case and an expired challenge are final; mails without a challenge age out, what lasts never does. A
// challenge that was used meanwhile, perhaps by its link elsewhere, is no reason: the page of who asked must
// not tell (R1).
func unsendable(job recovery.Job, now time.Time, giveUp time.Duration) recovery.Reason {
	d := job.Delivery
	switch {
	case d.Refusal != recovery.ReasonNone:
		return d.Refusal
	case d.ChallengeID != "" && !job.Case.EndedAt.IsZero():
		return recovery.ReasonEnded
	case d.ChallengeID != "" && (job.Challenge == nil || !now.Before(job.Challenge.ExpiresAt)):
		return recovery.ReasonExpired
	case d.ChallengeID == "" && !d.Kind.Lasts() && now.Sub(d.CreatedAt) >= giveUp:
		return recovery.ReasonGivenUp
	}
	return recovery.ReasonNone
}

// again is the result of a failed attempt: due after its back-off, or after what the provider asked
// for, and never later than the moment at which the mail is of no use, when it is to be dropped. Somebody
// waits for a mail with a challenge, so it is tried until that moment, the more often the nearer it is.
func (o *Outbox) again(job recovery.Job, now, earliest time.Time) recovery.Result {
	wait := backoff(job.Delivery.Attempts, o.cfg.Rand())
	if job.Challenge != nil {
		wait = min(wait, max(firstRetry, job.Challenge.ExpiresAt.Sub(now)/8))
	}
	due := now.Add(wait)
	if earliest.After(due) {
		due = earliest
	}
	if job.Challenge != nil && due.After(job.Challenge.ExpiresAt) {
		due = job.Challenge.ExpiresAt
	}
	return recovery.Result{State: recovery.StateQueued, DueAt: due}
}

// untried is the result of a job that was leased and not attempted.
func untried(due time.Time) recovery.Result {
	return recovery.Result{State: recovery.StateQueued, DueAt: due}
}

// dead is the result of a job that was refused for good. What lasts is kept, with the reason, and tried again
// now and then: a wrong token or a missing field is put right by people, and the customer has been promised
// an answer. A note whose ticket takes none is of no use later either.
func (o *Outbox) dead(job recovery.Job, reason recovery.Reason) recovery.Result {
	if kind := job.Delivery.Kind; !kind.Lasts() || !kind.HandsOff() && reason.NoNote() {
		return failed(reason)
	}
	wait := time.Duration(float64(deadRetry) * (0.75 + o.cfg.Rand()/2))
	return recovery.Result{State: recovery.StateQueued, Reason: reason, DueAt: o.cfg.Now().Add(wait)}
}

func failed(reason recovery.Reason) recovery.Result {
	return recovery.Result{State: recovery.StateFailed, Reason: reason}
}

func classOf(reason recovery.Reason) Class {
	if reason == recovery.ReasonGivenUp {
		return ClassGivenUp
	}
	return ClassDropped
}
