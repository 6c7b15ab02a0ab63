package recovery

import (
	"context"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/secret"
)

// Deps are what the service works with; MailLog, Suppressions, Identities, IdentityProvider, Tickets, Observe
// and Queued may be nil.
type Deps struct {
	Store   Store
	Portal  CustomerPortal
	MailLog MailLog // nil: the check is not configured and not listed
	// Suppressions are those of the portal's sending domain; nil as with MailLog.
	Suppressions Suppressions
	// Identities tells who linked identities are now; nil: the account data's copy of them counts.
	Identities Identities
	// IdentityProvider has customers sign in to show that an identity is theirs; nil: that is not offered.
	IdentityProvider IdentityProvider
	// Tickets is what the support desk knows of other tickets; nil: only Latchkey's own hand-offs count.
	Tickets Tickets
	// Messages are what a customer may say they saw, in every language; none: only the symptoms that
	// rules read may be said.
	Messages diagnosis.Messages
	Keys     *secret.Ring
	// PublicURL is where customers reach Latchkey, without a final slash; SupportLink alone needs it.
	PublicURL string
	Now       func() time.Time
	Policy    Policy
	// Observe is told of each step of the audit trail that was kept, of "blind:<outcome>", and of CappedAll and its
	// like, for metrics and the log.
	Observe func(act string)
	// DeskNotes: the desk takes notes to a ticket that is there.
	DeskNotes bool
	// Queued is called after a delivery was stored, so that it need not wait for the next poll.
	Queued func()
}

// Service is the rules of a case. Its methods are safe for concurrent use; a Visitor is not.
type Service struct {
	Deps
	checks  checkPoint    // where CheckOutcomes goes on
	reports chan struct{} // held by the one that is counted
}

// New returns a service over its dependencies.
func New(d Deps) *Service {
	if d.Observe == nil {
		d.Observe = func(string) {}
	}
	if d.Queued == nil {
		d.Queued = func() {}
	}
	d.Store = watched{d.Store, d.Observe}
	return &Service{Deps: d, reports: make(chan struct{}, 1)}
}

// The entries of the audit trail. Those a browser makes are also its case's LastAct.
const (
	ActArrived       = "arrived" // by a link; the detail is the entry and the ticket
	ActStarted       = "started"
	ActResent        = "resent"
	ActProven        = "proven"
	ActExplained     = "explained"
	ActLookedAt      = "looked-at"
	ActSaid          = "said" // the detail is a diagnosis.Symptom, SaidNothing among them
	ActSignedIn      = "signed-in"
	ActSignInMailed  = "sign-in-mailed"
	ActConfirmMailed = "confirmation-mailed"
	ActConfirmed     = "confirmed"
	ActOtherAsked    = "other-address-asked"
	ActToIdentity    = "identity-asked"   // went to the identity provider to sign in
	ActOwnIdentity   = "identity-proven"  // and came back as the owner of an identity
	ActNoIdentity    = "identity-refused" // and came back without; the detail says why
	ActGotIn         = "got-in"           // said so
	ActNotIn         = "not-in"
	ActHandedOff     = "handed-off"
	ActTicketMade    = "ticket-made" // the desk took the hand-off; the detail is its own number
	ActStopped       = "stopped"
	ActStopLifted    = "stop-lifted"
	ActDisowned      = "disowned"
	ActPortalFailed  = "portal-failed"
	ActWrongCode     = "wrong-code"
	ActErased        = "erased"
)

// milestones are what a step reaches.
var milestones = map[string][]Milestone{
	ActProven:        {MilestoneProven},
	ActExplained:     {MilestoneExplained},
	ActSignInMailed:  {MilestoneActed},
	ActConfirmMailed: {MilestoneActed},
	ActConfirmed:     {MilestoneActed},
	ActOtherAsked:    {MilestoneActed},
	ActSignedIn:      {MilestoneActed, MilestoneSignedIn},
	ActGotIn:         {MilestoneGotIn},
	ActNotIn:         {MilestoneNotIn},
	ActHandedOff:     {MilestoneActed, MilestoneHandedOff},
}

// act records a step that this browser took: it is the case's last act from now on.
func (s *Service) act(ctx context.Context, tx Tx, c *Case, act, detail string) error {
	c.LastAct = act
	for _, m := range milestones[act] {
		c.Milestones.reach(m, s.Now())
	}
	if err := tx.UpdateCase(ctx, *c); err != nil {
		return err
	}
	return s.record(ctx, tx, *c, act, detail)
}

// audit records a step without moving the browser that the case belongs to.
func (s *Service) audit(ctx context.Context, tx Tx, c Case, act, detail string) error {
	for _, m := range milestones[act] {
		if err := tx.Mark(ctx, c.ID, m, s.Now()); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, c, act, detail)
}

// record writes a step down, for who reads of the case and for the ticket that it is bound to.
func (s *Service) record(ctx context.Context, tx Tx, c Case, act, detail string) error {
	if o, ends := endingOf[act]; ends {
		if err := s.NoteEnding(ctx, tx, c, o); err != nil {
			return err
		}
	}
	return tx.PutAudit(ctx, AuditEntry{
		At: s.Now(), Reference: c.Reference, Act: act, AddressHash: c.AddressHash, Detail: detail,
	})
}

// lock keeps everybody else from changing a case until the transaction ends: reading its deliveries does (Tx).
func lock(ctx context.Context, tx Tx, caseID string) error {
	_, err := tx.Deliveries(ctx, caseID)
	return err
}

// lockedCase is the case as it is now, locked.
func lockedCase(ctx context.Context, tx Tx, id string) (Case, error) {
	if err := lock(ctx, tx, id); err != nil {
		return Case{}, err
	}
	return tx.Case(ctx, id)
}

// openCase is lockedCase for what is done in a case. ErrCaseEnded.
func openCase(ctx context.Context, tx Tx, id string) (Case, error) {
	c, err := lockedCase(ctx, tx, id)
	if err == nil && !c.Open() {
		err = ErrCaseEnded
	}
	return c, err
}

// hash is the keyed hash of an address in its canonical form; of the bytes themselves where a portal
// stores something that is no address.
func (s *Service) hash(stored string) string {
	a, err := account.ParseAddress(stored)
	if err != nil {
		return s.Keys.HashAddress(stored)
	}
	return s.Keys.HashAddress(a.Canonical())
}
