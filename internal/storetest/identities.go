package storetest

import (
	"sync/atomic"
	"time"

	"latchkey/internal/recovery"
)

var identityTests = map[string]func(*kit){
	"InsertIdentityRequest/keeps every field":       requestKept,
	"UseIdentityRequest/once, until its expiry":     requestUsed,
	"UseIdentityRequest/once for many at a time":    requestRaced,
	"PutIdentityProof/replaces by what proves it":   identityReplaced,
	"IdentityProofs/newest first until their end":   identitiesListed,
	"TouchIdentityProof/moves the one":              identityTouched,
	"EndSession/with what it knows of identities":   identitiesEnd,
	"EndSessions/with what they know of them":       identitiesEndWithCase,
	"Sweep/identity requests and proofs":            identitiesSwept,
	"Erase/identity proofs of a person's cases":     identitiesErased,
	"Erase/a case known by an identity's email":     eraseByIdentity,
	"Erase/an identity without email is left alone": eraseSparesBareIdentities,
}

func aRequest(id, lineage, caseID string) recovery.IdentityRequest {
	return recovery.IdentityRequest{
		ID: id, KeyID: "k1", Lineage: lineage, CaseID: caseID, CreatedAt: now, ExpiresAt: now.Add(10 * time.Minute),
	}
}

func anIdentity(lineage, subject, caseID string) recovery.IdentityProof {
	return recovery.IdentityProof{
		Lineage: lineage, Provider: "gitlab", Subject: subject, Issuer: "https://gitlab.example", CaseID: caseID,
		Email: "Ada.At.GitLab@example.com", EmailHash: "hash-of-her-identity",
		At: now, SeenAt: now.Add(time.Millisecond), ExpiresAt: now.Add(2 * time.Hour),
	}
}

func (k *kit) requests(requests ...recovery.IdentityRequest) {
	all(k, recovery.Tx.InsertIdentityRequest, requests)
}

func (k *kit) identities(proofs ...recovery.IdentityProof) {
	all(k, recovery.Tx.PutIdentityProof, proofs)
}

func (k *kit) identitiesOf(lineage string) []recovery.IdentityProof {
	k.Helper()
	return got[[]recovery.IdentityProof](k)(k.IdentityProofs(k.ctx, lineage, now))
}

func (k *kit) useRequest(id string, at time.Time) bool {
	k.Helper()
	return k.yes(func(tx recovery.Tx) (bool, error) { return tx.UseIdentityRequest(k.ctx, id, at) })
}

func requestKept(k *kit) {
	r := aRequest("r", "l1", "1")
	k.requests(r)
	k.equal("request", got[recovery.IdentityRequest](k)(k.IdentityRequest(k.ctx, "r")), r)
	_, err := k.IdentityRequest(k.ctx, "none")
	k.notFound("no request", err)
}

func requestUsed(k *kit) {
	r := aRequest("r", "l1", "1")
	k.requests(r, aRequest("late", "l1", "1"))
	at := r.ExpiresAt.Add(-time.Millisecond)
	k.equal("used", k.useRequest("r", at), true)
	r.UsedAt = at
	k.equal("request", got[recovery.IdentityRequest](k)(k.IdentityRequest(k.ctx, "r")), r)
	k.equal("used again", k.useRequest("r", at), false)
	k.equal("used at its end", k.useRequest("late", r.ExpiresAt), false)
	k.equal("used without being there", k.useRequest("none", now), false)
}

