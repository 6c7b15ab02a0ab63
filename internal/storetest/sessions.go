package storetest

import (
	"errors"
	"time"

	"latchkey/internal/recovery"
)

var sessionTests = map[string]func(*kit){
	"PutSession/keeps every field":           sessionKept,
	"PutSession/replaces by lineage":         sessionReplaced,
	"PutSession/leaves a new id":             sessionRenewedMeanwhile,
	"PutSession/brings none back":            sessionEndedMeanwhile,
	"PutSession/leaves another case":         sessionMovedMeanwhile,
	"PutSession/brings back no address":      sessionForgottenMeanwhile,
	"PutSession/no two with one id":          sessionTaken,
	"TouchSession/moves its end alone":       sessionTouched,
	"SessionByID/not past its expiry":        sessionExpires,
	"EndSession/with its proofs":             sessionEnds,
	"EndSessions/of the case and its proofs": sessionsEnd,
}

func sessionKept(k *kit) {
	bare := recovery.Session{
		Lineage: "bare", IDHash: "id-bare", CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Millisecond),
	}
	for _, want := range []recovery.Session{aSession("l1", "1"), bare} {
		k.sessions(want)
		k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, want.IDHash, now)), found(want))
	}
}

func sessionReplaced(k *kit) {
	s := aSession("l1", "1")
	k.sessions(s)
	before := s.IDHash
	s = found(s)
	s.IDHash, s.CaseID, s.Prefill, s.Draft, s.Held = "id-new", "2", "", "", nil
	s.SeenAt, s.ExpiresAt = now.Add(time.Minute), now.Add(25*time.Hour)
	k.sessions(s)
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, "id-new", now)), found(s))
	_, err := k.SessionByID(k.ctx, before, now)
	k.notFound("session by its old id", err)
}

// Which of the two is told is the engine's: the write, or the transaction as a whole.
func sessionTaken(k *kit) {
	first, second := aSession("l1", "1"), aSession("l2", "2")
	second.IDHash = first.IDHash
	k.sessions(first)
	err := k.Update(k.ctx, func(tx recovery.Tx) error { return tx.PutSession(k.ctx, second) })
	if !errors.Is(err, recovery.ErrSessionTaken) {
		k.Errorf("a second session with one id: got %v, want ErrSessionTaken", err)
	}
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, first.IDHash, now)), found(first))
}

// taken tries to put a session that another request has overtaken.
func (k *kit) taken(what string, s recovery.Session) {
	k.Helper()
	err := k.Update(k.ctx, func(tx recovery.Tx) error { return tx.PutSession(k.ctx, s) })
	if !errors.Is(err, recovery.ErrSessionTaken) {
		k.Errorf("%s: got %v, want ErrSessionTaken", what, err)
	}
}

// What was under way with the id from before a proof is kept with the session as it goes on, and a second new id is
// no session's.
func sessionRenewedMeanwhile(k *kit) {
	overtaken := aSession("l1", "1")
	k.sessions(overtaken)
	overtaken = found(overtaken)
	renewed := overtaken
	renewed.IDHash = "id-new"
	k.sessions(renewed)

	overtaken.Prefill = "other@example.com"
	k.sessions(overtaken)
	want := overtaken
	want.IDHash = "id-new"
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, "id-new", now)), found(want))
	_, err := k.SessionByID(k.ctx, "id-l1", now)
	k.notFound("session by its old id", err)

	again := overtaken
	again.IDHash = "id-second"
	k.taken("a second new id", again)
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, "id-new", now)), found(want))
}

func sessionEndedMeanwhile(k *kit) {
	s := aSession("l1", "1")
	k.sessions(s)
	k.equal("there was one", k.endSession("l1"), true)
	k.taken("a session that has ended", found(s))
	_, err := k.SessionByID(k.ctx, s.IDHash, now)
	k.notFound("ended session", err)
	k.equal("there was one", k.endSession("l1"), false)
}

