package main

import (
	"context"
	"errors"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/desk"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
)

const (
	// lateAfter is how long a hand-off may be without a ticket before somebody is told.
	lateAfter = 24 * time.Hour
	// tellEvery is how often the same one is told of.
	tellEvery = 24 * time.Hour
	// deskWorkers are few: desks count requests by the minute.
	deskWorkers = 4
	// deskTime bounds one hand-off, which may take several requests.
	deskTime = 40 * time.Second
	// lateAtMost is how many references are told of at once.
	lateAtMost = 100
)

// newDesk makes the one that --desk names. What it refuses is a fault of the configuration.
func newDesk(o config.Options, mail recovery.Sender) (recovery.Desk, error) {
	switch o.HandTo {
	case "zendesk":
		c := desk.ZendeskConfig{URL: o.ZendeskURL, User: o.ZendeskUser, Token: o.ZendeskToken, Tags: o.ZendeskTags}
		c.Priority, c.Priorities = o.Priorities()
		for _, f := range o.Fields() {
			c.Fields = append(c.Fields, desk.Field(f))
		}
		z, err := desk.NewZendesk(c)
		return z, asFault("zendesk-token", err)
	case "webhook":
		w, err := desk.NewWebhook(desk.WebhookConfig{URL: o.WebhookURL, Secret: o.WebhookSecret})
		return w, asFault("desk", err)
	case "email":
		return desk.Email{Mail: mail}, nil
	}
	return nil, asFault("desk", errors.New("nothing hands off to "+o.HandTo))
}

// takesNotes reports whether a ticket that is there can be told something. A mailbox would take it for a new
// one.
func takesNotes(d recovery.Desk) bool {
	_, mailbox := d.(desk.Email)
	return !mailbox
}

// tickets are what came to the desk without Latchkey, by its search; nil where it has none.
func tickets(d recovery.Desk) recovery.Tickets {
	t, _ := d.(recovery.Tickets)
	return t
}

// makeDesk makes the outbox of hand-offs.
func (a *app) makeDesk(d recovery.Desk) (err error) {
	a.late = a.newWatch()
	a.desk, err = outbox.New(outbox.Config{
		Queue: a.store, Channel: recovery.ChannelDesk, Composer: a.letters(), Finder: a.service, Now: time.Now,
		Sender: desk.Sender{Desk: d, Filed: a.service.Filed}, Log: a.log, Metrics: outboxMetrics{a.metrics},
		Name: a.deskName(), Workers: deskWorkers, InHand: 2 * deskWorkers, SendTimeout: deskTime, Lease: 2 * deskTime,
	})
	return err
}

// deskName is another than that of the mails' worker: each gives back what it held itself.
func (a *app) deskName() string {
	if name := a.workerName(); name != "" {
		return name + "-desk"
	}
	return ""
}

// wake has both outboxes look at their queues.
func (a *app) wake() {
	a.outbox.Wake()
	a.desk.Wake()
}

func (a *app) handOffStats(ctx context.Context) (recovery.HandOffStats, error) {
	return a.store.HandOffStats(ctx, time.Now().Add(-lateAfter))
}

// newWatch tells of hand-offs that are without a ticket for too long.
func (a *app) newWatch() *desk.Watch {
	return &desk.Watch{
		Late: func(ctx context.Context, before time.Time) ([]string, error) {
			return a.store.LateHandOffs(ctx, before, lateAtMost)
		},
		After: lateAfter, Again: tellEvery, Now: time.Now, Log: a.log,
	}
}
