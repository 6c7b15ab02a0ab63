package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var finishTests = map[string]func(*kit){
	"Finish/records each result":             finishRecords,
	"Finish/queued again, due later":         finishRequeues,
	"Finish/not for a lease lost to another": finishLost,
	"Finish/a lapsed lease nobody took":      finishLapsed,
	"Finish/not what was failed meanwhile":   finishFailed,
}

func finishRecords(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("sent", "1"), aDelivery("refused", "1"), aDelivery("untouched", "1"))
	k.lease("w", now, now.Add(time.Minute), 9)
	at := now.Add(time.Second)
	k.ok(k.Finish(k.ctx, "w", at, map[string]recovery.Result{
		"sent":    {State: recovery.StateAccepted, ProviderID: "p1"},
		"refused": {State: recovery.StateFailed, Reason: recovery.ReasonRefused},
		"none":    {State: recovery.StateAccepted},
	}))
	sent, refused, untouched := aDelivery("sent", "1"), aDelivery("refused", "1"), aDelivery("untouched", "1")
	sent.Attempts, refused.Attempts, untouched.Attempts = 1, 1, 1
	sent.State, sent.ProviderID, sent.AcceptedAt, sent.ChangedAt = recovery.StateAccepted, "p1", at, at
	refused.State, refused.Reason, refused.ChangedAt = recovery.StateFailed, recovery.ReasonRefused, at
	untouched.LeasedBy = "w"
	for _, want := range []recovery.Delivery{sent, refused, untouched} {
		got := k.delivery("1", want.ID)
		if want.State != recovery.StateQueued {
			got.DueAt = want.DueAt // means nothing any more
		}
		k.equal(want.ID, got, want)
	}
	k.ok(k.Finish(k.ctx, "w", at, nil))
}

func finishRequeues(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.lease("w", now, now.Add(time.Hour), 1)
	due := now.Add(time.Minute)
	k.finish("w", now.Add(time.Second), "d", recovery.Result{
		State: recovery.StateQueued, Reason: "temporary", DueAt: due,
	})
	want := aDelivery("d", "1")
	want.Attempts, want.DueAt, want.Reason = 1, due, "temporary"
	k.equal("delivery", k.delivery("1", "d"), want)
	k.equal("before it is due", k.lease("w", due.Add(-time.Millisecond), due.Add(time.Hour), 1), []string(nil))
	k.equal("when it is due", k.lease("w", due, due.Add(time.Hour), 1), []string{"d"})
}

func finishLost(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.lease("slow", now, now.Add(time.Second), 1)
	k.lease("next", now.Add(time.Second), now.Add(time.Minute), 1)
	k.finish("slow", now.Add(2*time.Second), "d", recovery.Result{State: recovery.StateFailed})
	k.finish("slow", now.Add(2*time.Second), "d", recovery.Result{State: recovery.StateQueued, DueAt: now})
	d := k.delivery("1", "d")
	k.equal("state", d.State, recovery.StateQueued)
	k.equal("held by", d.LeasedBy, "next")
	k.finish("next", now.Add(3*time.Second), "d", recovery.Result{State: recovery.StateAccepted})
	k.equal("state", k.delivery("1", "d").State, recovery.StateAccepted)
	k.finish("next", now.Add(4*time.Second), "d", recovery.Result{State: recovery.StateFailed})
	k.equal("state after a second result", k.delivery("1", "d").State, recovery.StateAccepted)
}

// The mail did go out; sending it once more would be wrong.
func finishLapsed(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.lease("slow", now, now.Add(time.Second), 1)
	k.finish("slow", now.Add(time.Hour), "d", recovery.Result{State: recovery.StateAccepted})
	k.equal("state", k.delivery("1", "d").State, recovery.StateAccepted)
}

func finishFailed(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.lease("w", now, now.Add(time.Minute), 1)
	k.write(func(tx recovery.Tx) error { return tx.FailQueued(k.ctx, "1", recovery.ReasonEnded, now) })
	k.finish("w", now, "d", recovery.Result{State: recovery.StateQueued, DueAt: now})
	k.equal("state", k.delivery("1", "d").State, recovery.StateFailed)
	k.equal("leased again", k.lease("w", now.Add(time.Hour), now.Add(2*time.Hour), 1), []string(nil))
}
