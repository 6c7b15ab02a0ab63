package recovery

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"latchkey/internal/secret"
)

// Session loads the session of a cookie's value, "" for none. A value without a live row, and one whose way
// of signing in is no longer configured, gives a session that is only a cookie.
func (a *Agents) Session(ctx context.Context, cookie string) (*AgentSession, error) {
	id, seed, ok := splitCookie(cookie)
	if !ok {
		return freshAgentSession(), nil
	}
	onlyCookie := &AgentSession{IDHash: secret.HashID(id), FormSeed: seed}
	found, err := a.service.Store.AgentSession(ctx, onlyCookie.IDHash, a.service.Now())
	switch {
	case errors.Is(err, ErrNotFound):
		return onlyCookie, nil
	case err != nil:
		return nil, err
	case found.Who != "" && !a.stands(found.Way):
		return onlyCookie, nil
	}
	found.FormSeed = seed
	return &found, a.touch(ctx, &found)
}

func freshAgentSession() *AgentSession {
	id, seed := secret.NewCookieID(), secret.NewID()
	return &AgentSession{IDHash: secret.HashID(id), FormSeed: seed, NewCookie: id + "." + seed}
}

// touch moves the idle end of a session that is in use.
func (a *Agents) touch(ctx context.Context, s *AgentSession) error {
	now := a.service.Now()
	if s.Who == "" || now.Sub(s.SeenAt) < touchEvery(a.deps.Policy.SessionIdle) {
		return nil
	}
	s.SeenAt, s.ExpiresAt = now, a.end(s.CreatedAt, now)
	return a.service.Store.Update(ctx, func(tx Tx) (err error) {
		s.Stored, err = tx.TouchAgentSession(ctx, s.IDHash, s.SeenAt, s.ExpiresAt) // false: signed out in another tab meanwhile
		return err
	})
}

// end is when a session ends that was made and seen at these moments.
func (a *Agents) end(made, seen time.Time) time.Time {
	idle, most := seen.Add(a.deps.Policy.SessionIdle), made.Add(a.deps.Policy.SessionMax)
	if most.Before(idle) {
		return most
	}
	return idle
}

// byToken and byProvider are what a sign-in stands on.
func (a *Agents) byToken() string { return a.service.Keys.HashLimit("console-token", a.deps.Token) }

func (a *Agents) byProvider() string {
	parts := append([]string{a.deps.Provider.Issuer()}, a.deps.Groups...)
	return a.service.Keys.HashLimit("console-provider", strings.Join(parts, "\n"))
}

// stands reports whether what a session stood on is still configured.
func (a *Agents) stands(way string) bool {
	return (a.ByToken() && way == a.byToken()) || (a.ByProvider() && way == a.byProvider())
}

// BeginSignIn is where this browser signs in at the provider. Only this browser can come back from it, once and
// within AgentPolicy.SignInFor; back is the reference of the case to go to then, or nothing. ErrNotAllowed where
// no provider is configured, ErrIdentityProvider.
func (a *Agents) BeginSignIn(ctx context.Context, v *AgentVisitor, back string) (string, error) {
	if !a.ByProvider() {
		return "", ErrNotAllowed
	}
	now := a.service.Now()
	s := *v.Session
	s.Who, s.Way, s.Sought = "", "", ""
	s.KeyID, s.RequestID = a.service.Keys.CurrentKey(), secret.NewID()
	s.CreatedAt, s.SeenAt, s.ExpiresAt = now, now, now.Add(a.deps.Policy.SignInFor)
	s.Back, _ = secret.ParseReference(back)
	ctx, cancel := context.WithTimeout(ctx, a.service.Policy.PortalTimeout)
	defer cancel()
	secrets, err := a.secrets(&s)
	if err != nil {
		return "", err
	}
	to, err := a.deps.Provider.SignInURL(ctx, secrets)
	if err != nil {
		return "", err
	}
	return to, a.service.Store.Update(ctx, func(tx Tx) error { return tx.PutAgentSession(ctx, s) })
}

// secrets derives what a sign-in hangs on, as that of a customer does.
func (a *Agents) secrets(s *AgentSession) (IdentitySecrets, error) {
	return a.service.identitySecrets(IdentityRequest{ID: s.RequestID, KeyID: s.KeyID})
}

// FinishSignIn takes what this browser brings back from the provider. The request is used up before anything
// is asked, so that an answer counts once. On success the session is a new one. It returns the reference to go
// to, or "". ErrIdentityState, ErrIdentityDenied, ErrIdentityProvider, ErrAgentGroup.
func (a *Agents) FinishSignIn(ctx context.Context, v *AgentVisitor, answer IdentityAnswer) (back string, err error) {
	before := *v.Session
	if err := a.useRequest(ctx, &before, answer.State); err != nil {
		return "", err
	}
	who, err := a.redeem(ctx, &before, answer)
	if err != nil {
		return "", err
	}
	if !a.inGroups(who.Groups) {
		return "", errors.Join(ErrAgentGroup, a.refuse(ctx, actor(who.Name, who.Subject), "group"))
	}
	err = a.signIn(ctx, v, actor(who.Name, who.Subject), a.byProvider(), "provider")
	return before.Back, err
}

