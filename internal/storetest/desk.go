package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var deskTests = map[string]func(*kit){
	"Lease/each channel has its own queue":    leaseChannels,
	"Lease/a note has who was proven":         leaseNotes,
	"HandOffStats/what has no ticket":         handOffStats,
	"LateHandOffs/the oldest first":           lateHandOffs,
	"Sweep/a hand-off without a ticket stays": sweepSparesHandOffs,
}

// ofKind is a queued delivery of a desk's kind.
func ofKind(id, caseID string, kind recovery.Kind) recovery.Delivery {
	d := aDelivery(id, caseID)
	d.Kind, d.ChallengeID, d.AsideID, d.Refusal = kind, "", "", ""
	return d
}

func (k *kit) leaseDesk(n int) []recovery.Job {
	k.Helper()
	return got[[]recovery.Job](k)(k.Lease(k.ctx, recovery.ChannelDesk, "desk", now, now.Add(time.Minute), n))
}

func leaseChannels(k *kit) {
	k.cases("1")
	k.deliveries(aDelivery("mail", "1"))
	desk := []recovery.Kind{
		recovery.KindTicket, recovery.KindDisowned, recovery.KindNoteSignedIn, recovery.KindNoteGotIn,
		recovery.KindNoteNotIn, recovery.KindNoteUnknown, recovery.KindNoteDisowned,
	}
	for _, kind := range desk {
		k.deliveries(ofKind(string(kind), "1", kind))
	}
	k.equal("mails", k.lease("mails", now, now.Add(time.Minute), 99), []string{"mail"})
	k.equal("for the desk", len(k.leaseDesk(99)), len(desk))
}

func leaseNotes(k *kit) {
	k.cases("1", "2")
	typed, other := aChallenge("typed", "1"), aChallenge("other", "1")
	typed.Address, typed.AddressHash = "unproven@example.com", "hash-of-unproven"
	other.Address, other.AddressHash = "other@example.com", "hash-of-other"
	twice := aChallenge("twice", "1")
	signIn := aChallenge("sign-in", "1")
	signIn.Purpose, signIn.Address = recovery.PurposeSignIn, "sign-in@example.com"
	k.challenges(aChallenge("c", "1"), typed, other, twice, signIn, aChallenge("elsewhere", "2"))
	proven := anEntry("LK-1", "proven", now)
	second := anEntry("LK-1", "proven", now)
	second.AddressHash = other.AddressHash
	asked := anEntry("LK-1", "started", now)
	asked.AddressHash = typed.AddressHash
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{proven, second, asked})
	found := []recovery.FoundRecord{aFinding("1", "unconfirmed", now), aFinding("1", "ready", now.Add(time.Minute))}
	all(k, recovery.Tx.PutFound, append([]recovery.FoundRecord{aFinding("2", "reset-on-wrong-site", now)}, found...))
	k.deliveries(ofKind("note", "1", recovery.KindNoteSignedIn), ofKind("ticket", "1", recovery.KindTicket))
	for _, job := range k.leaseDesk(9) {
		var want []string
		var wantFound []recovery.FoundRecord
		if job.Delivery.ID == "note" {
			want, wantFound = []string{address, other.Address}, found
		}
		k.equal("proven for "+job.Delivery.ID, job.Proven, want)
		k.equal("found for "+job.Delivery.ID, job.Found, wantFound)
	}
}

func handOffStats(k *kit) {
	stats := func(want recovery.HandOffStats) {
		k.Helper()
		k.equal("stats", got[recovery.HandOffStats](k)(k.HandOffStats(k.ctx, now.Add(-day))), want)
	}
	stats(recovery.HandOffStats{})
	k.cases("1", "2", "3")
	old, young, sent := ofKind("old", "1", recovery.KindTicket), ofKind("young", "2", recovery.KindDisowned), ofKind("sent", "3", recovery.KindTicket)
	old.CreatedAt, old.Reason = now.Add(-day), recovery.ReasonRefused
	sent.CreatedAt, sent.State = now.Add(-9*day), recovery.StateAccepted
	note, mail := ofKind("note", "1", recovery.KindNoteGotIn), aDelivery("mail", "1")
	note.CreatedAt, mail.CreatedAt = now.Add(-9*day), now.Add(-9*day)
	k.deliveries(old, young, sent, note, mail)
	stats(recovery.HandOffStats{Waiting: 2, Late: 1, Oldest: old.CreatedAt})
	disowned := ofKind("disowned", "2", recovery.KindNoteDisowned)
	disowned.CreatedAt = now.Add(-2 * day)
	k.deliveries(disowned)
	stats(recovery.HandOffStats{Waiting: 3, Late: 2, Oldest: disowned.CreatedAt})
}

func lateHandOffs(k *kit) {
	k.cases("1", "2", "3", "4")
	older, old, young, sent := ofKind("a", "2", recovery.KindTicket), ofKind("b", "1", recovery.KindDisowned), ofKind("c", "3", recovery.KindTicket), ofKind("d", "4", recovery.KindTicket)
	older.CreatedAt, old.CreatedAt, sent.CreatedAt = now.Add(-2*day), now.Add(-day), now.Add(-3*day)
	sent.State = recovery.StateAccepted
	k.deliveries(young, old, older, sent)
	late := func(n int) []string { return got[[]string](k)(k.LateHandOffs(k.ctx, now.Add(-day), n)) }
	k.equal("late", late(9), []string{"LK-2", "LK-1"})
	k.equal("the latest", late(1), []string{"LK-2"})
	disowned, note := ofKind("e", "4", recovery.KindNoteDisowned), ofKind("f", "3", recovery.KindNoteNotIn)
	disowned.CreatedAt, note.CreatedAt = now.Add(-4*day), now.Add(-4*day)
	k.deliveries(disowned, note)
	k.equal("late, with notes", late(9), []string{"LK-4", "LK-2", "LK-1"})
}

// A desk that was away for a month gets its tickets all the same.
func sweepSparesHandOffs(k *kit) {
	k.cases("1", "2", "3", "4")
	taken, note := ofKind("taken", "2", recovery.KindTicket), ofKind("note", "3", recovery.KindNoteGotIn)
	taken.State = recovery.StateAccepted
	k.deliveries(ofKind("waiting", "1", recovery.KindTicket), taken, note, ofKind("disowned", "4", recovery.KindNoteDisowned))
	k.sweep(now.Add(90*day), 99)
	_, err := k.Case(k.ctx, "1")
	k.ok(err)
	_, err = k.Case(k.ctx, "4")
	k.ok(err)
	_, err = k.Case(k.ctx, "2")
	k.notFound("a case whose ticket was made", err)
	_, err = k.Case(k.ctx, "3")
	k.notFound("a case whose note was never taken", err)
}
