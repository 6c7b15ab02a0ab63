package dryrun

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// The facts, by which failures are noted.
const (
	factAccounts     = "accounts"
	factLinked       = "linked"
	factIdentities   = "identities"
	factResets       = "resets"
	factContacts     = "contacts"
	factInvitations  = "invitations"
	factSuppressions = "suppressions"
)

// failures are why facts are not known. The texts of such errors hold no address.
type failures struct {
	mu  sync.Mutex
	why map[string][]string
}

func (f *failures) note(fact string, err error) {
	if err == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.why == nil {
		f.why = map[string][]string{}
	}
	if text := err.Error(); !slices.Contains(f.why[fact], text) {
		f.why[fact] = append(f.why[fact], text)
	}
}

func (f *failures) of(fact string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.why[fact], "; ")
}

type notedPortal struct {
	recovery.CustomerPortal
	noted *failures
}

func (p notedPortal) AccountsByEmail(ctx context.Context, a account.Address) ([]account.Account, error) {
	found, err := p.CustomerPortal.AccountsByEmail(ctx, a)
	p.noted.note(factAccounts, err)
	return found, err
}

func (p notedPortal) AccountsByIdentityEmail(ctx context.Context, a account.Address) ([]account.Account, error) {
	found, err := p.CustomerPortal.AccountsByIdentityEmail(ctx, a)
	p.noted.note(factLinked, err)
	return found, err
}

func (p notedPortal) AccountsByIdentitySubject(ctx context.Context, subject string) ([]account.Account, error) {
	found, err := p.CustomerPortal.AccountsByIdentitySubject(ctx, subject)
	p.noted.note(factLinked, err)
	return found, err
}

func (p notedPortal) BillingAccountsByContact(ctx context.Context, a account.Address) ([]account.BillingRelation, error) {
	found, err := p.CustomerPortal.BillingAccountsByContact(ctx, a)
	p.noted.note(factContacts, err)
	return found, err
}

func (p notedPortal) BillingAccountsByInvitation(ctx context.Context, a account.Address) ([]account.BillingRelation, error) {
	found, err := p.CustomerPortal.BillingAccountsByInvitation(ctx, a)
	p.noted.note(factInvitations, err)
	return found, err
}

type notedMailLog struct {
	recovery.MailLog
	noted *failures
}

func (l notedMailLog) PasswordResets(
	ctx context.Context, a account.Address, since time.Time,
) (account.Resets, error) {
	found, err := l.MailLog.PasswordResets(ctx, a, since)
	l.noted.note(factResets, err)
	return found, err
}

type notedSuppressions struct {
	recovery.Suppressions
	noted *failures
}

func (s notedSuppressions) Of(ctx context.Context, address string) ([]account.Suppression, error) {
	lists, err := s.Suppressions.Of(ctx, address)
	s.noted.note(factSuppressions, err)
	return lists, err
}

type notedIdentities struct {
	recovery.Identities
	noted *failures
}

func (i notedIdentities) BySubject(ctx context.Context, subject string) (account.Identity, error) {
	found, err := i.Identities.BySubject(ctx, subject)
	i.noted.note(factIdentities, err)
	return found, err
}

// ByEmail finds nobody for most addresses, which is an answer: then the fact is known, and no failure is looked up.
func (i notedIdentities) ByEmail(ctx context.Context, a account.Address) (account.Identity, error) {
	found, err := i.Identities.ByEmail(ctx, a)
	i.noted.note(factLinked, err)
	return found, err
}
