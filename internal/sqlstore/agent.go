package sqlstore

import (
	"context"
	"time"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore/queries"
)

func agentSessionOf(r queries.AgentSession) recovery.AgentSession {
	return recovery.AgentSession{
		IDHash: r.IDHash, Who: r.Who, Way: r.Way, KeyID: r.KeyID, RequestID: r.RequestID, Back: r.Back, Sought: r.Sought,
		CreatedAt: moment(r.CreatedAt), SeenAt: moment(r.SeenAt), ExpiresAt: moment(r.ExpiresAt), Stored: true,
	}
}

func (r reader) AgentSession(ctx context.Context, idHash string, now time.Time) (recovery.AgentSession, error) {
	row, err := r.q.AgentSession(ctx, queries.AgentSessionParams{IDHash: idHash, Now: millis(now)})
	if err != nil {
		return recovery.AgentSession{}, wrap("agent session", err)
	}
	return agentSessionOf(row), nil
}

func (r reader) CasesOfAddress(ctx context.Context, addressHash string, skipped, n int) ([]recovery.Case, error) {
	rows, err := r.q.CasesOfAddress(ctx, queries.CasesOfAddressParams{
		AddressHash: addressHash, Skipped: atMost(skipped), AtMost: atMost(n),
	})
	return each("cases of an address", rows, err, caseOf)
}

func (r reader) NewestCases(ctx context.Context, n int) ([]recovery.Case, error) {
	rows, err := r.q.NewestCases(ctx, atMost(n))
	return each("newest cases", rows, err, caseOf)
}

func (r reader) AgentAudit(ctx context.Context, skipped, n int) ([]recovery.AuditEntry, error) {
	rows, err := r.q.AuditOfAgents(ctx, queries.AuditOfAgentsParams{
		Skipped: atMost(skipped), AtMost: atMost(n),
	})
	return each("audit of agents", rows, err, auditOf)
}

func (t *tx) PutAgentSession(ctx context.Context, s recovery.AgentSession) error {
	return wrap("put agent session", t.q.PutAgentSession(ctx, queries.PutAgentSessionParams{
		IDHash: s.IDHash, Who: s.Who, Way: s.Way, KeyID: s.KeyID, RequestID: s.RequestID, Back: s.Back, Sought: s.Sought,
		CreatedAt: millis(s.CreatedAt), SeenAt: millis(s.SeenAt), ExpiresAt: millis(s.ExpiresAt),
	}))
}

func (t *tx) TouchAgentSession(ctx context.Context, idHash string, seen, expires time.Time) (bool, error) {
	rows, err := t.q.TouchAgentSession(ctx, queries.TouchAgentSessionParams{
		SeenAt: millis(seen), ExpiresAt: millis(expires), IDHash: idHash,
	})
	return hit("touch agent session", rows, err)
}

func (t *tx) SeekAsAgent(ctx context.Context, idHash, addressHash string) (bool, error) {
	rows, err := t.q.SeekAsAgent(ctx, queries.SeekAsAgentParams{Sought: addressHash, IDHash: idHash})
	return hit("seek as agent", rows, err)
}

func (t *tx) UseAgentRequest(ctx context.Context, idHash, requestID string, now time.Time) (bool, error) {
	rows, err := t.q.UseAgentRequest(ctx, queries.UseAgentRequestParams{
		IDHash: idHash, RequestID: requestID, Now: millis(now),
	})
	return hit("use agent request", rows, err)
}

func (t *tx) EndAgentSession(ctx context.Context, idHash string) error {
	return wrap("end agent session", t.q.DeleteAgentSession(ctx, idHash))
}
