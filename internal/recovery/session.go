package recovery

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"latchkey/internal/secret"
)

// touchEvery keeps reading from writing: a session or proof is marked as seen no more often, and often enough that
// nobody who is there is taken to be idle.
func touchEvery(idle time.Duration) time.Duration { return min(time.Minute, idle/20) }

// SessionByCookie loads the session of a cookie's value, "" for none. A value without a live row gives a
// session that is only a cookie: nothing is stored until a step needs it.
func (s *Service) SessionByCookie(ctx context.Context, cookie string) (*Session, error) {
	id, seed, ok := splitCookie(cookie)
	if !ok {
		return s.freshSession(), nil
	}
	found, err := s.Store.SessionByID(ctx, secret.HashID(id), s.Now())
	if errors.Is(err, ErrNotFound) {
		return s.unstored(id, seed), nil
	}
	if err != nil {
		return nil, err
	}
	found.FormSeed = seed
	return &found, nil
}

// Newcomer is the session of a cookie's value as if it had no row, which few have that come to the start page:
// nothing is looked up. A step that would store it fails with ErrSessionTaken where it has one, or had; then
// SessionByCookie knows. ok is false for a value that is none.
func (s *Service) Newcomer(cookie string) (session *Session, ok bool) {
	id, seed, ok := splitCookie(cookie)
	if !ok {
		return nil, false
	}
	return s.unstored(id, seed), true
}

// splitCookie takes a cookie's value apart into the session's id and the seed of its forms; ok is false for a
// value that is none.
func splitCookie(cookie string) (id, seed string, ok bool) {
	id, seed, _ = strings.Cut(cookie, ".")
	return id, seed, id != "" && seed != ""
}

// unstored is the session of a cookie that has no row.
func (s *Service) unstored(id, seed string) *Session {
	return &Session{Lineage: secret.NewOrderedID(s.Now()), IDHash: secret.HashID(id), FormSeed: seed}
}

func (s *Service) freshSession() *Session {
	id, seed := secret.NewCookieID(), secret.NewID()
	session := s.unstored(id, seed)
	session.NewCookie = id + "." + seed
	return session
}

// renewID gives the session a new id, so that an id known from before a proof is worth nothing after it
// (ASVS 7.2.4). The form token stays: whoever knows it beforehand has planted the cookie, which `__Host-`
// denies to other hosts, and a form of theirs still fails the check of its origin (R8). The caller saves
// the session.
func (s *Service) renewID(session *Session) {
	id := secret.NewCookieID()
	session.IDHash = secret.HashID(id)
	session.NewCookie = id + "." + session.FormSeed
}

// saveSession stores the session in tx. ErrSessionTaken where its row is no longer as it was found.
func (s *Service) saveSession(ctx context.Context, tx Tx, v *Visitor) error {
	now := s.Now()
	if !v.Session.Stored() {
		v.Session.CreatedAt = now
	}
	v.Session.SeenAt = now
	v.Session.ExpiresAt = now.Add(s.Policy.SessionIdle)
	if err := tx.PutSession(ctx, *v.Session); err != nil {
		return err
	}
	v.Session.Row = &SessionRow{v.Session.IDHash, v.Session.CaseID, v.Session.Prefill}
	return nil
}

// touchSession stores that the browser is there, and nothing else: what took its time beforehand must not undo what
// other requests of the browser have stored meanwhile. ErrSessionTaken as saveSession.
func (s *Service) touchSession(ctx context.Context, tx Tx, v *Visitor) error {
	v.Session.SeenAt = s.Now()
	v.Session.ExpiresAt = v.Session.SeenAt.Add(s.Policy.SessionIdle)
	return tx.TouchSession(ctx, *v.Session)
}

// adopt makes a session the stored one with its id, after another request made or changed that. A cookie whose
// session has expired and is still kept is nobody's: the browser gets another id. ErrOvertaken where the session has
// ended, or has another id since a proof: then it is only a cookie.
func (s *Service) adopt(ctx context.Context, session *Session) error {
	found, err := s.Store.SessionByID(ctx, session.IDHash, s.Now())
	switch {
	case errors.Is(err, ErrNotFound) && session.Stored():
		*session = Session{Lineage: s.freshSession().Lineage, IDHash: session.IDHash, FormSeed: session.FormSeed}
		return ErrOvertaken
	case errors.Is(err, ErrNotFound):
		s.renewID(session)
		return nil
	case err != nil:
		return err
	}
	found.FormSeed, found.NewCookie = session.FormSeed, session.NewCookie
	*session = found
	return nil
}

// updating runs a transaction that may change the session, and leaves the session as it was if nothing was
// stored: the browser must not be given a cookie that leads nowhere.
type updating func(ctx context.Context, v *Visitor, fn func(tx Tx) error) error

// update is the updating of any session. Two requests of one browser may come at once: where one made the session's
// row, or changed it, the other takes it over as it is now and is run again. ErrOvertaken where it has ended, or goes
// on under another id.
func (s *Service) update(ctx context.Context, v *Visitor, fn func(tx Tx) error) error {
	once := func() error {
		return v.stored(fn, func(fn func(tx Tx) error) error { return s.Store.Update(ctx, fn) })
	}
	err := once()
	if !errors.Is(err, ErrSessionTaken) {
		return err
	}
	if err := s.adopt(ctx, v.Session); err != nil {
		return err
	}
	if err = once(); errors.Is(err, ErrSessionTaken) { // a third one was faster
		return ErrOvertaken
	}
	return err
}

// together is the updating of a session of Newcomer whose transaction counts in these counters.
// ErrSessionTaken where the session has a row.
func (s *Service) together(counters mailCounters) updating {
	return func(ctx context.Context, v *Visitor, fn func(tx Tx) error) error {
		return v.stored(fn, func(fn func(tx Tx) error) error {
			return s.Store.UpdateTogether(ctx, Shared{v.Session.IDHash, counters.names()}, fn)
		})
	}
}

// stored has fn stored by update, once or not at all, and the session with it.
func (v *Visitor) stored(fn func(tx Tx) error, update func(fn func(tx Tx) error) error) error {
	v.reached = nil
	before := *v.Session
	restore := func() {
		*v.Session = before
		v.Session.Held = maps.Clone(before.Held)
	}
	err := update(func(tx Tx) error {
		restore() // of an earlier run
		return fn(tx)
	})
	if err != nil {
		restore()
		v.reached = nil
	}
	return err
}

// EndSession ends this browser's session and its proofs ("start over").
func (s *Service) EndSession(ctx context.Context, v *Visitor) error {
	v.reached = nil
	if v.Session.Stored() {
		err := s.Store.Update(ctx, func(tx Tx) error {
			_, err := tx.EndSession(ctx, v.Session.Lineage)
			return err
		})
		if err != nil {
			return err
		}
	}
	*v.Session = *s.freshSession()
	return nil
}
