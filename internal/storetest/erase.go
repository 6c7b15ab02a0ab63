package storetest

import (
	"errors"
	"time"

	"latchkey/internal/recovery"
)

var eraseTests = map[string]func(*kit){
	"Erase/a person's cases with all that is theirs": eraseCases,
	"Erase/an address that the case has left":        eraseLeft,
	"Erase/the audit keeps reference and act":        eraseAudit,
	"Erase/a case known by one of its rows alone":    eraseByOneRow,
	"Erase/stops, counters and claims live on":       eraseKeepsLimits,
	"Erase/blind mails to the address":               eraseNotices,
	"Erase/proofs and prefills elsewhere":            eraseElsewhere,
	"Erase/no hash erases nothing":                   eraseNothing,
}

func (k *kit) erase(addressHash string) (cases int) {
	k.Helper()
	k.write(func(tx recovery.Tx) (err error) {
		cases, err = tx.Erase(k.ctx, addressHash)
		return err
	})
	return cases
}

// stranger stores another person's case with everything.
func (k *kit) stranger(id string) {
	k.Helper()
	mine := aCase(id)
	mine.AddressHash = "stranger"
	k.write(func(tx recovery.Tx) error { return tx.InsertCase(k.ctx, mine) })
	c, p, h := aChallenge("challenge-"+id, id), aProof("s-"+id, "stranger", id), aHandOff(id, recovery.HandOffSupport)
	c.AddressHash, h.AddressHash = "stranger", "stranger"
	k.sessions(aSession("s-"+id, id))
	k.challenges(c)
	k.proofs(p)
	k.deliveries(aDelivery(id, id))
	k.yes(func(tx recovery.Tx) (bool, error) { return tx.InsertHandOff(k.ctx, h) })
	all(k, recovery.Tx.PutFound, []recovery.FoundRecord{aFinding(id, "ready", now)})
	entry := anEntry("LK-"+id, "started", now)
	entry.AddressHash = "stranger"
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{entry})
}

func eraseCases(k *kit) {
	k.fill("1")
	k.fill("2")
	k.stranger("other")
	k.proofs(aProof("a session that went on", "another address", "1"))
	k.equal("cases erased", k.erase(hash), 2)
	k.equal("rows of the first", k.rowsOf("1"), onlyAudit())
	k.equal("rows of the second", k.rowsOf("2"), onlyAudit())
	k.equal("rows of a stranger", k.rowsOf("other"), wholeCase())
	k.equal("erased again", k.erase(hash), 0)
}

// A start makes a case and its challenge for one address; the customer then tries another one. Both are found
// by either address, and the first one is still known by its hash.
func eraseLeft(k *kit) {
	c, first := aCase("1"), aChallenge("1", "1")
	k.write(func(tx recovery.Tx) error {
		if err := tx.InsertCase(k.ctx, c); err != nil {
			return err
		}
		return tx.InsertChallenge(k.ctx, first)
	})
	left, entry := c, anEntry(c.Reference, "proven", now)
	left.Address, left.AddressHash = "other@example.com", "hash-of-other"
	k.write(func(tx recovery.Tx) error {
		second := aChallenge("2", "1")
		second.Address, second.AddressHash = left.Address, left.AddressHash
		if err := tx.UpdateCase(k.ctx, left); err != nil {
			return err
		}
		return tx.InsertChallenge(k.ctx, second)
	})
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{entry})
	for _, of := range []string{hash, left.AddressHash} {
		k.equal("cases of "+of, len(got[[]recovery.Case](k)(k.CasesOfAddress(k.ctx, of, 0, 10))), 1)
	}
	k.equal("the address of the hash", got[[]recovery.ProvenAddress](k)(k.ProvenAddresses(k.ctx, left)),
		[]recovery.ProvenAddress{{Hash: hash, Address: address}})
	k.equal("cases erased", k.erase(hash), 1)
	_, err := k.Case(k.ctx, "1")
	k.equal("the case is gone", errors.Is(err, recovery.ErrNotFound), true)
}

