package recovery

import (
	"context"
	"errors"
	"fmt"

	"latchkey/internal/account"
	"latchkey/internal/secret"
)

// IdentityAnswer is what a browser brings back from the identity provider.
type IdentityAnswer struct {
	State  string
	Code   string
	Error  string // a code of RFC 6749, such as access_denied; "" for none
	Issuer string // RFC 9207; "" where the provider does not say
}

// check reports what is wrong with an answer that has to be of issuer, before anything is asked by its code.
// ErrIdentityDenied, ErrIdentityProvider.
func (a IdentityAnswer) check(issuer string) error {
	switch {
	case a.Error == "access_denied":
		return ErrIdentityDenied
	case a.Error != "", a.Code == "", a.Issuer != "" && a.Issuer != issuer:
		return ErrIdentityProvider
	}
	return nil
}

// BeginIdentity is where this browser signs in to its identity. Only this browser can come back from it,
// once and within Policy.IdentityFor. ErrNotAllowed where no identity provider is configured, ErrNoCase,
// ErrNotProven, ErrIdentityProvider, ErrTooManySteps.
func (s *Service) BeginIdentity(ctx context.Context, v *Visitor) (string, error) {
	if s.IdentityProvider == nil {
		return "", ErrNotAllowed
	}
	p, proof, err := withProof(s.Progress(ctx, v))
	if err != nil {
		return "", err
	}
	now := s.Now()
	r := IdentityRequest{
		ID: secret.NewID(), KeyID: s.Keys.CurrentKey(), Lineage: v.Session.Lineage, CaseID: p.Case.ID,
		CreatedAt: now, ExpiresAt: now.Add(s.Policy.IdentityFor),
	}
	to, err := s.signInURL(ctx, r)
	if err != nil {
		return "", err
	}
	return to, s.acting(ctx, v, func(tx Tx) error {
		if err := s.mayStep(ctx, tx, p.Case.ID); err != nil {
			return err
		}
		if err := tx.InsertIdentityRequest(ctx, r); err != nil {
			return err
		}
		return s.act(ctx, tx, p.lookingAt(proof), ActToIdentity, s.IdentityProvider.Issuer())
	})
}

// signInURL asks the provider, and refuses a URL that leads anywhere else (R7).
func (s *Service) signInURL(ctx context.Context, r IdentityRequest) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Policy.PortalTimeout)
	defer cancel()
	secrets, err := s.identitySecrets(r)
	if err != nil {
		return "", err
	}
	to, err := s.IdentityProvider.SignInURL(ctx, secrets)
	if err == nil && !s.Policy.SignInAllowed(to) {
		return "", fmt.Errorf("%w: its sign-in URL leads neither to the issuer nor to one of --oidc-origins", ErrIdentityProvider)
	}
	return to, err
}

// identitySecrets derives what a sign-in hangs on from its request.
func (s *Service) identitySecrets(r IdentityRequest) (IdentitySecrets, error) {
	state, err := s.Keys.RequestToken(r.KeyID, r.ID)
	if err != nil {
		return IdentitySecrets{}, err
	}
	nonce, err := s.Keys.RequestSecret(r.KeyID, r.ID, "nonce")
	if err != nil {
		return IdentitySecrets{}, err
	}
	verifier, err := s.Keys.RequestSecret(r.KeyID, r.ID, "verifier")
	return IdentitySecrets{State: state, Nonce: nonce, Verifier: verifier}, err
}

// ProveIdentity takes what this browser brings back: that it signed in to an identity, which is then shown
// to be the customer's. It proves no mailbox. The request is used up before anything is asked, so that an
// answer counts once; if the provider does not confirm it, nothing is lost but the attempt. On success the
// session has a new cookie. ErrIdentityState, ErrIdentityDenied, ErrIdentityProvider, ErrNoCase.
func (s *Service) ProveIdentity(ctx context.Context, v *Visitor, a IdentityAnswer) error {
	r, err := s.useRequest(ctx, v, a.State)
	if err != nil {
		return err
	}
	own, err := s.redeem(ctx, r, a)
	if err != nil {
		return errors.Join(err, s.noIdentity(ctx, v, err))
	}
	return s.keepIdentity(ctx, v, r, own)
}

