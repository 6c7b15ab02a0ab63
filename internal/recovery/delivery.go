package recovery

import "time"

// Kind is what a delivery is.
type Kind string

// The kinds of delivery.
const (
	KindProve         Kind = "prove"
	KindSignIn        Kind = "sign-in"
	KindConfirm       Kind = "confirm"
	KindSignedIn      Kind = "signed-in"       // notice to the owner of the account's address
	KindHandedOff     Kind = "handed-off"      // the customer's copy of a hand-off, and notice
	KindHandOffNotice Kind = "hand-off-notice" // to who owns an account of the case at another address
	KindTicket        Kind = "ticket"          // the hand-off itself, to support
	KindDisowned      Kind = "disowned"        // the hand-off of "this wasn't me", to support
	KindFindOther     Kind = "find-other"      // not a mail: ask the portal for similar addresses (R2)
	KindOtherAddress  Kind = "other-address"   // the blind mail that find-other leads to

	// Notes to the ticket that a signed support link bound the case to, one for each outcome; that of a case which was
	// disowned goes to the ticket that it became.
	KindNoteSignedIn Kind = "note-" + Kind(EndingSignedIn)
	KindNoteGotIn    Kind = "note-" + Kind(EndingGotIn)
	KindNoteNotIn    Kind = "note-" + Kind(EndingNotIn)
	KindNoteUnknown  Kind = "note-" + Kind(EndingUnknown)
	KindNoteDisowned Kind = "note-" + Kind(EndingDisowned)
)

// HandsOff reports whether a delivery of the kind is a hand-off, which becomes a ticket.
func (k Kind) HandsOff() bool { return k == KindTicket || k == KindDisowned }

// Lasts reports whether a delivery of the kind waits for its desk as long as it takes: a hand-off, and the note that
// whoever asked in a ticket is not to be let in. Queries of hand-offs that no desk has taken name the same kinds.
func (k Kind) Lasts() bool { return k.HandsOff() || k == KindNoteDisowned }

// blind reports whether a delivery of the kind is a blind mail, or the job that leads to some: of its outcome nobody
// is told (R2).
func (k Kind) blind() bool { return k == KindFindOther || k == KindOtherAddress }

// afterProof reports whether a delivery of the kind is a mail that a customer asked for who was proven: a case has
// only so many (R10).
func (k Kind) afterProof() bool { return k == KindSignIn || k == KindConfirm }

// Ending is that of which a delivery of the kind is the note, "" for none.
func (k Kind) Ending() Ending {
	for _, o := range endings {
		if k == o.kind() {
			return o
		}
	}
	return ""
}

// Channel is what a delivery goes out by. Each has a queue of its own, so that one that is away does not
// hold up the other.
type Channel string

// The channels.
const (
	ChannelMail Channel = "mail"
	ChannelDesk Channel = "desk"
)

// Channel says what deliveries of the kind go out by.
func (k Kind) Channel() Channel {
	if k.HandsOff() || k.Ending() != "" {
		return ChannelDesk
	}
	return ChannelMail
}

// State is what is known of a delivery.
type State string

// The states of a delivery.
const (
	StateQueued    State = "queued"
	StateAccepted  State = "accepted"
	StateDelivered State = "delivered"
	StateDelayed   State = "delayed"
	StateFailed    State = "failed"
)

// Reason is why a delivery failed; it is for agents and metrics, and never shown to a customer, to whom
// every failure reads the same (R1).
type Reason string

// The reasons Latchkey itself gives.
const (
	ReasonNone    Reason = ""
	ReasonStopped Reason = "stopped" // the mailbox asked for no more mail
	ReasonCapped  Reason = "capped"  // a limit of R10
	ReasonExpired Reason = "expired" // the challenge expired before the mail went out
	ReasonRefused Reason = "refused" // the mail server or the mail service said no for good
	ReasonGivenUp Reason = "given-up"
	ReasonEnded   Reason = "case-ended"

	ReasonOtherRequester Reason = "other-requester" // the ticket is of somebody who proved nothing here
	ReasonTicketClosed   Reason = "ticket-closed"   // the desk takes no more notes on it
	ReasonNoTicket       Reason = "no-ticket"       // the desk has no such ticket, or hides it
	ReasonNoNotes        Reason = "no-notes"        // the desk takes none
)

// NoNote reports whether it is the ticket, or the kind of desk, that takes no note: nobody puts that right.
func (r Reason) NoNote() bool {
	return r == ReasonOtherRequester || r == ReasonTicketClosed || r == ReasonNoTicket || r == ReasonNoNotes
}

// Delivery is one outgoing mail or job. It carries ids only: the address and all else come from the rows
// they name.
type Delivery struct {
	ID          string // also the left part of its Message-ID, the same on every attempt
	Kind        Kind
	CaseID      string
	ChallengeID string // what the mail's first link does
	AsideID     string // the second link: stop or disown
	NoticeID    string // for find-other and other-address: the row that holds the address
	AccountID   string // the account the mail is about
	Browser     string // of a notice: which did what it tells of, such as "Firefox on Windows"; "" where that is not known
	State       State
	// Refusal is set where the delivery must never be sent. The worker turns it into a failure, so that
	// it takes as long as any other refusal.
	Refusal    Reason
	Reason     Reason
	Attempts   int
	CreatedAt  time.Time
	DueAt      time.Time
	LeasedBy   string
	AcceptedAt time.Time
	ChangedAt  time.Time
	ProviderID string
}

// Told is the state that people are told. What a mailbox's own server put off, for the reason that the delivery has,
// waits in the queue for another try: it is delayed, and nothing on our side holds it up.
func (d Delivery) Told() State {
	if d.State == StateQueued && d.Reason != ReasonNone && d.Kind.Channel() == ChannelMail {
		return StateDelayed
	}
	return d.State
}
