package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var proofTests = map[string]func(*kit){
	"PutProof/replaces by lineage and address": proofReplaced,
	"Proofs/newest first until their end":      proofsListed,
	"CaseAndProofs/as Case and Proofs do":      caseAndProofs,
	"CaseProofs/oldest first, past their end":  caseProofsListed,
	"TouchProof/moves the one":                 proofTouched,
}

func proofReplaced(k *kit) {
	p := aProof("l1", hash, "1")
	k.proofs(p)
	k.equal("proof", got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l1", now)), []recovery.Proof{p})
	p.CaseID, p.Via, p.Address = "2", recovery.ViaLink, "ADA@example.com"
	p.At, p.SeenAt, p.ExpiresAt = now.Add(time.Hour), now.Add(time.Hour), now.Add(3*time.Hour)
	k.proofs(p)
	k.equal("proof replaced", got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l1", now)), []recovery.Proof{p})
}

func proofsListed(k *kit) {
	old, same, ended := aProof("l1", "a", "1"), aProof("l1", "b", "1"), aProof("l1", "c", "1")
	newest := aProof("l1", "d", "1")
	newest.At = now.Add(time.Second)
	ended.ExpiresAt = now
	k.proofs(newest, old, same, ended, aProof("l2", "a", "1"))
	k.equal("proofs of the session", got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l1", now)),
		[]recovery.Proof{newest, same, old})
	k.equal("proofs of no session", len(got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l9", now))), 0)
}

func caseAndProofs(k *kit) {
	k.cases("1", "2")
	old, newest, ended := aProof("l1", "a", "1"), aProof("l1", "b", "2"), aProof("l1", "c", "1")
	newest.At, ended.ExpiresAt = now.Add(time.Second), now
	k.proofs(newest, old, ended, aProof("l2", "a", "1"))
	for lineage, want := range map[string][]recovery.Proof{"l1": {newest, old}, "l9": nil} {
		c, proofs, err := k.CaseAndProofs(k.ctx, "1", lineage, now)
		if err != nil {
			k.Fatal(err)
		}
		k.equal("case", c, aCase("1"))
		k.equal("proofs of "+lineage, proofs, want)
	}
	_, _, err := k.CaseAndProofs(k.ctx, "9", "l1", now)
	k.notFound("no case", err)
}

func caseProofsListed(k *kit) {
	first, second, other := aProof("l1", "a", "1"), aProof("l2", "b", "1"), aProof("l1", "c", "2")
	second.At, first.ExpiresAt = now.Add(time.Second), now.Add(-time.Hour)
	k.proofs(second, first, other)
	k.equal("proofs of the case", got[[]recovery.Proof](k)(k.CaseProofs(k.ctx, "1")),
		[]recovery.Proof{first, second})
}

func proofTouched(k *kit) {
	touched, other := aProof("l1", "a", "1"), aProof("l1", "b", "1")
	other.At = now.Add(-time.Second)
	k.proofs(touched, other)
	touched.SeenAt = now.Add(time.Minute)
	k.write(func(tx recovery.Tx) error { return tx.TouchProof(k.ctx, "l1", "a", touched.SeenAt) })
	k.equal("proofs", got[[]recovery.Proof](k)(k.Proofs(k.ctx, "l1", now)), []recovery.Proof{touched, other})
}