// useRequest finds the request of a state and uses it up. What no request of this session is says nothing
// about why.
func (s *Service) useRequest(ctx context.Context, v *Visitor, state string) (IdentityRequest, error) {
	id, ok := s.Keys.ParseRequestToken(state)
	if !ok || s.IdentityProvider == nil || !v.Session.Stored() {
		return IdentityRequest{}, ErrIdentityState
	}
	r, err := s.Store.IdentityRequest(ctx, id)
	if errors.Is(err, ErrNotFound) || (err == nil && r.Lineage != v.Session.Lineage) {
		return r, ErrIdentityState
	}
	if err != nil {
		return r, err
	}
	return r, s.Store.Update(ctx, func(tx Tx) error {
		used, err := tx.UseIdentityRequest(ctx, r.ID, s.Now())
		if err == nil && !used {
			return ErrIdentityState
		}
		return err
	})
}

func (s *Service) redeem(ctx context.Context, r IdentityRequest, a IdentityAnswer) (account.Identity, error) {
	if err := a.check(s.IdentityProvider.Issuer()); err != nil {
		return account.Identity{}, err
	}
	secrets, err := s.identitySecrets(r)
	if err != nil {
		return account.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Policy.PortalTimeout)
	defer cancel()
	own, err := s.IdentityProvider.Redeem(ctx, a.Code, secrets)
	if err == nil && (own.Provider == "" || own.Subject == "") {
		err = ErrIdentityProvider
	}
	return own, err
}

// noIdentity notes that the customer came back without.
func (s *Service) noIdentity(ctx context.Context, v *Visitor, why error) error {
	detail := "not confirmed"
	if errors.Is(why, ErrIdentityDenied) {
		detail = "declined"
	}
	ctx = context.WithoutCancel(ctx)
	return s.Store.Update(ctx, func(tx Tx) error {
		p, err := s.progress(ctx, tx, v)
		if err != nil || p.Case == nil {
			return err
		}
		return s.audit(ctx, tx, *p.Case, ActNoIdentity, detail)
	})
}

// keepIdentity stores that the identity is the customer's, under a new session id. The session may have
// ended meanwhile: the sign-in took its time.
func (s *Service) keepIdentity(ctx context.Context, v *Visitor, of IdentityRequest, own account.Identity) error {
	return s.update(ctx, v, func(tx Tx) error {
		if v.Session.Lineage != of.Lineage {
			return ErrIdentityState
		}
		p, err := s.progress(ctx, tx, v)
		if err != nil {
			return err
		}
		if p.Case == nil {
			return ErrNoCase
		}
		s.renewID(v.Session)
		if err := s.saveSession(ctx, tx, v); err != nil {
			return err
		}
		// The session is another now, and the proof of the mailbox may have lapsed.
		if p, _, err = withProof(s.progress(ctx, tx, v)); err != nil {
			return err
		}
		if err := tx.PutIdentityProof(ctx, s.identityProof(own, v.Session.Lineage, p)); err != nil {
			return err
		}
		return s.act(ctx, tx, p.Case, ActOwnIdentity, s.IdentityProvider.Issuer())
	})
}

// identityProof keeps an email only where it is verified: any other may be a stranger's. It ends with the mailbox
// proofs that it stands beside: who proves another one later on may be somebody else (R2).
func (s *Service) identityProof(own account.Identity, lineage string, beside Progress) IdentityProof {
	now := s.Now()
	p := IdentityProof{
		Lineage: lineage, Provider: own.Provider, Subject: own.Subject, Issuer: s.IdentityProvider.Issuer(),
		CaseID: beside.Case.ID, At: now, SeenAt: now, ExpiresAt: beside.ends(),
	}
	if a, err := account.ParseAddress(own.Email); err == nil && own.EmailVerified {
		p.Email, p.EmailHash = own.Email, s.Keys.HashAddress(a.Canonical())
	}
	return p
}
