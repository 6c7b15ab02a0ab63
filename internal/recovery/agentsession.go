package recovery

import (
	"context"
	"time"
)

// AgentSession is the row of a support agent's browser on the console. Its cookie holds a random id of which
// only the SHA-256 is stored.
type AgentSession struct {
	IDHash string
	Who    string // as the audit trail names the agent; "" until they have signed in
	Way    string // hash of what the sign-in stood on: a session ends when that is configured otherwise
	// KeyID and RequestID are of a sign-in at the provider that this browser was sent to; "" for none. Its
	// state, nonce and verifier are derived from them.
	KeyID     string
	RequestID string
	Back      string // the reference of the case to go to after the sign-in; "" for none
	Sought    string // hash of the address looked for last, so that it stands in no URL (R11)
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // the nearer of the idle and the absolute end

	// Stored is false for a session that so far is only a cookie.
	Stored bool
	// FormSeed is the part of the cookie that form tokens hang on; it is never stored.
	FormSeed string
	// NewCookie is set when the cookie has to change; it is never stored.
	NewCookie string
}

// SignedIn reports whether an agent is known by the session.
func (s *AgentSession) SignedIn() bool { return s.Stored && s.Who != "" }

// AgentVisitor is who calls the console.
type AgentVisitor struct {
	Session *AgentSession
	Client  string // as Network.Client
}

// AgentReader is the part of Reader that the console alone asks for.
type AgentReader interface {
	// AgentSession finds a session by the SHA-256 of its cookie's id; expired ones are not found.
	AgentSession(ctx context.Context, idHash string, now time.Time) (AgentSession, error)
	// CasesOfAddress are at most n cases of which the address is, or that mailed a challenge to it, newest
	// first, after the first skipped ones.
	CasesOfAddress(ctx context.Context, addressHash string, skipped, n int) ([]Case, error)
	// NewestCases are at most n cases, newest first.
	NewestCases(ctx context.Context, n int) ([]Case, error)
	// AgentAudit are at most n entries of what agents did, newest first, after the first skipped ones.
	AgentAudit(ctx context.Context, skipped, n int) ([]AuditEntry, error)
}

// AgentWriter is the part of Tx about agents' sessions. Sweep removes those that expired Retention.Sessions
// ago; Erase forgets what was sought of a person.
type AgentWriter interface {
	// PutAgentSession inserts or updates by IDHash.
	PutAgentSession(ctx context.Context, s AgentSession) error
	// TouchAgentSession moves SeenAt and ExpiresAt, and SeekAsAgent sets Sought; false where the session is
	// there no more.
	TouchAgentSession(ctx context.Context, idHash string, seen, expires time.Time) (bool, error)
	SeekAsAgent(ctx context.Context, idHash, addressHash string) (bool, error)
	// UseAgentRequest takes the session's RequestID away; false if it is not this one any more, or the session
	// has expired.
	UseAgentRequest(ctx context.Context, idHash, requestID string, now time.Time) (bool, error)
	EndAgentSession(ctx context.Context, idHash string) error
}
