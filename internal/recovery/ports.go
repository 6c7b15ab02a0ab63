package recovery

import (
	"context"
	"errors"
	"time"

	"latchkey/internal/account"
)

// ErrNotFound is returned by look-ups of the Store for what is not there.
var ErrNotFound = errors.New("recovery: not found")

// Store keeps everything. Its methods are safe for concurrent use; times are kept to the millisecond, in
// UTC, and a zero time is kept as "none".
type Store interface {
	Reader
	// Update runs fn in one transaction that holds all of its writes or, if fn returns an error, none.
	// fn does no other I/O, uses only tx, and may share a commit with others. It may be run again where
	// another transaction was in its way, so what it sets outside itself it sets anew each time.
	// Conditional writes of Tx are atomic against every other transaction.
	Update(ctx context.Context, fn func(tx Tx) error) error
	// UpdateTogether is Update for an fn that touches no rows but those it makes and counters. Functions that
	// come close together may run side by side, see each other's writes and be run again together; two of one
	// session or of one first counter never do. An fn that is slow keeps the others waiting. ErrSessionTaken where the
	// session has a row.
	UpdateTogether(ctx context.Context, shared Shared, fn func(tx Tx) error) error
	Queue
	QueueReader
	Outcomes
	ReportReader
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	Close() error
}

// Shared is what an fn of UpdateTogether touches that another may touch as well.
type Shared struct {
	Session  string    // the IDHash of the session that it makes; "" for none
	Counters [2]string // those in which it counts by CountBoth, in that order
}

// Reader looks things up. Every single look-up returns ErrNotFound where there is nothing.
type Reader interface {
	IdentityReader
	AgentReader
	// SessionByID finds a session by the SHA-256 of its cookie's id; expired ones are not found.
	SessionByID(ctx context.Context, idHash string, now time.Time) (Session, error)
	Case(ctx context.Context, id string) (Case, error)
	CaseByReference(ctx context.Context, reference string) (Case, error)
	Challenge(ctx context.Context, id string) (Challenge, error)
	// CaseChallenges are those of a case, oldest first.
	CaseChallenges(ctx context.Context, caseID string) ([]Challenge, error)
	// Proofs are those of a session that are not past their absolute end, newest first.
	Proofs(ctx context.Context, lineage string, now time.Time) ([]Proof, error)
	// CaseAndProofs is Case and Proofs in one look.
	CaseAndProofs(ctx context.Context, id, lineage string, now time.Time) (Case, []Proof, error)
	// CaseProofs are all proofs ever made in a case that are still stored, oldest first.
	CaseProofs(ctx context.Context, caseID string) ([]Proof, error)
	// ProvenAddresses are the mailboxes proven in a case, however long ago.
	ProvenAddresses(ctx context.Context, c Case) ([]ProvenAddress, error)
	// Deliveries are those of a case, newest first.
	Deliveries(ctx context.Context, caseID string) ([]Delivery, error)
	// HandOff returns the case's hand-off of that kind.
	HandOff(ctx context.Context, caseID string, kind HandOffKind) (HandOff, error)
	Found(ctx context.Context, caseID string) ([]FoundRecord, error)
	Audit(ctx context.Context, reference string) ([]AuditEntry, error)
	// Stopped reports whether the mailbox asked for no more mail until after now.
	Stopped(ctx context.Context, addressHash string, now time.Time) (bool, error)
	// Counted sums a counter over the buckets that start after from.
	Counted(ctx context.Context, key string, from time.Time) (int, error)
	// CodeSpent is Stopped and Counted in one look.
	CodeSpent(ctx context.Context, addressHash string, now time.Time, key string, from time.Time) (
		stopped bool, n int, err error)
	// MailSpent is Stopped and what the counters of a mail hold, in one look.
	MailSpent(ctx context.Context, of MailSums) (MailSpent, error)
	// Seals are those of the address keys that this database has been used with, the first first.
	Seals(ctx context.Context) ([]string, error)
}

// MailSums names what MailSpent sums.
type MailSums struct {
	AddressHash string
	Now         time.Time

	All, Network, Mailbox string    // the counters
	Hour, Day             time.Time // as from is for Counted

	// The network's share of the mailbox is in the buckets that lie Slot after a multiple of Slice.
	Slice, Slot time.Duration
}

