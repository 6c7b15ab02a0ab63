package storetest

import (
	"fmt"
	"time"

	"latchkey/internal/recovery"
)

var sweepTests = map[string]func(*kit){
	"Sweep/cases with all that is theirs": sweepCases,
	"Sweep/a case whose rows are newer":   sweepSparesActive,
	"Sweep/at most so many":               sweepLimit,
	"Sweep/sessions and proofs":           sweepSessions,
	"Sweep/audit trail":                   sweepAudit,
	"Sweep/what has expired":              sweepExpired,
	"Sweep/blind mails by their age":      sweepNotices,
}

var keep = recovery.Retention{Cases: 30 * day, Sessions: day, Audit: 365 * day}

const day = 24 * time.Hour

func (k *kit) sweep(at time.Time, limit int) (swept int) {
	k.Helper()
	k.write(func(tx recovery.Tx) (err error) {
		swept, err = tx.Sweep(k.ctx, at, keep, limit)
		return err
	})
	return swept
}

// fill stores a case with one row of everything that goes with it.
func (k *kit) fill(id string) {
	k.Helper()
	k.cases(id)
	k.sessions(aSession("s-"+id, id))
	k.proofs(aProof("s-"+id, hash, id))
	k.challenges(aChallenge("challenge-"+id, id))
	d := aDelivery(id, id)
	d.NoticeID = "n-" + id
	k.deliveries(d)
	k.notices(aNotice("n-"+id, "to-"+id))
	k.yes(func(tx recovery.Tx) (bool, error) {
		return tx.InsertHandOff(k.ctx, aHandOff(id, recovery.HandOffSupport))
	})
	all(k, recovery.Tx.PutFound, []recovery.FoundRecord{aFinding(id, "ready", now)})
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{anEntry("LK-"+id, "started", now)})
}

// rowsOf is how many rows of each kind a filled case still has.
func (k *kit) rowsOf(id string) map[string]int {
	k.Helper()
	present := func(err error) int {
		if err != nil {
			return 0
		}
		return 1
	}
	_, caseErr := k.Case(k.ctx, id)
	_, sessionErr := k.SessionByID(k.ctx, "id-s-"+id, now)
	_, challengeErr := k.Challenge(k.ctx, "challenge-"+id)
	_, handOffErr := k.HandOff(k.ctx, id, recovery.HandOffSupport)
	return map[string]int{
		"case": present(caseErr), "session": present(sessionErr), "challenge": present(challengeErr),
		"hand-off":   present(handOffErr),
		"proofs":     len(got[[]recovery.Proof](k)(k.CaseProofs(k.ctx, id))),
		"deliveries": len(got[[]recovery.Delivery](k)(k.Deliveries(k.ctx, id))),
		"found":      len(got[[]recovery.FoundRecord](k)(k.Found(k.ctx, id))),
		"audit":      len(got[[]recovery.AuditEntry](k)(k.Audit(k.ctx, "LK-"+id))),
	}
}

func wholeCase() map[string]int {
	return map[string]int{
		"case": 1, "session": 1, "challenge": 1, "hand-off": 1, "proofs": 1, "deliveries": 1, "found": 1, "audit": 1,
	}
}

func onlyAudit() map[string]int {
	none := wholeCase()
	for name := range none {
		none[name] = 0
	}
	none["audit"] = 1
	return none
}

func sweepCases(k *kit) {
	k.fill("1")
	end := now.Add(keep.Cases)
	k.sweep(end, 100)
	kept := wholeCase()
	kept["session"], kept["proofs"] = 0, 0
	k.equal("rows at the end of the retention", k.rowsOf("1"), kept)
	if swept := k.sweep(end.Add(time.Millisecond), 100); swept != 6 {
		k.Errorf("swept %d rows, want 6: case, challenge, delivery, blind mail, hand-off, finding", swept)
	}
	k.equal("rows after it", k.rowsOf("1"), onlyAudit())
	k.equal("swept again", k.sweep(end.Add(time.Millisecond), 100), 0)
}

