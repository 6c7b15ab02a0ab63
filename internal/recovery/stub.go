package recovery

import (
	"context"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// SessionByCookie loads the session of a cookie's id; an unknown or expired id, or "", gives a new,
// unstored one with NewID set. It writes nothing.
func (s *Service) SessionByCookie(ctx context.Context, id string) (*Session, error) { panic("stub") }

// EndSession ends this browser's session and its proofs ("start over").
func (s *Service) EndSession(ctx context.Context, v *Visitor) error { panic("stub") }

// Step is a page of the journey.
type Step string

// The steps.
const (
	StepStart      Step = "start"
	StepCheckEmail Step = "check-email"
	StepSituation  Step = "situation"
	StepSupport    Step = "support"
)

// Progress is where a browser stands: its case, its valid proofs.
type Progress struct {
	Case   *Case // nil: none, or no longer open
	Proofs []Proof
}

// Next is the page for this progress: the one dispatcher.
func (p Progress) Next() Step { panic("stub") }

// May reports whether the page may be shown at all (a back button, a second tab).
func (p Progress) May(step Step) bool { panic("stub") }

// Progress loads it.
func (s *Service) Progress(ctx context.Context, v *Visitor) (Progress, error) { panic("stub") }

// Prefill keeps an address from a link server-side (R11).
func (s *Service) Prefill(ctx context.Context, v *Visitor, typed string) error { panic("stub") }

// Start opens or continues this browser's case and queues the proof mail.
func (s *Service) Start(ctx context.Context, v *Visitor, a account.Address) error { panic("stub") }

// Resend is Start with the case's address. ErrNoCase without one.
func (s *Service) Resend(ctx context.Context, v *Visitor) error { panic("stub") }

// Waiting is what /check-email shows.
type Waiting struct {
	Reference string
	Address   string
	State     State
	ChangedAt time.Time // of the state
	CodeUntil time.Time // zero or past: the code has expired
	CanResend bool      // false while a mail is still queued
	Sent      int       // mails asked for in this case to this address
	Proven    bool      // other addresses of this browser are proven: offer the way back to /situation
}

// Waiting loads it. ErrNoCase if this browser has no open case.
func (s *Service) Waiting(ctx context.Context, v *Visitor) (Waiting, error) { panic("stub") }

// EnterCode compares. ErrCodeForm, ErrWrongCode, ErrCodeSpent, ErrCodesLocked, ErrNoCase. On success the session has NewID.
func (s *Service) EnterCode(ctx context.Context, v *Visitor, code string) error { panic("stub") }

// HoldLink keeps a link's challenge for its button and tells its purpose. A link that no longer works
// is held as well where its token is genuine, so that the page can say so; ErrLinkDead otherwise.
func (s *Service) HoldLink(ctx context.Context, v *Visitor, token string) (Purpose, error) {
	panic("stub")
}

// HeldLink is what a link's page shows.
type HeldLink struct {
	Purpose    Purpose
	Reference  string
	AskAddress bool   // the address must be typed: another browser, or stop and disown
	Address    string // where AskAddress is false
}

// HeldLink loads it. ErrLinkDead where none is held or it no longer works.
func (s *Service) HeldLink(ctx context.Context, v *Visitor, purpose Purpose) (HeldLink, error) {
	panic("stub")
}

// ProveByLink uses the held prove link. ErrLinkDead, ErrOtherAddress.
func (s *Service) ProveByLink(ctx context.Context, v *Visitor, typed string) error { panic("stub") }

// SignInByLink uses the held sign-in link and returns the portal's one-time URL. ErrLinkDead,
// ErrOtherAddress, ErrInProgress, ErrNotAllowed, ErrPortal (the link still works then).
func (s *Service) SignInByLink(ctx context.Context, v *Visitor, typed string) (string, error) {
	panic("stub")
}

// ConfirmByLink is the same for a confirmation.
func (s *Service) ConfirmByLink(ctx context.Context, v *Visitor, typed string) (string, error) {
	panic("stub")
}

// StopByLink stops proof and blind mail to the address.
func (s *Service) StopByLink(ctx context.Context, v *Visitor, typed string) error { panic("stub") }

// DisownByLink ends the case's sessions and challenges and files a hand-off.
func (s *Service) DisownByLink(ctx context.Context, v *Visitor, typed string) error { panic("stub") }

// Mailed is the newest mail of a kind about an account in this case.
type Mailed struct {
	Kind      Kind
	AccountID string
	State     State
	At        time.Time
}

// Diagnosis is what /situation shows.
type Diagnosis struct {
	Case              Case
	Address           string   // the proven address that is looked at
	Others            []string // further addresses this browser has proven, for LookAt
	Report            diagnosis.Report
	Mailed            []Mailed
	OtherAddressAsked bool // mail-other-address was pressed
	HandedOff         bool
}

// Diagnose asks the portal and finds the situations. ErrNoCase, ErrNotProven; a portal that fails gives
// an incomplete report and no error.
func (s *Service) Diagnose(ctx context.Context, v *Visitor) (Diagnosis, error) { panic("stub") }

// LookAt makes another address that this browser has proven the one looked at.
func (s *Service) LookAt(ctx context.Context, v *Visitor, address string) error { panic("stub") }

// SignInNow returns the portal's one-time URL. ErrNotProven, ErrNotAllowed, ErrInProgress, ErrPortal.
func (s *Service) SignInNow(ctx context.Context, v *Visitor, accountID string) (string, error) {
	panic("stub")
}

// EmailSignInLink mails a one-time link to the account's address. ErrNotProven, ErrNotAllowed, ErrPortal, ErrTooManyMails.
func (s *Service) EmailSignInLink(ctx context.Context, v *Visitor, accountID string) error {
	panic("stub")
}

// ResendConfirmation mails the confirmation to the account's address. Errors as EmailSignInLink.
func (s *Service) ResendConfirmation(ctx context.Context, v *Visitor, accountID string) error {
	panic("stub")
}

// MailOtherAddress stores the job that mails the other address blindly (R2). ErrNotProven, ErrNotAllowed.
func (s *Service) MailOtherAddress(ctx context.Context, v *Visitor) error { panic("stub") }

// HandOffView is what /support shows.
type HandOffView struct {
	Diagnosis
	Filed *HandOff // nil: not yet
}

// HandOffView loads it.
func (s *Service) HandOffView(ctx context.Context, v *Visitor) (HandOffView, error) { panic("stub") }

// HandOff files the case with support, once. ErrNotProven, ErrNoMessage, ErrMessageTooLong, ErrTooManyHandOffs.
func (s *Service) HandOff(ctx context.Context, v *Visitor, message string) error { panic("stub") }

// FindOthers runs a find-other job (R2): asks the portal for similar addresses and queues the blind mails.
func (s *Service) FindOthers(ctx context.Context, job Job) error { panic("stub") }

// Sweep removes what is past its retention, in batches; it returns how many rows went.
func (s *Service) Sweep(ctx context.Context) (int, error) { panic("stub") }

// Erase removes a person (R12).
func (s *Service) Erase(ctx context.Context, a account.Address) (int, error) { panic("stub") }
