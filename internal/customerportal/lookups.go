package customerportal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"latchkey/internal/account"
)

// MaxSimilar is the most accounts that a look-up of similar addresses may give (R2).
const MaxSimilar = 3

var (
	errOtherAddress  = errors.New("an account with another address than the one asked for")
	errOtherIdentity = errors.New("an account with another identity than the one asked for")
	errOtherDomain   = errors.New("an account at another domain than the one asked for")
	errTwice         = errors.New("the same account twice")
	errRelation      = errors.New("a billing account with another relation than the one asked for")
	errInvitation    = errors.New("an invitation without a known state")
)

// AccountsByEmail finds the accounts whose own address is address.
func (c *Client) AccountsByEmail(ctx context.Context, address account.Address) ([]account.Account, error) {
	return c.accounts(ctx, OpAccountsByEmail, "email", address.String(), func(a account.Account) error {
		if !a.At(address) {
			return errOtherAddress
		}
		return nil
	})
}

// AccountsByIdentityEmail finds the accounts linked to an identity whose current email is address.
// Whether the identity has verified it is told by each account.
func (c *Client) AccountsByIdentityEmail(ctx context.Context, address account.Address) ([]account.Account, error) {
	return c.accounts(ctx, OpAccountsByIdentityEmail, "identity_email", address.String(), func(a account.Account) error {
		if a.Identity == nil || !address.Is(a.Identity.Email) {
			return errOtherIdentity
		}
		return nil
	})
}

// AccountsByIdentitySubject finds the accounts linked to the identity.
func (c *Client) AccountsByIdentitySubject(ctx context.Context, subject string) ([]account.Account, error) {
	return c.accounts(ctx, OpAccountsByIdentitySubject, "identity_subject", subject, func(a account.Account) error {
		if a.Identity == nil || a.Identity.Subject != subject {
			return errOtherIdentity
		}
		return nil
	})
}

// AccountsSimilarTo finds at most MaxSimilar accounts at the same domain whose address is nearly address, the nearest
// first. Of a portal that gives more they are the first.
func (c *Client) AccountsSimilarTo(ctx context.Context, address account.Address) ([]account.Account, error) {
	found, err := c.accounts(ctx, OpAccountsSimilarTo, "similar_to", address.String(), func(a account.Account) error {
		own, err := account.ParseAddress(a.Email)
		if err != nil || own.Domain() != address.Domain() {
			return errOtherDomain
		}
		return nil
	})
	return found[:min(len(found), MaxSimilar)], err
}

// accounts asks with one parameter and lets through only accounts that answer the question.
func (c *Client) accounts(ctx context.Context, op Op, parameter, value string, fits func(account.Account) error) ([]account.Account, error) {
	var answer Accounts
	var found []account.Account
	err := c.call(ctx, request{
		op: op, method: http.MethodGet, path: "/v1/accounts", query: url.Values{parameter: {value}},
		status: []int{http.StatusOK}, into: &answer,
		check: func() (err error) {
			found, err = plain(answer.Accounts, fits)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// plain turns the accounts of an answer into plain data, all of them or none.
func plain(wire []Account, fits func(account.Account) error) ([]account.Account, error) {
	found := make([]account.Account, 0, len(wire))
	seen := map[string]bool{}
	for n, w := range wire {
		a, err := w.account()
		if err == nil {
			err = fits(a)
		}
		if err == nil && seen[a.ID] {
			err = errTwice
		}
		if err != nil {
			return nil, fmt.Errorf("account %d of the answer: %w", n+1, err)
		}
		seen[a.ID] = true
		found = append(found, a)
	}
	return found, nil
}

// BillingAccountsByContact finds the billing accounts of which address is the Sold To or Bill To contact.
func (c *Client) BillingAccountsByContact(ctx context.Context, address account.Address) ([]account.BillingRelation, error) {
	return c.billing(ctx, OpBillingByContact, "contact_email", address)
}

// BillingAccountsByInvitation finds the billing accounts that address was invited to.
func (c *Client) BillingAccountsByInvitation(ctx context.Context, address account.Address) ([]account.BillingRelation, error) {
	return c.billing(ctx, OpBillingByInvitation, "invited_email", address)
}

func (c *Client) billing(ctx context.Context, op Op, parameter string, address account.Address) ([]account.BillingRelation, error) {
	var answer BillingAccounts
	err := c.call(ctx, request{
		op: op, method: http.MethodGet, path: "/v1/billing-accounts", query: url.Values{parameter: {address.String()}},
		status: []int{http.StatusOK}, into: &answer, check: func() error { return answer.usable(op) },
	})
	if err != nil {
		return nil, err
	}
	found := make([]account.BillingRelation, 0, len(answer.BillingAccounts))
	for _, b := range answer.BillingAccounts {
		r := account.BillingRelation{ID: b.ID, Relation: b.Relation, CreatedAt: b.CreatedAt.UTC()}
		if b.InvitationState != nil {
			r.InvitationState = *b.InvitationState
		}
		found = append(found, r)
	}
	return found, nil
}

// usable checks that every relation answers the question: a contact for a contact's address, an invitation
// in a known state for an invited one.
func (b BillingAccounts) usable(op Op) error {
	for _, one := range b.BillingAccounts {
		invited := one.Relation == account.RelationInvited
		contact := one.Relation == account.RelationSoldTo || one.Relation == account.RelationBillTo
		switch {
		case !validID(one.ID):
			return errID
		case op == OpBillingByContact && !contact, op == OpBillingByInvitation && !invited:
			return errRelation
		case invited && (one.InvitationState == nil || !invitationState(*one.InvitationState)):
			return errInvitation
		}
	}
	return nil
}

func invitationState(s string) bool {
	return s == account.InvitationOpen || s == account.InvitationAccepted || s == account.InvitationExpired
}

// Healthy reports whether the portal answers and takes the token. A page is no such answer: a site whose API is
// elsewhere often has one for every path.
func (c *Client) Healthy(ctx context.Context) error {
	return c.call(ctx, request{
		op: OpHealth, method: http.MethodGet, path: "/v1/healthz", status: []int{http.StatusOK}, into: &struct{}{},
	})
}