// MailSpent is what MailSums sums: the mails of all and of the network within the hour, those of the mailbox
// and the network's share of them within hour and day.
type MailSpent struct {
	Stopped                 bool
	All, Network            int
	MailboxHour, MailboxDay int
	ShareHour, ShareDay     int
}

// Tx is one transaction of the Store. From the moment that it has read the deliveries of a case, no other
// transaction changes what belongs to that case.
type Tx interface {
	Reader
	IdentityWriter
	AgentWriter

	// PutSession inserts a session without a Row, and updates one that has it, by Lineage. An update sets IDHash only
	// where it is another than the Row's. Where another session has the IDHash, or the session's row is gone, is of
	// another case than Row, or is to have a new IDHash and has not the Row's, it or the transaction as a whole fails
	// with ErrSessionTaken.
	PutSession(ctx context.Context, s Session) error
	// TouchSession moves SeenAt and ExpiresAt of a session that has a Row, and leaves all else as it is by now. It
	// fails as PutSession does.
	TouchSession(ctx context.Context, s Session) error
	// EndSession removes the session and its proofs, and reports whether there was one; EndSessions does so for all
	// sessions of a case.
	EndSession(ctx context.Context, lineage string) (bool, error)
	EndSessions(ctx context.Context, caseID string) error

	// InsertCase fails with ErrReferenceTaken if another case has the reference. Or the transaction is run
	// again, once all of it was tried.
	InsertCase(ctx context.Context, c Case) error
	// UpdateCase writes Address, AddressHash, LastAct, Language and, where the case had none, EndedAt and each
	// of the Milestones. ErrNotFound without the case.
	UpdateCase(ctx context.Context, c Case) error

	// Mark sets a milestone of a case; the first time stays.
	Mark(ctx context.Context, caseID string, m Milestone, at time.Time) error
	// CountUnpressed adds n, which may be negative, to the browsers that opened a mailed link of the case
	// without having asked for it and have not pressed its button. The sum is never below zero.
	CountUnpressed(ctx context.Context, caseID string, n int) error

	InsertChallenge(ctx context.Context, c Challenge) error
	// CountTry adds one try to every unexpired prove challenge of the case that has fewer than limit,
	// used or not, and returns those, counted: only they may be compared (R5).
	CountTry(ctx context.Context, caseID string, limit int, now time.Time) ([]Challenge, error)
	// UseChallenge sets used_at; false if it was used already or has expired.
	UseChallenge(ctx context.Context, id string, now time.Time) (bool, error)
	// UseCounted is UseChallenge for one that CountTry has returned unused, by the same clock: from then on no
	// other transaction can use it first.
	UseCounted(ctx context.Context, id string, now time.Time) error
	// ClaimChallenge reserves an unused, unexpired, unclaimed one until a moment; false if it is not so.
	ClaimChallenge(ctx context.Context, id string, now, until time.Time) (bool, error)
	ReleaseChallenge(ctx context.Context, id string) error
	// EndChallenges marks every unused challenge of the case, but for those of the purpose kept, as used.
	EndChallenges(ctx context.Context, caseID string, kept Purpose, now time.Time) error

	// PutProof inserts or replaces by Lineage and AddressHash. TouchProof moves SeenAt.
	PutProof(ctx context.Context, p Proof) error
	TouchProof(ctx context.Context, lineage, addressHash string, seen time.Time) error

	InsertDelivery(ctx context.Context, d Delivery) error
	// FailQueued fails the queued deliveries of the case that carry a challenge, for the reason.
	FailQueued(ctx context.Context, caseID string, reason Reason, now time.Time) error
	// SetState moves a delivery on, by its id, when the mail service reports later. It never moves one
	// back: failed is final, as a server may take a mail and send it back later; delayed follows accepted. News of
	// a delivery that is still queued has overtaken the worker that was sending it, and counts. It returns the kind
	// of the delivery that it moved, "" where it moved none.
	SetState(ctx context.Context, deliveryID string, state State, reason Reason, now time.Time) (moved Kind, err error)

	// InsertHandOff keeps the first of its case and kind; false if there is one already.
	InsertHandOff(ctx context.Context, h HandOff) (bool, error)
	// SetTicket keeps the desk's own number of a hand-off that became a ticket; the first one stays.
	SetTicket(ctx context.Context, caseID string, kind HandOffKind, ticket string) error
	InsertOtherNotice(ctx context.Context, n OtherNotice) error
	// PutFound keeps the first time a situation was found for an account in a case. The first of all is what
	// the case is counted under in a report.
	PutFound(ctx context.Context, f FoundRecord) error
	PutStop(ctx context.Context, addressHash string, until time.Time) error
	LiftStop(ctx context.Context, addressHash string) error
	PutAudit(ctx context.Context, e AuditEntry) error

	// Count adds n to the counter's bucket, which may be swept after expires. n may be negative.
	// A transaction that counts first and sums afterwards cannot be passed by another.
	Count(ctx context.Context, key string, bucket time.Time, n int, expires time.Time) error
	// HoldCounter keeps other transactions from counting in the counter, or holding it, until this one has ended:
	// a sum that comes after it cannot be passed by another. Not for UpdateTogether, whose functions hold it together.
	HoldCounter(ctx context.Context, key string) error
	// CountAside is Count for a counter that everybody counts on. Those who count at once do not wait for each
	// other; a sum in the same transaction does not hold what the others have counted meanwhile.
	CountAside(ctx context.Context, key string, bucket time.Time, n int, expires time.Time) error
	// CountBoth is Count for two different keys. Where n is negative, buckets that hold nothing any more go.
	CountBoth(ctx context.Context, keys [2]string, bucket time.Time, n int, expires time.Time) error
	// Claim reserves a name until a moment; false if it is reserved at now. Release frees it.
	Claim(ctx context.Context, name string, now, until time.Time) (bool, error)
	Release(ctx context.Context, name string) error

	// PutSeal keeps the seal of an address key, and when it came first.
	PutSeal(ctx context.Context, seal string, at time.Time) error

	// Sweep removes at most limit cases past keep, each with all its rows, and at most limit rows of each
	// table that has no case, and returns how many went.
	Sweep(ctx context.Context, now time.Time, keep Retention, limit int) (int, error)
	// Erase removes a person: cases, sessions, proofs, challenges, deliveries, hand-offs and blind mails
	// of the address. Hashes of stops, counters and claims live to their expiry; audit entries keep reference
	// and act and lose the hash. It returns how many cases went.
	Erase(ctx context.Context, addressHash string) (int, error)
}

