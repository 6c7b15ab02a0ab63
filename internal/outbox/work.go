package outbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/recovery"
)

// work does one job and returns what to record of it. A ctx that has ended means that the process is
// leaving: what has not been tried goes back to the queue, a send under way is finished.
func (o *Outbox) work(ctx context.Context, t task) recovery.Result {
	now := o.cfg.Now()
	if ctx.Err() != nil {
		return untried(now)
	}
	if reason := unsendable(t.job, now, o.cfg.GiveUp); reason != recovery.ReasonNone {
		o.tellFailed(t.job, classOf(reason), slog.String("reason", string(reason)))
		return failed(reason)
	}
	if t.job.Delivery.Kind == recovery.KindFindOther {
		return o.find(ctx, t)
	}
	return o.mail(ctx, t)
}

func (o *Outbox) find(ctx context.Context, t task) recovery.Result {
	sending, cancel := o.bounded(ctx)
	defer cancel()
	if err := o.guard(func() error { return o.cfg.Finder.FindOthers(sending, t.job) }); err != nil {
		o.tellFailed(t.job, ClassTemporary, slog.Bool("portal", errors.Is(err, recovery.ErrPortal)))
		return o.again(t.job, o.cfg.Now(), time.Time{})
	}
	o.Wake() // the blind mails that it queued
	return recovery.Result{State: recovery.StateAccepted}
}

func (o *Outbox) mail(ctx context.Context, t task) recovery.Result {
	m, err := o.compose(t.job)
	if err != nil {
		o.tellFailed(t.job, ClassTemporary, slog.String("step", "compose"), slog.String("error", err.Error()))
		return o.again(t.job, o.cfg.Now(), time.Time{})
	}
	pass, resume, ok := o.pause.enter(ctx)
	if !ok {
		return untried(resume)
	}
	if now := o.cfg.Now(); !pass.probe && o.tooLate(t, now) {
		return untried(now)
	}
	return o.send(ctx, t, m, pass)
}

func (o *Outbox) compose(job recovery.Job) (m recovery.Message, err error) {
	o.composing <- struct{}{}
	defer func() { <-o.composing }()
	err = o.guard(func() (err error) {
		m, err = o.cfg.Composer.Compose(job)
		return err
	})
	return m, err
}

// tooLate reports whether a job has waited so long for a probe that another worker could lease it during
// the send, or that it is of no use any more.
func (o *Outbox) tooLate(t task, now time.Time) bool {
	return now.Add(o.cfg.SendTimeout).After(t.until) || unsendable(t.job, now, o.cfg.GiveUp) != recovery.ReasonNone
}

func (o *Outbox) send(ctx context.Context, t task, m recovery.Message, by pass) recovery.Result {
	sending, cancel := o.bounded(ctx)
	defer cancel()
	var providerID string
	err := o.guard(func() (err error) {
		providerID, err = o.cfg.Sender.Send(sending, m)
		return err
	})
	if err != nil {
		return o.notSent(t.job, by, err)
	}
	o.pause.answered(by)
	o.tellSent(t.job)
	state := recovery.StateAccepted
	if _, ok := o.cfg.Sender.(recovery.Mailbox); ok {
		state = recovery.StateDelivered
	}
	return recovery.Result{State: state, ProviderID: providerID}
}

// notSent sorts a failed send: the provider is away, this mail is refused for good, or for now.
func (o *Outbox) notSent(job recovery.Job, by pass, err error) recovery.Result {
	var se *recovery.SendError
	if !errors.As(err, &se) {
		o.tellFailed(job, ClassTemporary, slog.Bool("timeout", errors.Is(err, context.DeadlineExceeded)))
		return o.again(job, o.cfg.Now(), o.pause.refused(by, job.Delivery.ID, 0))
	}
	text := slog.String("error", se.Error())
	switch {
	case se.ProviderWide:
		o.tellFailed(job, ClassProvider, text)
		return o.again(job, o.cfg.Now(), o.pause.refused(by, job.Delivery.ID, se.RetryAfter))
	case se.Permanent:
		o.pause.answered(by)
		o.tellFailed(job, ClassPermanent, text, slog.String("reason", string(se.Reason)))
		if se.Reason == recovery.ReasonNone {
			return o.dead(job, recovery.ReasonRefused)
		}
		return o.dead(job, se.Reason)
	}
	o.pause.answered(by)
	o.tellFailed(job, ClassTemporary, text)
	now := o.cfg.Now()
	r := o.again(job, now, now.Add(se.RetryAfter))
	r.Reason = se.Reason
	return r
}

// bounded outlives ctx, so that a send under way is not cut off when the process leaves.
func (o *Outbox) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), o.cfg.SendTimeout)
}

// guard turns a panic into an error: one poisoned delivery must not end the process, whose next start
// would lease it again.
func (o *Outbox) guard(fn func() error) (err error) {
	defer func() {
		if p := fault.Caught(recover()); p != nil {
			o.cfg.Log.Error("panic", p.Attr())
			err = p
		}
	}()
	return fn()
}
