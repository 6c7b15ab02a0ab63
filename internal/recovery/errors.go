package recovery

import "errors"

// What a step can answer besides success. The HTTP edge has one sentence and one status for each.
var (
	// ErrNoCase: this browser has no open case, or none that the step fits. The dispatcher decides.
	ErrNoCase = errors.New("recovery: no open case for this step")
	// ErrOvertaken: another request of the same browser has ended its session, or proven something in it, while
	// this one was under way. Nothing of it was kept; what the browser has by now, its cookie says.
	ErrOvertaken = errors.New("recovery: overtaken by another request of the browser")
	// ErrNotProven: the step needs a proof that this browser does not hold, or no longer.
	ErrNotProven = errors.New("recovery: address not proven by this browser")
	// ErrWrongCode: wrong, expired, used, tried too often, or codes are locked for the address today.
	// Which of them is not told: a tab that asked for somebody else's mailbox learns nothing from it.
	ErrWrongCode = errors.New("recovery: code wrong, expired or used")
	// ErrCodeForm: not eight digits; nothing was compared and no try counted.
	ErrCodeForm = errors.New("recovery: not eight digits")
	// ErrLinkDead: wrong, expired or used; which of them is not told.
	ErrLinkDead = errors.New("recovery: link wrong, expired or used")
	// ErrOtherAddress: the address typed is not the one that the link was mailed to.
	ErrOtherAddress = errors.New("recovery: not the address this link was mailed to")
	// ErrIdentityState: the browser comes back from a sign-in that it did not begin, that took too long, or
	// that was finished already.
	ErrIdentityState = errors.New("recovery: no such sign-in at the identity provider under way")
	// ErrIdentityDenied: the customer said no at the identity provider.
	ErrIdentityDenied = errors.New("recovery: sign-in at the identity provider declined")
	// ErrInProgress: the same button was pressed a moment ago and is being worked on.
	ErrInProgress = errors.New("recovery: already in progress")
	// ErrNotAllowed: the situation does not permit the action for this account.
	ErrNotAllowed = errors.New("recovery: action not allowed here")
	// ErrTooManyMails: the case has had all the mail it gets after proof (R10).
	ErrTooManyMails = errors.New("recovery: no more mail in this case")
	// ErrTooManySteps: more was done in the case today than a person does.
	ErrTooManySteps = errors.New("recovery: no more steps in this case today")
	// ErrTooManyHandOffs: the address or the network has handed off enough today (R10).
	ErrTooManyHandOffs = errors.New("recovery: no more hand-offs today")
	// ErrStore: the database cannot be asked, or has no room. Nothing of the step was kept.
	ErrStore = errors.New("recovery: the database does not answer")
	// ErrNoMessage: a hand-off needs a few words from the customer.
	ErrNoMessage = errors.New("recovery: hand-off without a message")
	// ErrMessageTooLong: see MaxMessageRunes.
	ErrMessageTooLong = errors.New("recovery: message too long")
)

// MaxMessageRunes is the longest message of a hand-off, in characters: in most scripts of three bytes a
// character it still fits, URL-encoded, into the 16 KB of a form (R13).
const MaxMessageRunes = 1500