func (a *Agents) useRequest(ctx context.Context, s *AgentSession, state string) error {
	id, ok := a.service.Keys.ParseRequestToken(state)
	if !ok || !a.ByProvider() || !s.Stored || s.Who != "" || id != s.RequestID {
		return ErrIdentityState
	}
	return a.service.Store.Update(ctx, func(tx Tx) error {
		used, err := tx.UseAgentRequest(ctx, s.IDHash, id, a.service.Now())
		if err == nil && !used {
			return ErrIdentityState
		}
		return err
	})
}

func (a *Agents) redeem(ctx context.Context, s *AgentSession, answer IdentityAnswer) (AgentIdentity, error) {
	if err := answer.check(a.deps.Provider.Issuer()); err != nil {
		return AgentIdentity{}, err
	}
	secrets, err := a.secrets(s)
	if err != nil {
		return AgentIdentity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, a.service.Policy.PortalTimeout)
	defer cancel()
	who, err := a.deps.Provider.RedeemAgent(ctx, answer.Code, secrets)
	if err == nil && who.Subject == "" {
		err = ErrIdentityProvider
	}
	return who, err
}

// refuse writes down that somebody was not let in.
func (a *Agents) refuse(ctx context.Context, who, why string) error {
	return a.service.Store.Update(ctx, func(tx Tx) error {
		return a.write(ctx, tx, who, outside(""), ActAgentRefused, why)
	})
}

// signIn stores a new session in the place of the one before, under a new id and with new form tokens: what
// was known of the browser before is worth nothing after.
func (a *Agents) signIn(ctx context.Context, v *AgentVisitor, who, way, by string) error {
	now := a.service.Now()
	s := freshAgentSession()
	s.Who, s.Way, s.CreatedAt, s.SeenAt, s.ExpiresAt, s.Stored = who, way, now, now, a.end(now, now), true
	err := a.service.Store.Update(ctx, func(tx Tx) error {
		if err := tx.EndAgentSession(ctx, v.Session.IDHash); err != nil {
			return err
		}
		if err := tx.PutAgentSession(ctx, *s); err != nil {
			return err
		}
		return a.write(ctx, tx, who, outside(""), ActAgentSignedIn, by)
	})
	if err == nil {
		v.Session = s
	}
	return err
}

// tokenActor is who signs in by the token, as far as that says; a name is what the agent gives.
const tokenActor = "token"

// SignInByToken lets in who has the console's token. A try is counted before anything is compared, and given
// back if it was right. Nobody is let in without a name, since nothing else would tell agents apart in the trail;
// that is said before the token is looked at. ErrNotAllowed where there is no token, ErrAgentName, ErrAgentTries,
// ErrAgentToken.
func (a *Agents) SignInByToken(ctx context.Context, v *AgentVisitor, token, name string) error {
	if !a.ByToken() {
		return ErrNotAllowed
	}
	who := actor(name, tokenActor)
	if who == tokenActor || !strings.ContainsFunc(name, isLetterOrDigit) {
		return ErrAgentName
	}
	tries := budget{"console-token:" + a.service.Keys.HashLimit("client", v.Client), time.Hour, a.deps.Policy.TokenTries}
	allowed := false
	err := a.service.Store.Update(ctx, func(tx Tx) (err error) {
		allowed, err = a.service.take(ctx, tx, tries)
		return err
	})
	if err != nil {
		return err
	}
	if !allowed {
		return ErrAgentTries
	}
	given := a.service.Keys.HashLimit("console-token", token)
	if subtle.ConstantTimeCompare([]byte(given), []byte(a.byToken())) != 1 {
		return errors.Join(ErrAgentToken, a.refuse(ctx, tokenActor, "token"))
	}
	err = a.service.Store.Update(ctx, func(tx Tx) error { return a.service.count(ctx, tx, -1, tries) })
	if err != nil {
		return err
	}
	return a.signIn(ctx, v, who, a.byToken(), "token")
}

// SignOut ends the session.
func (a *Agents) SignOut(ctx context.Context, v *AgentVisitor) error {
	err := a.step(ctx, v, func(tx Tx) error {
		if err := tx.EndAgentSession(ctx, v.Session.IDHash); err != nil {
			return err
		}
		return a.record(ctx, tx, v, outside(""), ActAgentSignedOut, "")
	})
	if err == nil {
		v.Session = freshAgentSession()
	}
	return err
}
