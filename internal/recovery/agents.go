package recovery

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"latchkey/internal/account"
	"latchkey/internal/secret"
)

// ConsoleReference stands in the audit trail for what an agent did outside of any case.
const ConsoleReference = "console"

// The steps of support agents in the audit trail; each has an Actor, and none moves a customer's browser.
const (
	ActAgentSignedIn  = "agent-signed-in" // the detail says by what
	ActAgentSignedOut = "agent-signed-out"
	ActAgentRefused   = "agent-refused"  // signing in; the detail says why
	ActAgentSearched  = "agent-searched" // the detail is what for: reference or address
	ActAgentViewed    = "agent-viewed"
	ActAgentDryRan    = "agent-dry-ran"
	ActAgentLinked    = "agent-linked" // made a signed support link; the detail is its ticket
	ActAgentResent    = "agent-resent" // the detail is the Kind of the mail
	ActResolved       = "resolved"
)

// What an agent's step can answer besides success, and besides what a customer's can.
var (
	// ErrNotSignedIn: nobody, or a session that has ended.
	ErrNotSignedIn = errors.New("recovery: no agent is signed in")
	// ErrAgentToken: not the console's token.
	ErrAgentToken = errors.New("recovery: not the console's token")
	// ErrAgentName: the token without the name of who has it.
	ErrAgentName = errors.New("recovery: the token says nothing of who has it")
	// ErrAgentTries: too many wrong tokens from this client within the hour.
	ErrAgentTries = errors.New("recovery: too many wrong tokens")
	// ErrAgentGroup: signed in at the provider, and in none of the groups that may use the console.
	ErrAgentGroup = errors.New("recovery: in no group that may use the console")
	// ErrReferenceForm: nothing that could be a reference.
	ErrReferenceForm = errors.New("recovery: not a reference")
	// ErrCaseEnded: the owner of the mailbox has said that it wasn't them.
	ErrCaseEnded = errors.New("recovery: the case has ended")
)

// AgentIdentity is who signed in at the agents' provider.
type AgentIdentity struct {
	Subject string
	Name    string // as people know them; may be ""
	Groups  []string
}

// AgentProvider has support agents sign in. Its errors are those of IdentityProvider.
type AgentProvider interface {
	Issuer() string
	SignInURL(ctx context.Context, s IdentitySecrets) (string, error)
	// RedeemAgent exchanges the code that came back for who signed in. It spends the code.
	RedeemAgent(ctx context.Context, code string, s IdentitySecrets) (AgentIdentity, error)
}

// AgentDeps are what agents need besides the service; at least one of Provider and Token.
type AgentDeps struct {
	Provider AgentProvider // nil: nobody signs in by it
	Groups   []string      // who signs in by it is in one of them
	Token    string        // "": nobody signs in by it
	Policy   AgentPolicy
}

// AgentPolicy is the console's part of the figures that rules use.
type AgentPolicy struct {
	SessionIdle, SessionMax time.Duration
	SignInFor               time.Duration // how long a sign-in at the provider may take
	TokenTries              int           // wrong ones a client and hour
}

// DefaultAgentPolicy is what the console's flags say by default.
func DefaultAgentPolicy() AgentPolicy {
	return AgentPolicy{SessionIdle: 30 * time.Minute, SessionMax: 8 * time.Hour, SignInFor: 10 * time.Minute, TokenTries: 10}
}

// Agents is what support agents do on the console. Every step of theirs is in the audit trail, with who.
// Its methods are safe for concurrent use; an AgentVisitor is not.
type Agents struct {
	service *Service
	deps    AgentDeps
}

// NewAgents returns the agents of a service.
func NewAgents(s *Service, d AgentDeps) *Agents { return &Agents{service: s, deps: d} }

// ByProvider and ByToken report in which ways an agent may sign in.
func (a *Agents) ByProvider() bool { return a.deps.Provider != nil }

// ByToken is said with ByProvider.
func (a *Agents) ByToken() bool { return a.deps.Token != "" }

