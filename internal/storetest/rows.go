package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

// The builders fill in every field, so that one that is not kept is noticed.

func aCase(id string) recovery.Case {
	return recovery.Case{
		ID: id, Reference: "LK-" + id, CreatedAt: now, Language: "en", Entry: recovery.EntryDirect,
		Browser: "Firefox on Linux", Address: address, AddressHash: hash, LastAct: "started",
		Ticket: "12345", Expected: "unconfirmed",
	}
}

func aSession(lineage, caseID string) recovery.Session {
	return recovery.Session{
		Lineage: lineage, IDHash: "id-" + lineage, CaseID: caseID, Prefill: address, Draft: "Written at length.",
		Held:      map[recovery.Purpose]string{recovery.PurposeProve: "challenge-1", recovery.PurposeStop: "x\"'é"},
		Arrival:   &recovery.Arrival{Entry: recovery.EntrySigned, Ticket: "12345", Expected: "ready", Language: "de", Named: hash},
		CreatedAt: now.Add(-time.Hour), SeenAt: now, ExpiresAt: now.Add(24 * time.Hour),
	}
}

// found is a session as it is found again.
func found(s recovery.Session) recovery.Session {
	s.Row = &recovery.SessionRow{IDHash: s.IDHash, CaseID: s.CaseID, Prefill: s.Prefill}
	return s
}

func aChallenge(id, caseID string) recovery.Challenge {
	return recovery.Challenge{
		ID: id, KeyID: "k1", Purpose: recovery.PurposeProve, CaseID: caseID, Address: address,
		AddressHash: hash, AccountID: "account-1", CreatedAt: now, ExpiresAt: now.Add(15 * time.Minute),
	}
}

func aProof(lineage, addressHash, caseID string) recovery.Proof {
	return recovery.Proof{
		Lineage: lineage, CaseID: caseID, Address: address, AddressHash: addressHash, Via: recovery.ViaCode,
		At: now, SeenAt: now.Add(time.Millisecond), ExpiresAt: now.Add(2 * time.Hour),
	}
}

func aDelivery(id, caseID string) recovery.Delivery {
	return recovery.Delivery{
		ID: id, Kind: recovery.KindProve, CaseID: caseID, ChallengeID: "challenge-" + id,
		AsideID: "aside-" + id, AccountID: "account-1", State: recovery.StateQueued,
		Refusal: recovery.ReasonCapped, CreatedAt: now, DueAt: now, ChangedAt: now,
	}
}

func aHandOff(caseID string, kind recovery.HandOffKind) recovery.HandOff {
	return recovery.HandOff{
		CaseID: caseID, Kind: kind, Address: address, AddressHash: hash, Message: "Hello, é 世界\n'quoted'",
		Evidence: []byte(`{"findings":[]}`), CreatedAt: now,
	}
}

func aNotice(id, addressHash string) recovery.OtherNotice {
	return recovery.OtherNotice{
		ID: id, Address: "Ada.Other@Example.com", AddressHash: addressHash, AskedDomain: "example.com", CreatedAt: now,
	}
}

func anEntry(reference, act string, at time.Time) recovery.AuditEntry {
	return recovery.AuditEntry{At: at, Reference: reference, Act: act, AddressHash: hash, Detail: "detail", Actor: actor}
}

func aFinding(caseID, situation string, at time.Time) recovery.FoundRecord {
	return recovery.FoundRecord{CaseID: caseID, AccountID: "account-1", Situation: situation, At: at}
}

// cases stores cases with these ids.
func (k *kit) cases(ids ...string) {
	k.Helper()
	k.write(func(tx recovery.Tx) error {
		for _, id := range ids {
			if err := tx.InsertCase(k.ctx, aCase(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (k *kit) sessions(sessions ...recovery.Session) { all(k, recovery.Tx.PutSession, sessions) }

func (k *kit) endSession(lineage string) (was bool) {
	k.write(func(tx recovery.Tx) (err error) { was, err = tx.EndSession(k.ctx, lineage); return err })
	return was
}

func (k *kit) challenges(challenges ...recovery.Challenge) {
	all(k, recovery.Tx.InsertChallenge, challenges)
}

func (k *kit) proofs(proofs ...recovery.Proof) { all(k, recovery.Tx.PutProof, proofs) }

func (k *kit) notices(notices ...recovery.OtherNotice) {
	all(k, recovery.Tx.InsertOtherNotice, notices)
}

func (k *kit) deliveries(deliveries ...recovery.Delivery) {
	all(k, recovery.Tx.InsertDelivery, deliveries)
}
