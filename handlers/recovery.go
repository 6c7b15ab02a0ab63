package handlers

import (
	"context"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// Recovery is what this package asks of recovery.Service, whose comments are the contract.
type Recovery interface {
	SessionByCookie(ctx context.Context, cookie string) (*recovery.Session, error)
	Newcomer(cookie string) (session *recovery.Session, ok bool)
	EndSession(ctx context.Context, v *recovery.Visitor) error
	Progress(ctx context.Context, v *recovery.Visitor) (recovery.Progress, error)

	Arrive(ctx context.Context, v *recovery.Visitor, l recovery.UnsignedLink) error
	OpenSupportLink(ctx context.Context, v *recovery.Visitor, token string) (goesOn bool, err error)
	Pending(session *recovery.Session) bool
	Start(ctx context.Context, v *recovery.Visitor, a account.Address) error
	StartNewcomer(ctx context.Context, v *recovery.Visitor, a account.Address) error
	Resend(ctx context.Context, v *recovery.Visitor) error
	Waiting(ctx context.Context, v *recovery.Visitor) (recovery.Waiting, error)
	EnterCode(ctx context.Context, v *recovery.Visitor, code string) error

	LinkElsewhere(ctx context.Context, token string) (bool, error)
	HoldLink(ctx context.Context, v *recovery.Visitor, token string) (recovery.Purpose, error)
	HeldLink(ctx context.Context, v *recovery.Visitor, p recovery.Purpose) (recovery.HeldLink, error)
	LinkSubject(ctx context.Context, v *recovery.Visitor, p recovery.Purpose) (recovery.Case, error)
	ProveByLink(ctx context.Context, v *recovery.Visitor, typed string) error
	SignInByLink(ctx context.Context, v *recovery.Visitor, typed string) (string, error)
	ConfirmByLink(ctx context.Context, v *recovery.Visitor, typed string) (string, error)
	StopByLink(ctx context.Context, v *recovery.Visitor, typed string) error
	DisownByLink(ctx context.Context, v *recovery.Visitor, typed string) error

	Diagnose(ctx context.Context, v *recovery.Visitor) (recovery.Diagnosis, error)
	LookAt(ctx context.Context, v *recovery.Visitor, address string) error
	SignInNow(ctx context.Context, v *recovery.Visitor, accountID string) (string, error)
	EmailSignInLink(ctx context.Context, v *recovery.Visitor, accountID string) error
	ResendConfirmation(ctx context.Context, v *recovery.Visitor, accountID string) error
	MailOtherAddress(ctx context.Context, v *recovery.Visitor) error
	SayGotIn(ctx context.Context, v *recovery.Visitor, answer recovery.GotIn) error
	Say(ctx context.Context, v *recovery.Visitor, symptom diagnosis.Symptom) error

	BeginIdentity(ctx context.Context, v *recovery.Visitor) (string, error)
	ProveIdentity(ctx context.Context, v *recovery.Visitor, a recovery.IdentityAnswer) error

	HandOffView(ctx context.Context, v *recovery.Visitor) (recovery.HandOffView, error)
	HandOff(ctx context.Context, v *recovery.Visitor, message string) error
}

var _ Recovery = (*recovery.Service)(nil)
