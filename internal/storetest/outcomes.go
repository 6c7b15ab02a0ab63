package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var outcomeTests = map[string]func(*kit){
	"Outcomes/those that are due, in their order": uncheckedInOrder,
	"Outcomes/proven addresses":                   provenAddresses,
	"Outcomes/the first hand-off of an address":   firstHandOff,
	"Report/what a case is counted under":         firstSituation,
	"Report/links that were not pressed":          unpressed,
	"Report/its period":                           reportPeriod,
}

func (k *kit) mark(caseID string, m recovery.Milestone, at time.Time) {
	k.Helper()
	k.write(func(tx recovery.Tx) error { return tx.Mark(k.ctx, caseID, m, at) })
}

func uncheckedInOrder(k *kit) {
	k.cases("b", "a", "c", "late", "checked", "not-proven")
	for _, id := range []string{"a", "b", "checked"} {
		k.mark(id, recovery.MilestoneProven, now)
	}
	k.mark("checked", recovery.MilestoneChecked, now)
	k.mark("c", recovery.MilestoneProven, now.Add(-time.Second))
	k.mark("late", recovery.MilestoneProven, now.Add(time.Second))
	var ids []string
	after := recovery.CheckPoint{}
	for {
		cases := got[[]recovery.Case](k)(k.Unchecked(k.ctx, now.Add(time.Second), after, 2))
		if len(cases) == 0 {
			break
		}
		for _, c := range cases {
			ids = append(ids, c.ID)
			after = recovery.CheckPoint{Proven: c.Milestones.Proven, CaseID: c.ID}
		}
	}
	k.equal("unchecked", ids, []string{"c", "a", "b"})
}

func provenAddresses(k *kit) {
	k.cases("1", "2")
	c := aCase("1")
	asked := aChallenge("ch", "2") // of another case, whose link was opened here
	asked.Address, asked.AddressHash = "asked@example.com", "hash-asked"
	k.challenges(asked)
	started, proven, again := anEntry(c.Reference, recovery.ActStarted, now), anEntry(c.Reference, recovery.ActProven, now), anEntry(c.Reference, recovery.ActProven, now)
	started.AddressHash, again.AddressHash = "hash-never", "hash-asked"
	gone := anEntry(c.Reference, recovery.ActProven, now)
	gone.AddressHash = "hash-gone"
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{started, proven, proven, again, gone})
	addresses := map[string]string{}
	for _, a := range got[[]recovery.ProvenAddress](k)(k.ProvenAddresses(k.ctx, c)) {
		addresses[a.Hash] = a.Address
	}
	k.equal("proven", addresses, map[string]string{c.AddressHash: c.Address, "hash-asked": "asked@example.com", "hash-gone": ""})
}

func firstHandOff(k *kit) {
	k.cases("1", "2", "3")
	put := func(id string, kind recovery.HandOffKind, at time.Time) {
		h := aHandOff(id, kind)
		h.CreatedAt = at
		k.yes(func(tx recovery.Tx) (bool, error) { return tx.InsertHandOff(k.ctx, h) })
	}
	first := func() time.Time {
		k.Helper()
		return got[time.Time](k)(k.FirstHandOff(k.ctx, aCase("1"), hash, now, now.Add(time.Hour)))
	}
	put("1", recovery.HandOffSupport, now.Add(time.Minute))
	put("2", recovery.HandOffSupport, now.Add(-time.Millisecond))
	put("3", recovery.HandOffSupport, now.Add(time.Hour))
	k.equal("own, before and after", first(), time.Time{})
	put("2", recovery.HandOffDisown, now.Add(30*time.Minute))
	k.equal("of another case", first(), now.Add(30*time.Minute))
	put("1", recovery.HandOffDisown, now)
	k.equal("not the customer's own", first(), now)
	other := got[time.Time](k)(k.FirstHandOff(k.ctx, aCase("1"), "hash-of-nobody", now, now.Add(time.Hour)))
	k.equal("of another address", other, time.Time{})
}

// report is everything since the beginning of time.
func (k *kit) report() []recovery.ReportRow {
	k.Helper()
	return got[[]recovery.ReportRow](k)(k.ReportCases(k.ctx, time.UnixMilli(1), now.Add(time.Hour)))
}

func firstSituation(k *kit) {
	k.cases("1")
	k.equal("before", k.report()[0].Situation, "")
	all(k, recovery.Tx.PutFound, []recovery.FoundRecord{aFinding("1", "ready", now), aFinding("1", "unconfirmed", now)})
	rows := k.report()
	k.equal("rows", len(rows), 1)
	k.equal("after", rows[0].Situation, "ready")
}

func unpressed(k *kit) {
	k.cases("1", "2", "3")
	count := func(id string, n int) {
		k.write(func(tx recovery.Tx) error { return tx.CountUnpressed(k.ctx, id, n) })
	}
	for id, counts := range map[string][]int{"1": {1, 1, 1, -1}, "2": {-1, 1}, "3": {1, -1, -1}} {
		for _, n := range counts {
			count(id, n)
		}
	}
	rows := k.report()
	k.equal("opens and cases", [2]int{rows[0].Scans, rows[0].Scanned}, [2]int{3, 2})
}

func reportPeriod(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("d", "1"))
	k.mark("1", recovery.MilestoneProven, aCase("1").CreatedAt.Add(61*time.Second))
	from := aCase("1").CreatedAt
	until := from.Add(time.Millisecond)
	k.equal("times", got[[]recovery.TimeCount](k)(k.ReportTimesToProof(k.ctx, from, until)), []recovery.TimeCount{{Seconds: 61, Cases: 1}})
	k.equal("rows", len(got[[]recovery.ReportRow](k)(k.ReportCases(k.ctx, from, until))), 1)
	k.equal("rows before", len(got[[]recovery.ReportRow](k)(k.ReportCases(k.ctx, from.Add(-time.Hour), from))), 0)
	k.equal("rows after", len(got[[]recovery.ReportRow](k)(k.ReportCases(k.ctx, until, until.Add(time.Hour)))), 0)
	d := aDelivery("d", "1")
	k.equal("deliveries", got[[]recovery.DeliveryCount](k)(k.ReportDeliveries(k.ctx, d.CreatedAt, d.CreatedAt.Add(time.Millisecond))),
		[]recovery.DeliveryCount{{Kind: d.Kind, State: d.State, Reason: d.Reason, Count: 1}})
}
