package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var leaseTests = map[string]func(*kit){
	"Lease/due ones, oldest due first":        leaseOrder,
	"Lease/only what is queued and due":       leaseDue,
	"Lease/carries the rows it names":         leaseJob,
	"Lease/each hand-off with its own mail":   leaseHandOffs,
	"Lease/lapsed ones are due again":         leaseLapses,
	"Release/due again, of that worker alone": leasesReleased,
	"Lease/counts the attempt":                leaseCounts,
	"Lease/same worker and moment, new jobs":  leaseTwice,
	"Lease/none asked for":                    leaseNone,
}

// lease returns the ids of the jobs leased, in order.
func (k *kit) lease(worker string, at, until time.Time, n int) []string {
	k.Helper()
	var ids []string
	for _, job := range got[[]recovery.Job](k)(k.Lease(k.ctx, recovery.ChannelMail, worker, at, until, n)) {
		ids = append(ids, job.Delivery.ID)
	}
	return ids
}

func (k *kit) finish(worker string, at time.Time, id string, r recovery.Result) {
	k.Helper()
	k.ok(k.Finish(k.ctx, worker, at, map[string]recovery.Result{id: r}))
}

func leaseOrder(k *kit) {
	k.cases("1")
	var ds []recovery.Delivery
	for i, id := range []string{"third", "first", "second", "twin"} {
		d := aDelivery(id, "1")
		d.DueAt = now.Add(time.Duration([]int{-1, -3, -2, -1}[i]) * time.Second)
		ds = append(ds, d)
	}
	k.deliveries(ds...)
	k.equal("first two", k.lease("w", now, now.Add(time.Minute), 2), []string{"first", "second"})
	k.equal("the rest", k.lease("w", now, now.Add(time.Minute), 9), []string{"third", "twin"})
	k.equal("nothing left", k.lease("w", now, now.Add(time.Minute), 9), []string(nil))
}

func leaseDue(k *kit) {
	k.cases("1")
	later := aDelivery("later", "1")
	later.DueAt = now.Add(time.Millisecond)
	ds := []recovery.Delivery{aDelivery("due", "1"), later}
	for _, state := range []recovery.State{
		recovery.StateAccepted, recovery.StateDelayed, recovery.StateDelivered, recovery.StateFailed,
	} {
		d := aDelivery(string(state), "1")
		d.State = state
		ds = append(ds, d)
	}
	k.deliveries(ds...)
	k.equal("leased now", k.lease("w", now, now.Add(time.Minute), 9), []string{"due"})
	k.equal("leased later", k.lease("w", later.DueAt, now.Add(time.Minute), 9), []string{"later"})
}

func leaseJob(k *kit) {
	k.cases("1")
	notice := aNotice("n", "a")
	k.notices(notice)
	challenge, aside := aChallenge("challenge-full", "1"), aChallenge("aside-full", "1")
	aside.Purpose = recovery.PurposeStop
	k.challenges(challenge, aside)
	full, blind, bare := aDelivery("full", "1"), aDelivery("blind", "1"), aDelivery("bare", "1")
	blind.Kind, blind.NoticeID, blind.ChallengeID, blind.AsideID = recovery.KindOtherAddress, "n", "", ""
	bare.Kind, bare.ChallengeID, bare.AsideID = recovery.KindHandedOff, "", ""
	k.deliveries(full, blind, bare)

	jobs := got[[]recovery.Job](k)(k.Lease(k.ctx, recovery.ChannelMail, "w", now, now.Add(time.Minute), 9))
	for _, d := range []*recovery.Delivery{&full, &blind, &bare} {
		d.LeasedBy, d.Attempts = "w", 1
	}
	k.equal("jobs", len(jobs), 3)
	k.equal("mail with two links", jobs[0],
		recovery.Job{Delivery: full, Case: aCase("1"), Challenge: &challenge, Aside: &aside})
	k.equal("blind mail", jobs[1], recovery.Job{Delivery: blind, Case: aCase("1"), Notice: &notice})
	k.equal("copy whose hand-off is gone", jobs[2], recovery.Job{Delivery: bare, Case: aCase("1")})
}

func leaseHandOffs(k *kit) {
	k.cases("1", "2")
	support, disown := aHandOff("1", recovery.HandOffSupport), aHandOff("1", recovery.HandOffDisown)
	disown.Message = ""
	for _, h := range []recovery.HandOff{support, disown, aHandOff("2", recovery.HandOffSupport)} {
		k.yes(func(tx recovery.Tx) (bool, error) { return tx.InsertHandOff(k.ctx, h) })
	}
	want := map[recovery.Kind]*recovery.HandOff{
		recovery.KindTicket: &support, recovery.KindHandedOff: &support, recovery.KindDisowned: &disown,
		recovery.KindNoteDisowned: &support, recovery.KindNoteSignedIn: nil, recovery.KindSignedIn: nil,
	}
	for kind := range want {
		d := aDelivery(string(kind), "1")
		d.Kind = kind
		k.deliveries(d)
	}
	jobs := got[[]recovery.Job](k)(k.Lease(k.ctx, recovery.ChannelMail, "w", now, now.Add(time.Minute), 9))
	jobs = append(jobs, k.leaseDesk(9)...)
	k.equal("jobs", len(jobs), len(want))
	for _, job := range jobs {
		k.equal("hand-off of "+job.Delivery.ID, job.HandOff, want[job.Delivery.Kind])
	}
}

func leaseLapses(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	until := now.Add(30 * time.Second)
	k.equal("first lease", k.lease("a", now, until, 1), []string{"d"})
	k.equal("while it holds", k.lease("b", until.Add(-time.Millisecond), until, 1), []string(nil))
	k.equal("once it has lapsed", k.lease("b", until, until.Add(time.Minute), 1), []string{"d"})
	k.equal("held by", k.delivery("1", "d").LeasedBy, "b")
}

func leaseCounts(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	for want := 1; want <= 3; want++ {
		at := now.Add(time.Duration(want) * time.Minute)
		jobs := got[[]recovery.Job](k)(k.Lease(k.ctx, recovery.ChannelMail, "w", at, at.Add(time.Second), 1))
		k.equal("attempts", jobs[0].Delivery.Attempts, want)
	}
}

func leaseTwice(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("a", "1"), aDelivery("b", "1"))
	k.equal("first", k.lease("w", now, now.Add(time.Minute), 1), []string{"a"})
	k.equal("second", k.lease("w", now, now.Add(time.Minute), 1), []string{"b"})
}

func leaseNone(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.equal("none", k.lease("w", now, now.Add(time.Minute), 0), []string(nil))
	k.equal("fewer than none", k.lease("w", now, now.Add(time.Minute), -1), []string(nil))
}

// A process that was killed comes back under its name.
func leasesReleased(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("mine", "1"))
	k.lease("me", now, now.Add(time.Minute), 1)
	k.deliveries(aDelivery("theirs", "1"))
	k.lease("other", now, now.Add(time.Minute), 1)
	k.ok(k.Store.Release(k.ctx, "me"))
	k.equal("leased again", k.lease("me", now, now.Add(time.Minute), 9), []string{"mine"})
}
