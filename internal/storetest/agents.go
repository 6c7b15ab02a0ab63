package storetest

import (
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
)

var agentTests = map[string]func(*kit){
	"PutAgentSession/keeps every field":                agentKept,
	"AgentSession/not past its end":                    agentExpires,
	"TouchAgentSession/moves the one that is there":    agentTouched,
	"SeekAsAgent/in the one that is there":             agentSeeks,
	"UseAgentRequest/once, of its session, in time":    agentRequestUsed,
	"UseAgentRequest/once for many at a time":          agentRequestRaced,
	"EndAgentSession/ends the one":                     agentEnds,
	"CasesOfAddress/newest first, each once, by pages": casesOfAddress,
	"NewestCases/newest first, so many":                newestCases,
	"AgentAudit/of agents alone, newest first":         agentAudit,
	"Sweep/agents' sessions":                           agentsSwept,
	"Erase/what was sought":                            soughtErased,
}

func anAgent(id string) recovery.AgentSession {
	return recovery.AgentSession{
		IDHash: id, Who: actor, Way: "hash-of-the-way", KeyID: "k1", RequestID: "request-" + id, Back: "LK-7F3K-9MQD",
		Sought: hash, CreatedAt: now.Add(-time.Hour), SeenAt: now, ExpiresAt: now.Add(30 * time.Minute), Stored: true,
	}
}

func (k *kit) agents(sessions ...recovery.AgentSession) {
	k.Helper()
	all(k, recovery.Tx.PutAgentSession, sessions)
}

func (k *kit) agent(id string) recovery.AgentSession {
	k.Helper()
	return got[recovery.AgentSession](k)(k.AgentSession(k.ctx, id, now))
}

func agentKept(k *kit) {
	a := anAgent("a")
	k.agents(a)
	k.equal("session", k.agent("a"), a)
	a.Who, a.Way, a.KeyID, a.RequestID, a.Back, a.Sought = "", "other", "k2", "", "", ""
	a.SeenAt, a.ExpiresAt = now.Add(time.Minute), now.Add(time.Hour)
	k.agents(a)
	k.equal("session, put again", k.agent("a"), a)
	_, err := k.AgentSession(k.ctx, "none", now)
	k.notFound("no session", err)
}

func agentExpires(k *kit) {
	a := anAgent("a")
	k.agents(a)
	_, err := k.AgentSession(k.ctx, "a", a.ExpiresAt.Add(-time.Millisecond))
	k.ok(err)
	_, err = k.AgentSession(k.ctx, "a", a.ExpiresAt)
	k.notFound("a session at its end", err)
}

func agentTouched(k *kit) {
	a, other := anAgent("a"), anAgent("b")
	k.agents(a, other)
	a.SeenAt, a.ExpiresAt = now.Add(time.Minute), now.Add(31*time.Minute)
	touch := func(id string) bool {
		return k.yes(func(tx recovery.Tx) (bool, error) { return tx.TouchAgentSession(k.ctx, id, a.SeenAt, a.ExpiresAt) })
	}
	k.equal("touched", touch("a"), true)
	k.equal("session", k.agent("a"), a)
	k.equal("another", k.agent("b"), other)
	k.equal("touched without being there", touch("none"), false)
	_, err := k.AgentSession(k.ctx, "none", now)
	k.notFound("a session that was touched only", err)
}

func agentSeeks(k *kit) {
	k.agents(anAgent("a"), anAgent("b"))
	seek := func(id string) bool {
		return k.yes(func(tx recovery.Tx) (bool, error) { return tx.SeekAsAgent(k.ctx, id, "another") })
	}
	k.equal("sought", seek("a"), true)
	k.equal("what is sought", k.agent("a").Sought, "another")
	k.equal("what another seeks", k.agent("b").Sought, hash)
	k.equal("sought without being there", seek("none"), false)
}

func (k *kit) useAgentRequest(id, request string, at time.Time) bool {
	k.Helper()
	return k.yes(func(tx recovery.Tx) (bool, error) { return tx.UseAgentRequest(k.ctx, id, request, at) })
}

func agentRequestUsed(k *kit) {
	a, none := anAgent("a"), anAgent("none")
	none.RequestID = ""
	k.agents(a, anAgent("late"), none)
	k.equal("used by another session", k.useAgentRequest("late", a.RequestID, now), false)
	k.equal("used", k.useAgentRequest("a", a.RequestID, now), true)
	a.RequestID = ""
	k.equal("session", k.agent("a"), a)
	k.equal("used again", k.useAgentRequest("a", "request-a", now), false)
	k.equal("used at its end", k.useAgentRequest("late", "request-late", a.ExpiresAt), false)
	k.equal("none, used", k.useAgentRequest("none", "", now), false)
}

