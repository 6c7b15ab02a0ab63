package handlers

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gorilla/sessions"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/recovery"
)

// rowKey is where a gorilla session holds the row of the browser's session.
type rowKey struct{}

// sessionStore is a sessions.Store whose cookie holds an opaque value, sealed by securecookie, and whose
// rows are those of internal/recovery. Cookies sealed with a retired key still open.
type sessionStore struct {
	cookie *edge.Cookie
	load   func(ctx context.Context, cookie string) (*recovery.Session, error)
}

var _ sessions.Store = (*sessionStore)(nil)

func newSessionStore(
	keys [][]byte, public *url.URL, load func(context.Context, string) (*recovery.Session, error),
) *sessionStore {
	return &sessionStore{cookie: edge.NewCookie("latchkey", keys, public), load: load}
}

// Get returns the request's session, loaded once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New loads the row of the cookie. A missing, forged or broken cookie gives a new session.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := s.cookie.Options
	session.Options = &options
	row, err := s.load(r.Context(), s.cookie.Open(r))
	if err != nil {
		return session, err
	}
	session.IsNew = !row.Stored()
	session.Values[rowKey{}] = row
	return session, nil
}

// Save sets the cookie where it has to change; the row itself is kept by internal/recovery.
func (s *sessionStore) Save(_ *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	row := rowOf(session)
	if row == nil || row.NewCookie == "" {
		return nil
	}
	return s.cookie.Set(w, row.NewCookie)
}

func rowOf(session *sessions.Session) *recovery.Session {
	row, _ := session.Values[rowKey{}].(*recovery.Session)
	return row
}