// ErrReferenceTaken is returned by InsertCase.
var ErrReferenceTaken = errors.New("recovery: reference taken")

// ErrSessionTaken is returned where a session's id is another session's already, or its row is no longer as it was
// found: two requests of one browser came at once.
var ErrSessionTaken = errors.New("recovery: session taken")

// Job is a leased delivery with the rows it names.
type Job struct {
	Delivery  Delivery
	Case      Case
	Challenge *Challenge
	Aside     *Challenge
	HandOff   *HandOff     // for ticket and handed-off the customer's, for disowned the owner's
	Notice    *OtherNotice // for find-other and other-address
	// Proven are the addresses that were proven in the case, for a note on its outcome.
	Proven []string
	// Found is what was found in the case, for such a note, in the order found.
	Found []FoundRecord
}

// Result is what a worker records of a job.
type Result struct {
	State      State
	Reason     Reason
	ProviderID string
	DueAt      time.Time // for StateQueued: the next attempt
}

// Queue is the Store's side of the outbox.
type Queue interface {
	// Lease takes up to n due jobs of a channel for worker until a moment, oldest due first, and counts an
	// attempt of each: one that kills its worker must not be tried for ever as if it were new. Leases that have
	// lapsed are due again. On PostgreSQL it skips locked rows.
	Lease(ctx context.Context, channel Channel, worker string, now, until time.Time, n int) ([]Job, error)
	// Release makes due again what worker holds: at its start, where nobody else has its name and what it
	// held is of a process that was killed.
	Release(ctx context.Context, worker string) error
	// Finish records results by delivery id, for the worker that still holds the lease; others are
	// left alone.
	Finish(ctx context.Context, worker string, now time.Time, results map[string]Result) error
}

