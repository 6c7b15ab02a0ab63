package storetest

import (
	"context"
	"time"

	"latchkey/internal/recovery"
)

var recordTests = map[string]func(*kit){
	"InsertHandOff/the first of its case and kind": handOffOnce,
	"SetTicket/the first number stays":             ticketOnce,
	"PutFound/the first time counts":               foundOnce,
	"PutAudit/in the order written":                auditOrdered,
}

func handOffOnce(k *kit) {
	k.cases("1", "2")
	insert := func(h recovery.HandOff) bool {
		return k.yes(func(tx recovery.Tx) (bool, error) { return tx.InsertHandOff(k.ctx, h) })
	}
	first := aHandOff("1", recovery.HandOffSupport)
	k.equal("first", insert(first), true)
	again := first
	again.Message = "pressed twice"
	k.equal("again", insert(again), false)
	bare := recovery.HandOff{CaseID: "1", Kind: recovery.HandOffDisown, CreatedAt: now}
	k.equal("other kind", insert(bare), true)
	k.equal("other case", insert(aHandOff("2", recovery.HandOffSupport)), true)

	k.equal("hand-off", got[recovery.HandOff](k)(k.HandOff(k.ctx, "1", recovery.HandOffSupport)), first)
	k.equal("bare hand-off", got[recovery.HandOff](k)(k.HandOff(k.ctx, "1", recovery.HandOffDisown)), bare)
	_, err := k.HandOff(k.ctx, "2", recovery.HandOffDisown)
	k.notFound("no hand-off", err)
}

func ticketOnce(k *kit) {
	k.cases("1", "2")
	all(k, func(tx recovery.Tx, ctx context.Context, h recovery.HandOff) error {
		_, err := tx.InsertHandOff(ctx, h)
		return err
	}, []recovery.HandOff{
		aHandOff("1", recovery.HandOffSupport), aHandOff("1", recovery.HandOffDisown), aHandOff("2", recovery.HandOffSupport),
	})
	for _, ticket := range []string{"77", "78"} {
		k.write(func(tx recovery.Tx) error { return tx.SetTicket(k.ctx, "1", recovery.HandOffSupport, ticket) })
	}
	want := aHandOff("1", recovery.HandOffSupport)
	want.Ticket = "77"
	k.equal("hand-off", got[recovery.HandOff](k)(k.HandOff(k.ctx, "1", recovery.HandOffSupport)), want)
	k.equal("other kind", got[recovery.HandOff](k)(k.HandOff(k.ctx, "1", recovery.HandOffDisown)), aHandOff("1", recovery.HandOffDisown))
	k.equal("other case", got[recovery.HandOff](k)(k.HandOff(k.ctx, "2", recovery.HandOffSupport)), aHandOff("2", recovery.HandOffSupport))
}

func foundOnce(k *kit) {
	k.cases("1", "2")
	first, other := aFinding("1", "unconfirmed", now), aFinding("1", "ready", now.Add(time.Second))
	again := first
	again.At = now.Add(time.Hour)
	second := aFinding("1", "unconfirmed", now.Add(2*time.Second))
	second.AccountID = "account-2"
	all(k, recovery.Tx.PutFound, []recovery.FoundRecord{second, other, first, again, aFinding("2", "ready", now)})
	k.equal("found", got[[]recovery.FoundRecord](k)(k.Found(k.ctx, "1")),
		[]recovery.FoundRecord{first, other, second})
}

func auditOrdered(k *kit) {
	want := []recovery.AuditEntry{
		anEntry("LK-1", "started", now), anEntry("LK-1", "proven", now), anEntry("LK-1", "resent", now),
		anEntry("LK-1", "started", now.Add(time.Second)),
	}
	all(k, recovery.Tx.PutAudit, want)
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{anEntry("LK-2", "started", now)})
	k.equal("audit trail", got[[]recovery.AuditEntry](k)(k.Audit(k.ctx, "LK-1")), want)
}
