package sqlstore

import (
	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func caseOf(r queries.Case) recovery.Case {
	return recovery.Case{
		ID: r.ID, Reference: r.Reference, CreatedAt: moment(r.CreatedAt), Language: r.Language,
		Entry: recovery.Entry(r.Entry), Browser: r.Browser, Address: r.Address, AddressHash: r.AddressHash,
		LastAct: r.LastAct, EndedAt: moment(r.EndedAt), Ticket: r.Ticket, Expected: r.Expected,
		Milestones: recovery.Milestones{
			Proven: moment(r.ProvenAt), Explained: moment(r.ExplainedAt), Acted: moment(r.ActedAt),
			SignedIn: moment(r.SignedInAt), GotIn: moment(r.GotInAt), NotIn: moment(r.NotInAt),
			HandedOff: moment(r.HandedOffAt), Ticket: moment(r.TicketAt), Checked: moment(r.CheckedAt),
		},
	}
}

func challengeOf(r queries.Challenge) recovery.Challenge {
	return recovery.Challenge{
		ID: r.ID, KeyID: r.KeyID, Purpose: recovery.Purpose(r.Purpose), CaseID: r.CaseID,
		Address: r.Address, AddressHash: r.AddressHash, AccountID: r.AccountID,
		CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt), Tries: int(r.Tries),
		UsedAt: moment(r.UsedAt), ClaimedUntil: moment(r.ClaimedUntil),
	}
}

func proofOf(r queries.Proof) recovery.Proof {
	return recovery.Proof{
		Lineage: r.Lineage, CaseID: r.CaseID, Address: r.Address, AddressHash: r.AddressHash,
		Via: recovery.Via(r.Via), At: moment(r.At), SeenAt: moment(r.SeenAt), ExpiresAt: moment(r.ExpiresAt),
	}
}

func deliveryOf(r queries.Delivery) recovery.Delivery {
	return recovery.Delivery{
		ID: r.ID, Kind: recovery.Kind(r.Kind), CaseID: r.CaseID, ChallengeID: r.ChallengeID,
		AsideID: r.AsideID, NoticeID: r.NoticeID, AccountID: r.AccountID, State: recovery.State(r.State),
		Refusal: recovery.Reason(r.Refusal), Reason: recovery.Reason(r.Reason), Attempts: int(r.Attempts),
		CreatedAt: moment(r.CreatedAt), DueAt: moment(r.DueAt), LeasedBy: r.LeasedBy,
		AcceptedAt: moment(r.AcceptedAt), ChangedAt: moment(r.ChangedAt), ProviderID: r.ProviderID,
		Browser: r.Browser,
	}
}

func handOffOf(r queries.HandOff) recovery.HandOff {
	h := recovery.HandOff{
		CaseID: r.CaseID, Kind: recovery.HandOffKind(r.Kind), Address: r.Address,
		AddressHash: r.AddressHash, Message: r.Message, CreatedAt: moment(r.CreatedAt), Ticket: r.Ticket,
	}
	if r.Evidence != "" {
		h.Evidence = []byte(r.Evidence)
	}
	return h
}

func noticeOf(r queries.OtherNotice) recovery.OtherNotice {
	return recovery.OtherNotice{
		ID: r.ID, Address: r.Address, AddressHash: r.AddressHash, AskedDomain: r.AskedDomain,
		CreatedAt: moment(r.CreatedAt),
	}
}

func foundOf(r queries.Found) recovery.FoundRecord {
	return recovery.FoundRecord{
		CaseID: r.CaseID, AccountID: r.AccountID, Situation: r.Situation, At: moment(r.At),
	}
}

func auditOf(r queries.Audit) recovery.AuditEntry {
	return recovery.AuditEntry{
		At: moment(r.At), Reference: r.Reference, Act: r.Act, AddressHash: r.AddressHash, Detail: r.Detail,
		Actor: r.Actor,
	}
}
