package storetest

import (
	"errors"
	"time"

	"latchkey/internal/recovery"
)

var caseTests = map[string]func(*kit){
	"InsertCase/keeps every field":           caseKept,
	"InsertCase/a reference is given once":   referenceTaken,
	"UpdateCase/writes what may change":      caseUpdated,
	"UpdateCase/an ended case stays so":      caseStaysEnded,
	"Case/times are kept to the millisecond": timesKept,
	"Mark/the first time of each milestone":  casesMarked,
}

func caseKept(k *kit) {
	want := aCase("1")
	k.cases("1")
	k.equal("case", got[recovery.Case](k)(k.Case(k.ctx, "1")), want)
	k.equal("case by reference", got[recovery.Case](k)(k.CaseByReference(k.ctx, want.Reference)), want)
	_, err := k.Case(k.ctx, want.Reference)
	k.notFound("case by its reference as id", err)
	_, err = k.CaseByReference(k.ctx, "LK-none")
	k.notFound("case by an unknown reference", err)
}

// The transaction goes on, or is run again: the caller draws another reference in it.
func referenceTaken(k *kit) {
	k.cases("1")
	drawn := []string{aCase("1").Reference, aCase("2").Reference}
	draw := func() (reference string) {
		reference, drawn = drawn[0], drawn[1:]
		return reference
	}
	k.write(func(tx recovery.Tx) error {
		for {
			c := aCase("2")
			c.Reference = draw()
			if err := tx.InsertCase(k.ctx, c); !errors.Is(err, recovery.ErrReferenceTaken) {
				return err
			}
		}
	})
	k.equal("references left", len(drawn), 0)
	k.equal("first case", got[recovery.Case](k)(k.Case(k.ctx, "1")), aCase("1"))
	k.equal("second case", got[recovery.Case](k)(k.Case(k.ctx, "2")), aCase("2"))
}

func caseUpdated(k *kit) {
	k.cases("1", "2")
	changed := aCase("1")
	changed.Address, changed.AddressHash = "other@example.com", "hash-of-other"
	changed.LastAct, changed.Language = "proven", "de"
	changed.EndedAt = now.Add(time.Hour)
	changed.Milestones.Proven, changed.Milestones.Acted = now, now.Add(time.Minute)
	want := changed
	changed.Reference, changed.Browser, changed.Entry = "LK-new", "none", recovery.EntryLink
	changed.CreatedAt = now.Add(time.Hour)
	k.write(func(tx recovery.Tx) error { return tx.UpdateCase(k.ctx, changed) })
	k.equal("case", got[recovery.Case](k)(k.Case(k.ctx, "1")), want)
	k.equal("other case", got[recovery.Case](k)(k.Case(k.ctx, "2")), aCase("2"))
	changed.Milestones = everyMilestone(now.Add(time.Hour))
	k.write(func(tx recovery.Tx) error { return tx.UpdateCase(k.ctx, changed) })
	again := changed.Milestones
	again.Proven, again.Acted = want.Milestones.Proven, want.Milestones.Acted
	k.equal("the first time of each milestone", got[recovery.Case](k)(k.Case(k.ctx, "1")).Milestones, again)
	err := k.Update(k.ctx, func(tx recovery.Tx) error { return tx.UpdateCase(k.ctx, aCase("9")) })
	k.notFound("update of no case", err)
}

// everyMilestone has each a minute after the one before.
func everyMilestone(first time.Time) recovery.Milestones {
	at := func(minutes int) time.Time { return first.Add(time.Duration(minutes) * time.Minute) }
	return recovery.Milestones{
		Proven: at(0), Explained: at(1), Acted: at(2), SignedIn: at(3), GotIn: at(4), NotIn: at(5),
		HandedOff: at(6), Ticket: at(7), Checked: at(8),
	}
}

func casesMarked(k *kit) {
	k.cases("1", "2")
	want := aCase("1")
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	for i, m := range []struct {
		milestone recovery.Milestone
		kept      *time.Time
	}{
		{recovery.MilestoneProven, &want.Milestones.Proven},
		{recovery.MilestoneExplained, &want.Milestones.Explained},
		{recovery.MilestoneActed, &want.Milestones.Acted},
		{recovery.MilestoneSignedIn, &want.Milestones.SignedIn},
		{recovery.MilestoneGotIn, &want.Milestones.GotIn},
		{recovery.MilestoneNotIn, &want.Milestones.NotIn},
		{recovery.MilestoneHandedOff, &want.Milestones.HandedOff},
		{recovery.MilestoneTicket, &want.Milestones.Ticket},
		{recovery.MilestoneChecked, &want.Milestones.Checked},
	} {
		*m.kept = at(i + 1)
		k.write(func(tx recovery.Tx) error { return tx.Mark(k.ctx, "1", m.milestone, at(i+1)) })
		k.write(func(tx recovery.Tx) error { return tx.Mark(k.ctx, "1", m.milestone, at(99)) })
		k.equal("case after "+string(m.milestone), got[recovery.Case](k)(k.Case(k.ctx, "1")), want)
	}
	k.equal("other case", got[recovery.Case](k)(k.Case(k.ctx, "2")), aCase("2"))
}

// A request that read the case before it ended may write it afterwards.
func caseStaysEnded(k *kit) {
	k.cases("1")
	ended := aCase("1")
	ended.EndedAt = now
	k.write(func(tx recovery.Tx) error { return tx.UpdateCase(k.ctx, ended) })
	late := aCase("1")
	late.LastAct = "late"
	k.write(func(tx recovery.Tx) error { return tx.UpdateCase(k.ctx, late) })
	k.equal("end", got[recovery.Case](k)(k.Case(k.ctx, "1")).EndedAt, now)
}

func timesKept(k *kit) {
	c := aCase("1")
	c.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 678_912_345, time.FixedZone("", 3600))
	k.write(func(tx recovery.Tx) error { return tx.InsertCase(k.ctx, c) })
	read := got[recovery.Case](k)(k.Case(k.ctx, "1"))
	k.equal("time", read.CreatedAt, time.Date(2026, 1, 2, 2, 4, 5, 678_000_000, time.UTC))
	k.equal("no time", read.EndedAt, time.Time{})
}