// record writes a step of the agent down; of is the case that it is of, or outside.
func (a *Agents) record(ctx context.Context, tx Tx, v *AgentVisitor, of Case, act, detail string) error {
	return a.write(ctx, tx, v.Session.Who, of, act, detail)
}

func (a *Agents) write(ctx context.Context, tx Tx, who string, of Case, act, detail string) error {
	return tx.PutAudit(ctx, AuditEntry{
		At: a.service.Now(), Reference: of.Reference, Act: act, AddressHash: of.AddressHash, Detail: detail, Actor: who,
	})
}

// outside stands in the place of a case in a step that is of none. addressHash is that of the address that the step
// is about, "" for none.
func outside(addressHash string) Case {
	return Case{Reference: ConsoleReference, AddressHash: addressHash}
}

// step is one transaction of an agent who is signed in.
func (a *Agents) step(ctx context.Context, v *AgentVisitor, do func(tx Tx) error) error {
	if !v.Session.SignedIn() {
		return ErrNotSignedIn
	}
	return a.service.Store.Update(ctx, do)
}

// theCase finds a case by what somebody takes for its reference. ErrReferenceForm, ErrNotFound.
func (a *Agents) theCase(ctx context.Context, r Reader, typed string) (Case, error) {
	reference, ok := secret.ParseReference(typed)
	if !ok {
		return Case{}, ErrReferenceForm
	}
	return r.CaseByReference(ctx, reference)
}

// actor is how the audit trail names an agent: by a name that people know, and by the id that cannot be
// chosen. A name is cut, and has no brackets that could pass for the id's.
func actor(name, id string) string {
	name = strings.Join(strings.Fields(strings.Map(plain, name)), " ")
	if r := []rune(name); len(r) > maxActorName {
		name = string(r[:maxActorName])
	}
	if name == "" || name == id {
		return id
	}
	return name + " (" + id + ")"
}

// maxActorName is the longest name of an agent, in characters.
const maxActorName = 60

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// plain takes out of a name what is not seen, and every kind of bracket.
func plain(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Ps, unicode.Pe,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
		return ' '
	}
	return r
}

// DryRuns writes down that the agent is about to run a diagnosis dry, and returns for which address: that of a
// case, or the one that was typed, where reference is "". ErrReferenceForm, ErrNotFound.
func (a *Agents) DryRuns(
	ctx context.Context, v *AgentVisitor, typed account.Address, reference string,
) (of account.Address, err error) {
	err = a.step(ctx, v, func(tx Tx) (err error) {
		c := outside("")
		if of = typed; reference != "" {
			if c, err = a.theCase(ctx, tx, reference); err != nil {
				return err
			}
			of = address(c.Address)
		}
		c.AddressHash = a.service.hash(of.String())
		return a.record(ctx, tx, v, c, ActAgentDryRan, "")
	})
	return of, err
}

// LinkMade writes down that the agent made a signed support link for a ticket, with an address or without.
func (a *Agents) LinkMade(ctx context.Context, v *AgentVisitor, ticket string, of account.Address) error {
	return a.step(ctx, v, func(tx Tx) error {
		hash := ""
		if !of.IsZero() {
			hash = a.service.hash(of.String())
		}
		return a.record(ctx, tx, v, outside(hash), ActAgentLinked, ticket)
	})
}

// Trail is a page of what agents did, newest first, counted from 0; more reports whether another one follows.
func (a *Agents) Trail(ctx context.Context, v *AgentVisitor, page, size int) (entries []AuditEntry, more bool, err error) {
	if !v.Session.SignedIn() {
		return nil, false, ErrNotSignedIn
	}
	entries, err = a.service.Store.AgentAudit(ctx, page*size, size+1)
	more = len(entries) > size
	return entries[:min(len(entries), size)], more, err
}

// inGroups reports whether one of an agent's groups is one that may use the console.
func (a *Agents) inGroups(groups []string) bool {
	return slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(a.deps.Groups, g) })
}