// The trail also keeps which support agent acted: they are not who is erased.
func eraseAudit(k *kit) {
	k.fill("1")
	k.stranger("other")
	change := anEntry("LK-1", "proven", now.Add(time.Second))
	change.AddressHash = "another address of the same case"
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{change})
	k.erase(hash)
	k.equal("audit", got[[]recovery.AuditEntry](k)(k.Audit(k.ctx, "LK-1")), []recovery.AuditEntry{
		{At: now, Reference: "LK-1", Act: "started", Actor: actor},
		{At: now.Add(time.Second), Reference: "LK-1", Act: "proven", Actor: actor},
	})
	k.equal("audit of a stranger",
		got[[]recovery.AuditEntry](k)(k.Audit(k.ctx, "LK-other"))[0].AddressHash, "stranger")
}

// A case may have had the address once, and looks at another now. Proofs are swept long before their
// case, so the audit trail may be all that still connects them.
func eraseByOneRow(k *kit) {
	for _, id := range []string{"case", "challenge", "proof", "hand-off", "audit", "none"} {
		c := aCase(id)
		if id != "case" {
			c.AddressHash = "another"
		}
		k.write(func(tx recovery.Tx) error { return tx.InsertCase(k.ctx, c) })
	}
	k.challenges(aChallenge("c", "challenge"))
	k.proofs(aProof("l", hash, "proof"), aProof("l2", hash, "a case that is gone"))
	k.yes(func(tx recovery.Tx) (bool, error) {
		return tx.InsertHandOff(k.ctx, aHandOff("hand-off", recovery.HandOffSupport))
	})
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{anEntry("LK-audit", "proven", now)})
	k.equal("cases erased", k.erase(hash), 5)
	_ = got[recovery.Case](k)(k.Case(k.ctx, "none"))
}

func eraseKeepsLimits(k *kit) {
	k.write(func(tx recovery.Tx) error {
		if err := tx.PutStop(k.ctx, hash, now.Add(time.Hour)); err != nil {
			return err
		}
		if _, err := tx.Claim(k.ctx, "other-address:"+hash, now, now.Add(day)); err != nil {
			return err
		}
		return tx.Count(k.ctx, "mail:"+hash, now, 3, now.Add(time.Hour))
	})
	k.erase(hash)
	k.equal("claimed again", k.yes(func(tx recovery.Tx) (bool, error) {
		return tx.Claim(k.ctx, "other-address:"+hash, now.Add(day-time.Millisecond), now.Add(2*day))
	}), false)
	k.equal("stopped", got[bool](k)(k.Stopped(k.ctx, hash, now)), true)
	k.equal("counted", k.counted("mail:"+hash, now.Add(-time.Hour)), 3)
}

// The blind mail belongs to a stranger's case, which stays.
func eraseNotices(k *kit) {
	k.stranger("other")
	k.notices(aNotice("n", hash))
	blind := aDelivery("blind", "other")
	blind.Kind, blind.NoticeID = recovery.KindOtherAddress, "n"
	k.deliveries(blind)
	k.equal("cases erased", k.erase(hash), 0)
	k.equal("rows of the stranger", k.rowsOf("other"), wholeCase())
	k.notices(aNotice("n", hash)) // fails if its row is still there
}

func eraseElsewhere(k *kit) {
	k.stranger("other")
	k.proofs(aProof("s-other", hash, "swept"))
	k.erase(hash)
	k.equal("proofs", got[[]recovery.Proof](k)(k.Proofs(k.ctx, "s-other", now)),
		[]recovery.Proof{aProof("s-other", "stranger", "other")})
	session := got[recovery.Session](k)(k.SessionByID(k.ctx, "id-s-other", now))
	k.equal("prefill", session.Prefill, "")
	k.equal("arrival", session.Arrival, (*recovery.Arrival)(nil))
}

func eraseNothing(k *kit) {
	k.stranger("other")
	bare := aChallenge("bare", "other")
	bare.AddressHash = ""
	k.challenges(bare)
	k.equal("cases erased", k.erase(""), 0)
	k.equal("rows", k.rowsOf("other"), wholeCase())
}