func agentRequestRaced(k *kit) {
	k.agents(anAgent("a"))
	var won atomic.Int64
	parallel(16, func(int) {
		err := k.Update(k.ctx, func(tx recovery.Tx) error {
			used, err := tx.UseAgentRequest(k.ctx, "a", "request-a", now)
			if used {
				won.Add(1)
			}
			return err
		})
		if err != nil {
			k.Error(err)
		}
	})
	k.equal("how often it was used", won.Load(), int64(1))
}

func agentEnds(k *kit) {
	k.agents(anAgent("a"), anAgent("b"))
	k.write(func(tx recovery.Tx) error { return tx.EndAgentSession(k.ctx, "a") })
	_, err := k.AgentSession(k.ctx, "a", now)
	k.notFound("the session", err)
	k.equal("another", k.agent("b"), anAgent("b"))
}

func casesOfAddress(k *kit) {
	mine := aCase("mine")
	mailed := aCase("mailed") // looks at another address now
	mailed.AddressHash, mailed.CreatedAt = "another", now.Add(time.Second)
	newest := aCase("newest")
	newest.CreatedAt = now.Add(time.Minute)
	other := aCase("other")
	other.AddressHash = "another"
	all(k, recovery.Tx.InsertCase, []recovery.Case{mine, mailed, newest, other})
	foreign := aChallenge("of-another", "other")
	foreign.AddressHash = "another"
	k.challenges(aChallenge("1", "mine"), aChallenge("2", "mailed"), aChallenge("3", "mailed"), foreign)
	page := func(skipped, n int) []recovery.Case {
		return got[[]recovery.Case](k)(k.CasesOfAddress(k.ctx, hash, skipped, n))
	}
	k.equal("all", page(0, 10), []recovery.Case{newest, mailed, mine})
	k.equal("the first page", page(0, 2), []recovery.Case{newest, mailed})
	k.equal("the second page", page(2, 2), []recovery.Case{mine})
	k.equal("past the end", len(page(4, 2)), 0)
	k.equal("of nobody", len(got[[]recovery.Case](k)(k.CasesOfAddress(k.ctx, "nobody", 0, 10))), 0)
}

func newestCases(k *kit) {
	k.equal("of none", len(got[[]recovery.Case](k)(k.NewestCases(k.ctx, 10))), 0)
	old, newest, middle := aCase("old"), aCase("newest"), aCase("middle")
	newest.CreatedAt, middle.CreatedAt = now.Add(time.Minute), now.Add(time.Second)
	all(k, recovery.Tx.InsertCase, []recovery.Case{old, newest, middle})
	k.equal("all", got[[]recovery.Case](k)(k.NewestCases(k.ctx, 10)), []recovery.Case{newest, middle, old})
	k.equal("two", got[[]recovery.Case](k)(k.NewestCases(k.ctx, 2)), []recovery.Case{newest, middle})
}

func agentAudit(k *kit) {
	first, second := anEntry("LK-1", "agent-viewed", now), anEntry("console", "agent-searched", now)
	newest, customer := anEntry("LK-2", "resolved", now.Add(time.Second)), anEntry("LK-2", "started", now)
	customer.Actor = ""
	all(k, recovery.Tx.PutAudit, []recovery.AuditEntry{newest, first, customer, second})
	page := func(skipped, n int) []recovery.AuditEntry {
		return got[[]recovery.AuditEntry](k)(k.AgentAudit(k.ctx, skipped, n))
	}
	k.equal("all", page(0, 10), []recovery.AuditEntry{newest, second, first})
	k.equal("the second page", page(2, 2), []recovery.AuditEntry{first})
}

func agentsSwept(k *kit) {
	old, kept := anAgent("old"), anAgent("kept")
	old.ExpiresAt = now.Add(-keep.Sessions - time.Millisecond)
	kept.ExpiresAt = now.Add(-keep.Sessions)
	k.agents(old, kept)
	k.equal("swept", k.sweep(now, 10), 1)
	at := now.Add(-keep.Sessions - time.Second)
	_, err := k.AgentSession(k.ctx, "old", at)
	k.notFound("the old one", err)
	_, err = k.AgentSession(k.ctx, "kept", at)
	k.ok(err)
}

func soughtErased(k *kit) {
	other := anAgent("b")
	other.Sought = "another"
	k.agents(anAgent("a"), other)
	k.write(func(tx recovery.Tx) error {
		_, err := tx.Erase(k.ctx, hash)
		return err
	})
	k.equal("what is sought", k.agent("a").Sought, "")
	k.equal("what another seeks", k.agent("b").Sought, "another")
}