func sessionMovedMeanwhile(k *kit) {
	s := aSession("l1", "")
	k.sessions(s)
	moved := found(s)
	moved.CaseID = "1"
	k.sessions(moved)
	k.taken("a session without a case", found(s))
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, s.IDHash, now)), found(moved))
}

// What erasing took out of a session does not come back with a request that had loaded it.
func sessionForgottenMeanwhile(k *kit) {
	s := aSession("l1", "")
	k.sessions(s)
	k.erase(hash)
	k.taken("a session with an address that was erased", found(s))
	forgotten := found(s)
	forgotten.Prefill, forgotten.Arrival, forgotten.Row.Prefill = "", nil, ""
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, s.IDHash, now)), forgotten)
}

// A session that was loaded before another request changed it stays as that left it.
func sessionTouched(k *kit) {
	s := aSession("l1", "1")
	k.sessions(s)
	changed := found(s)
	changed.IDHash, changed.Prefill, changed.Draft, changed.Held, changed.Arrival = "id-new", "", "", nil, nil
	k.sessions(changed)
	touch := func(s recovery.Session) error {
		s.SeenAt, s.ExpiresAt = now.Add(time.Minute), now.Add(25*time.Hour)
		return k.Update(k.ctx, func(tx recovery.Tx) error { return tx.TouchSession(k.ctx, s) })
	}
	k.ok(touch(found(s)))
	changed.SeenAt, changed.ExpiresAt = now.Add(time.Minute), now.Add(25*time.Hour)
	k.equal("session", got[recovery.Session](k)(k.SessionByID(k.ctx, "id-new", now)), found(changed))

	other := found(s)
	other.Row.CaseID = "2"
	for what, err := range map[string]error{
		"of another case": touch(other),
		"that is gone":    touch(found(aSession("none", "1"))),
	} {
		if !errors.Is(err, recovery.ErrSessionTaken) {
			k.Errorf("a session %s: got %v, want ErrSessionTaken", what, err)
		}
	}
}

func sessionExpires(k *kit) {
	s := aSession("l1", "")
	k.sessions(s)
	_ = got[recovery.Session](k)(k.SessionByID(k.ctx, s.IDHash, s.ExpiresAt.Add(-time.Millisecond)))
	_, err := k.SessionByID(k.ctx, s.IDHash, s.ExpiresAt)
	k.notFound("session at its expiry", err)
}

func sessionEnds(k *kit) {
	k.sessions(aSession("l1", "1"), aSession("l2", "1"))
	k.proofs(aProof("l1", hash, "1"), aProof("l2", hash, "1"))
	k.endSession("l1")
	_, err := k.SessionByID(k.ctx, "id-l1", now)
	k.notFound("ended session", err)
	k.equal("proofs of the ended", len(got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l1", now))), 0)
	k.equal("proofs of the other", len(got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l2", now))), 1)
	_ = got[recovery.Session](k)(k.SessionByID(k.ctx, "id-l2", now))
}

// A browser may have proven an address in a case and gone on to another: its session stays, that proof
// does not.
func sessionsEnd(k *kit) {
	k.sessions(aSession("in", "1"), aSession("out", "2"), aSession("none", ""))
	k.proofs(
		aProof("in", hash, "1"), aProof("in", "earlier", "0"),
		aProof("out", hash, "1"), aProof("out", "own", "2"),
	)
	k.write(func(tx recovery.Tx) error { return tx.EndSessions(k.ctx, "1") })
	_, err := k.SessionByID(k.ctx, "id-in", now)
	k.notFound("session of the case", err)
	k.equal("proofs of that session", len(got[[]recovery.Proof](k)(k.Proofs(k.ctx, "in", now))), 0)
	k.equal("proofs that stay", got[[]recovery.Proof](k)(k.Proofs(k.ctx, "out", now)),
		[]recovery.Proof{aProof("out", "own", "2")})
	_ = got[recovery.Session](k)(k.SessionByID(k.ctx, "id-out", now))

	k.write(func(tx recovery.Tx) error { return tx.EndSessions(k.ctx, "") })
	_ = got[recovery.Session](k)(k.SessionByID(k.ctx, "id-none", now))
}