// A case is as old as its newest row, and stays while a challenge of it can still be used.
func sweepSparesActive(k *kit) {
	late := now.Add(day)
	k.cases("challenge", "used", "unexpired", "delivery", "changed", "hand-off", "found", "ended", "old")
	c, used, unexpired := aChallenge("c", "challenge"), aChallenge("u", "used"), aChallenge("x", "unexpired")
	c.CreatedAt, used.UsedAt, unexpired.ExpiresAt = late, late, now.Add(60*day)
	k.challenges(c, used, unexpired)
	d, changed := aDelivery("d", "delivery"), aDelivery("ch", "changed")
	d.CreatedAt, changed.ChangedAt = late, late
	k.deliveries(d, changed)
	h := aHandOff("hand-off", recovery.HandOffSupport)
	h.CreatedAt = late
	k.yes(func(tx recovery.Tx) (bool, error) { return tx.InsertHandOff(k.ctx, h) })
	all(k, recovery.Tx.PutFound, []recovery.FoundRecord{aFinding("found", "ready", late)})
	ended := aCase("ended")
	ended.EndedAt = late
	all(k, recovery.Tx.UpdateCase, []recovery.Case{ended})

	k.equal("swept", k.sweep(now.Add(keep.Cases+time.Second), 100), 1)
	_, err := k.Case(k.ctx, "old")
	k.notFound("case without newer rows", err)
	k.sweep(late.Add(keep.Cases+time.Second), 100)
	_ = got[recovery.Case](k)(k.Case(k.ctx, "unexpired"))
	_, err = k.Case(k.ctx, "challenge")
	k.notFound("case whose newest row is old as well", err)
}

func sweepLimit(k *kit) {
	for i := range 5 {
		k.cases(fmt.Sprint(i))
	}
	end := now.Add(keep.Cases)
	k.equal("swept at the end", k.sweep(end, 2), 0)
	end = end.Add(time.Millisecond)
	for _, want := range []int{2, 2, 1, 0} {
		k.equal("swept", k.sweep(end, 2), want)
	}
}

func sweepSessions(k *kit) {
	s := aSession("l", "")
	k.sessions(s)
	k.proofs(aProof("l", hash, "1"))
	proofEnd := aProof("l", hash, "1").ExpiresAt.Add(keep.Sessions)
	k.equal("swept at the end of the proof", k.sweep(proofEnd, 100), 0)
	k.equal("swept after it", k.sweep(proofEnd.Add(time.Millisecond), 100), 1)
	_ = got[recovery.Session](k)(k.SessionByID(k.ctx, s.IDHash, now))
	k.equal("swept at the session's", k.sweep(s.ExpiresAt.Add(keep.Sessions), 100), 0)
	k.equal("swept after it", k.sweep(s.ExpiresAt.Add(keep.Sessions+time.Millisecond), 100), 1)
}

func sweepAudit(k *kit) {
	old, young := anEntry("LK-1", "started", now), anEntry("LK-1", "proven", now.Add(time.Hour))
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{old, young})
	k.equal("swept", k.sweep(now.Add(keep.Audit+time.Millisecond), 100), 1)
	k.equal("audit", got[[]recovery.AuditEntry](k)(k.Audit(k.ctx, "LK-1")), []recovery.AuditEntry{young})
}

func sweepExpired(k *kit) {
	end := now.Add(time.Hour)
	k.write(func(tx recovery.Tx) error {
		if err := tx.Count(k.ctx, "key", now, 1, now); err != nil {
			return err
		}
		if err := tx.Count(k.ctx, "key", now, 1, end); err != nil { // the later expiry holds
			return err
		}
		if _, err := tx.Claim(k.ctx, "name", now, end); err != nil {
			return err
		}
		return tx.PutStop(k.ctx, hash, end)
	})
	k.equal("swept at the end", k.sweep(end, 100), 0)
	k.equal("counted", k.counted("key", now.Add(-1*time.Second)), 2)
	k.equal("swept after it", k.sweep(end.Add(time.Millisecond), 100), 3)
	k.equal("counted after it", k.counted("key", now.Add(-1*time.Second)), 0)
}

func sweepNotices(k *kit) {
	old, young := aNotice("old", hash), aNotice("young", hash)
	young.CreatedAt = now.Add(time.Second)
	k.notices(old, young)
	end := now.Add(keep.Cases)
	k.equal("swept at the end", k.sweep(end, 100), 0)
	k.equal("swept after it", k.sweep(end.Add(time.Millisecond), 100), 1)
	k.equal("swept after the other's", k.sweep(end.Add(time.Second+time.Millisecond), 100), 1)
}