func requestRaced(k *kit) {
	k.requests(aRequest("r", "l1", "1"))
	var won atomic.Int64
	parallel(16, func(int) {
		err := k.Update(k.ctx, func(tx recovery.Tx) error {
			used, err := tx.UseIdentityRequest(k.ctx, "r", now)
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

func identityReplaced(k *kit) {
	p := anIdentity("l1", "42", "1")
	k.identities(p)
	k.equal("proof", k.identitiesOf("l1"), []recovery.IdentityProof{p})
	p.CaseID, p.Issuer, p.Email, p.EmailHash = "2", "https://other.example", "", ""
	p.At, p.SeenAt, p.ExpiresAt = now.Add(time.Hour), now.Add(time.Hour), now.Add(3*time.Hour)
	other := anIdentity("l1", "42", "1")
	other.Provider = "other"
	k.identities(p, other)
	k.equal("proofs", k.identitiesOf("l1"), []recovery.IdentityProof{p, other})
}

func identitiesListed(k *kit) {
	old, same, ended := anIdentity("l1", "1", "1"), anIdentity("l1", "2", "1"), anIdentity("l1", "3", "1")
	newest := anIdentity("l1", "4", "1")
	newest.At, ended.ExpiresAt = now.Add(time.Second), now
	k.identities(newest, old, same, ended, anIdentity("l2", "1", "2"))
	k.equal("of the session", k.identitiesOf("l1"), []recovery.IdentityProof{newest, same, old})
	k.equal("of no session", len(k.identitiesOf("l9")), 0)
	k.equal("of the case, past their end",
		got[[]recovery.IdentityProof](k)(k.CaseIdentityProofs(k.ctx, "1")),
		[]recovery.IdentityProof{old, same, ended, newest})
}

func identityTouched(k *kit) {
	touched, other := anIdentity("l1", "1", "1"), anIdentity("l1", "2", "1")
	other.At = now.Add(-time.Second)
	k.identities(touched, other)
	touched.SeenAt = now.Add(time.Minute)
	k.write(func(tx recovery.Tx) error { return tx.TouchIdentityProof(k.ctx, touched, touched.SeenAt) })
	k.equal("proofs", k.identitiesOf("l1"), []recovery.IdentityProof{touched, other})
}

func identitiesEnd(k *kit) {
	k.sessions(aSession("l1", "1"), aSession("l2", "1"))
	k.identities(anIdentity("l1", "1", "1"), anIdentity("l2", "1", "1"))
	k.requests(aRequest("r1", "l1", "1"), aRequest("r2", "l2", "1"))
	k.endSession("l1")
	k.equal("proofs of the session", len(k.identitiesOf("l1")), 0)
	k.equal("can be finished", k.useRequest("r1", now), false)
	k.equal("proofs of another", len(k.identitiesOf("l2")), 1)
	k.equal("another's can be finished", k.useRequest("r2", now), true)
}

// A browser may have gone on to another case: what it began in this one does not go with it.
func identitiesEndWithCase(k *kit) {
	k.sessions(aSession("in", "1"), aSession("out", "2"))
	k.identities(
		anIdentity("in", "1", "1"), anIdentity("in", "2", "0"),
		anIdentity("out", "1", "1"), anIdentity("out", "2", "2"),
	)
	k.requests(aRequest("in", "in", "0"), aRequest("out-1", "out", "1"), aRequest("out-2", "out", "2"))
	k.write(func(tx recovery.Tx) error { return tx.EndSessions(k.ctx, "1") })
	k.equal("proofs of its session", len(k.identitiesOf("in")), 0)
	k.equal("proofs that stay", k.identitiesOf("out"), []recovery.IdentityProof{anIdentity("out", "2", "2")})
	for id, stays := range map[string]bool{"in": false, "out-1": false, "out-2": true} {
		k.equal("can be finished: "+id, k.useRequest(id, now), stays)
	}
}

func identitiesSwept(k *kit) {
	r, p := aRequest("r", "l", "1"), anIdentity("l", "1", "1")
	k.requests(r)
	k.identities(p)
	for _, end := range []time.Time{r.ExpiresAt.Add(keep.Sessions), p.ExpiresAt.Add(keep.Sessions)} {
		k.equal("swept at the end", k.sweep(end, 100), 0)
		k.equal("swept after it", k.sweep(end.Add(time.Millisecond), 100), 1)
	}
	k.equal("proofs", len(k.identitiesOf("l")), 0)
}

func identitiesErased(k *kit) {
	k.fill("1")
	k.stranger("other")
	k.identities(anIdentity("s-1", "1", "1"), anIdentity("s-1", "2", "gone"), anIdentity("s-other", "3", "other"))
	k.requests(aRequest("r", "s-1", "1"), aRequest("other", "s-other", "other"))
	k.equal("cases erased", k.erase(hash), 1)
	k.equal("proofs", len(k.identitiesOf("s-1")), 0)
	k.equal("can be finished", k.useRequest("r", now), false)
	k.equal("proofs of a stranger", len(k.identitiesOf("s-other")), 1)
	k.equal("a stranger's can be finished", k.useRequest("other", now), true)
}

// The person erased is the identity's owner: it was they who passed through that case.
func eraseByIdentity(k *kit) {
	k.stranger("theirs")
	k.stranger("another")
	k.identities(
		anIdentity("s-theirs", "1", "theirs"), anIdentity("s-another", "1", "a case that is gone"),
		anIdentity("s-another", "2", "another"),
	)
	other := anIdentity("s-another", "2", "another")
	other.EmailHash = "another"
	k.identities(other)
	k.equal("cases erased", k.erase("hash-of-her-identity"), 1)
	k.equal("rows of the case", k.rowsOf("theirs"), onlyAudit())
	k.equal("rows of another", k.rowsOf("another"), wholeCase())
	k.equal("proofs elsewhere", k.identitiesOf("s-another"), []recovery.IdentityProof{other})
}

func eraseSparesBareIdentities(k *kit) {
	k.stranger("other")
	bare := anIdentity("s-other", "1", "other")
	bare.Email, bare.EmailHash = "", ""
	k.identities(bare)
	k.equal("cases erased", k.erase(""), 0)
	k.equal("proofs", k.identitiesOf("s-other"), []recovery.IdentityProof{bare})
}
