package storetest

import (
	"slices"
	"time"

	"latchkey/internal/recovery"
)

var deliveryTests = map[string]func(*kit){
	"InsertDelivery/keeps every field":           deliveryKept,
	"Deliveries/newest first":                    deliveriesListed,
	"FailQueued/those that carry a challenge":    queuedFailed,
	"SetState/only forward":                      stateForward,
	"SetState/says when and why":                 stateTold,
	"SetState/an unknown delivery is no fault":   stateOfNone,
	"QueueStats/the mails that wait":             queueStats,
	"SetState/overtakes the worker's own record": stateOvertakes,
}

func (k *kit) delivery(caseID, id string) recovery.Delivery {
	k.Helper()
	for _, d := range got[[]recovery.Delivery](k)(k.Deliveries(k.ctx, caseID)) {
		if d.ID == id {
			return d
		}
	}
	k.Fatalf("no delivery %s in case %s", id, caseID)
	return recovery.Delivery{}
}

func (k *kit) setState(id string, state recovery.State, reason recovery.Reason, at time.Time) (moved recovery.Kind) {
	k.Helper()
	k.write(func(tx recovery.Tx) (err error) {
		moved, err = tx.SetState(k.ctx, id, state, reason, at)
		return err
	})
	return moved
}

func deliveryKept(k *kit) {
	k.cases("1")
	full := aDelivery("d", "1")
	full.State, full.Reason, full.Attempts = recovery.StateDelayed, recovery.ReasonRefused, 3
	full.NoticeID, full.ProviderID, full.Browser = "notice-1", "<provider@example>", "Safari on iPhone"
	full.DueAt, full.ChangedAt = now.Add(time.Minute), now.Add(time.Second)
	full.AcceptedAt = now.Add(2 * time.Second)
	k.deliveries(full)
	k.equal("delivery", k.delivery("1", "d"), full)
}

func deliveriesListed(k *kit) {
	k.cases("1", "2")
	first, second, later := aDelivery("z", "1"), aDelivery("a", "1"), aDelivery("m", "1")
	later.CreatedAt = now.Add(time.Second)
	k.deliveries(later, first, second, aDelivery("elsewhere", "2"))
	k.equal("deliveries", got[[]recovery.Delivery](k)(k.Deliveries(k.ctx, "1")),
		[]recovery.Delivery{later, second, first})
}

func queuedFailed(k *kit) {
	k.cases("1", "2")
	notice, sent := aDelivery("notice", "1"), aDelivery("sent", "1")
	notice.ChallengeID, sent.State = "", recovery.StateAccepted
	elsewhere := aDelivery("elsewhere", "2")
	k.deliveries(aDelivery("waits", "1"), notice, sent, elsewhere)
	k.write(func(tx recovery.Tx) error {
		return tx.FailQueued(k.ctx, "1", recovery.ReasonEnded, now.Add(time.Second))
	})
	want := aDelivery("waits", "1")
	want.State, want.Reason, want.ChangedAt = recovery.StateFailed, recovery.ReasonEnded, now.Add(time.Second)
	k.equal("queued with a challenge", k.delivery("1", "waits"), want)
	k.equal("queued without one", k.delivery("1", "notice"), notice)
	k.equal("not queued", k.delivery("1", "sent"), sent)
	k.equal("of another case", k.delivery("2", "elsewhere"), elsewhere)
}

func stateForward(k *kit) {
	const (
		queued, accepted, delayed = recovery.StateQueued, recovery.StateAccepted, recovery.StateDelayed
		delivered, failed         = recovery.StateDelivered, recovery.StateFailed
	)
	moves := map[recovery.State][]recovery.State{
		queued:   {accepted, delayed, delivered, failed},
		accepted: {delayed, delivered, failed},
		delayed:  {delivered, failed},

		delivered: {failed},
	}
	k.cases("1")
	for _, from := range []recovery.State{queued, accepted, delayed, delivered, failed} {
		for _, to := range []recovery.State{queued, accepted, delayed, delivered, failed} {
			d := aDelivery(string(from+">"+to), "1")
			d.State = from
			k.deliveries(d)
			moved := k.setState(d.ID, to, "", now.Add(time.Second))
			want, wantMoved := from, recovery.Kind("")
			if slices.Contains(moves[from], to) {
				want, wantMoved = to, d.Kind
			}
			k.equal("kind moved by "+d.ID, moved, wantMoved)
			k.equal("state after "+d.ID, k.delivery("1", d.ID).State, want)
		}
	}
}

func stateTold(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	at := func(n time.Duration) time.Time { return now.Add(n * time.Second) }
	want := aDelivery("d", "1")
	tell := func(state recovery.State, reason recovery.Reason, when time.Time) {
		k.setState("d", state, reason, when)
		k.equal("delivery after "+string(state), k.delivery("1", "d"), want)
	}
	want.State, want.AcceptedAt, want.ChangedAt = recovery.StateAccepted, at(1), at(1)
	tell(recovery.StateAccepted, "", at(1))
	tell(recovery.StateAccepted, "", at(2)) // told twice: nothing new
	want.State, want.Reason, want.ChangedAt = recovery.StateDelayed, "mailbox full", at(3)
	tell(recovery.StateDelayed, "mailbox full", at(3))
	want.State, want.Reason, want.ChangedAt = recovery.StateDelivered, "", at(4)
	tell(recovery.StateDelivered, "", at(4))
	tell(recovery.StateDelayed, "mailbox full", at(5)) // news from before
	want.State, want.Reason, want.ChangedAt = recovery.StateFailed, recovery.ReasonRefused, at(6)
	tell(recovery.StateFailed, recovery.ReasonRefused, at(6)) // the server took it, and sent it back later
	tell(recovery.StateDelivered, "", at(7))                  // failed is final
}

func stateOfNone(k *kit) { k.setState("none", recovery.StateDelivered, "", now) }

func queueStats(k *kit) {
	stats := func(wantDepth int, wantOldest time.Time) {
		k.Helper()
		depth, oldest, err := k.QueueStats(k.ctx)
		k.ok(err)
		k.equal("depth", depth, wantDepth)
		k.equal("oldest", oldest, wantOldest)
	}
	stats(0, time.Time{})
	k.cases("1")
	young, old, sent := aDelivery("young", "1"), aDelivery("old", "1"), aDelivery("sent", "1")
	old.CreatedAt, old.DueAt = now.Add(-time.Minute), now.Add(time.Hour)
	sent.CreatedAt, sent.State = now.Add(-time.Hour), recovery.StateDelivered
	ticket := aDelivery("ticket", "1")
	ticket.Kind, ticket.CreatedAt = recovery.KindTicket, now.Add(-time.Hour)
	k.deliveries(young, old, sent, ticket)
	stats(2, old.CreatedAt)
}

// The mail service may report before the worker has recorded that the service took the mail.
func stateOvertakes(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.lease("w", now, now.Add(time.Minute), 1)
	k.setState("d", recovery.StateAccepted, "", now)
	k.setState("d", recovery.StateDelivered, "", now.Add(time.Second))
	k.finish("w", now.Add(2*time.Second), "d", recovery.Result{State: recovery.StateAccepted})
	k.equal("state", k.delivery("1", "d").State, recovery.StateDelivered)
}