// QueueReader is the Store's side of what is told of the queue to who runs Latchkey.
type QueueReader interface {
	// QueueStats counts the mails that wait; oldest is the creation of the oldest, zero if none.
	QueueStats(ctx context.Context) (depth int, oldest time.Time, err error)
	// HandOffStats counts what Lasts and no desk has taken, and what of it was made before a moment.
	HandOffStats(ctx context.Context, before time.Time) (HandOffStats, error)
	// LateHandOffs are the references of up to n of those that were made before a moment, oldest first.
	LateHandOffs(ctx context.Context, before time.Time, n int) ([]string, error)
}

// HandOffStats are the hand-offs, and the notes that one was disowned, that no desk has taken yet.
type HandOffStats struct {
	Waiting int
	Late    int
	Oldest  time.Time // when the oldest of them was made, zero if none
}

// Retention is how long rows stay, from their last change or their expiry.
type Retention struct {
	Cases    time.Duration // with challenges, deliveries, hand-offs and findings
	Sessions time.Duration // past their expiry
	Audit    time.Duration
}

// CustomerPortal is what Latchkey asks of the customer portal. Every method keeps ctx's deadline and
// returns an error that wraps ErrPortal for anything but a usable answer.
type CustomerPortal interface {
	AccountsByEmail(ctx context.Context, address account.Address) ([]account.Account, error)
	AccountsByIdentityEmail(ctx context.Context, address account.Address) ([]account.Account, error)
	// AccountsByIdentitySubject finds the accounts linked to an identity, by the provider's id for it.
	AccountsByIdentitySubject(ctx context.Context, subject string) ([]account.Account, error)
	AccountsSimilarTo(ctx context.Context, address account.Address) ([]account.Account, error)
	// BillingAccountsByContact are those of which address is the Sold To or the Bill To contact.
	BillingAccountsByContact(ctx context.Context, address account.Address) ([]account.BillingRelation, error)
	// BillingAccountsByInvitation are those that address was invited to.
	BillingAccountsByInvitation(ctx context.Context, address account.Address) ([]account.BillingRelation, error)
	// SignInLink asks for a one-time URL. It is never retried.
	SignInLink(ctx context.Context, accountID string) (url string, err error)
	// ConfirmationLink asks for a one-time URL that confirms the account's address. It is never retried.
	ConfirmationLink(ctx context.Context, accountID string) (url string, err error)
	// SendConfirmation has the vendor mail its own confirmation.
	SendConfirmation(ctx context.Context, accountID string) error
}

// ErrPortal is wrapped by every failure of the customer portal.
var ErrPortal = errors.New("customer portal: no usable answer")

// MailLog knows which mails other systems sent.
type MailLog interface {
	// PasswordResets tells when the identity provider's and the portal's mail domains last sent address
	// a password reset, since a moment, and which domain of the former did.
	PasswordResets(ctx context.Context, address account.Address, since time.Time) (account.Resets, error)
}

// Tickets is what the support desk knows of tickets that Latchkey did not make.
type Tickets interface {
	// FirstTicket is when the first ticket came from the address between two moments, those that Latchkey made
	// aside; zero where none came. An error says nothing of whether one did.
	FirstTicket(ctx context.Context, address account.Address, from, until time.Time) (time.Time, error)
}

// Message is a mail, rendered and ready to go, or what a desk makes of it.
type Message struct {
	DeliveryID string
	Kind       Kind
	To         string
	Subject    string
	Text       string
	HTML       string
	ReplyTo    string
	Headers    map[string]string
	Ticket     *Ticket // set for a hand-off
	Note       *Note   // set for a note to a ticket
}

// Sender gets one mail out. A nil error means that the next hop took it and returns the hop's own id. An error is a
// *SendError; any other counts as temporary.
type Sender interface {
	Send(ctx context.Context, m Message) (providerID string, err error)
}

// Mailbox is a Sender whose next hop is the customer's mailbox itself: what it takes is delivered, and
// nothing will be heard of it later.
type Mailbox interface {
	Sender
	IsMailbox()
}

// SendError is a mail that did not go out. Its text holds no address.
type SendError struct {
	Permanent    bool
	Reason       Reason        // for agents, where Permanent, or where the mailbox's own server put the mail off
	RetryAfter   time.Duration // the provider asked for this pause; zero if it did not
	ProviderWide bool          // the provider refuses everyone at the moment
	Err          error
}

func (e *SendError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }
