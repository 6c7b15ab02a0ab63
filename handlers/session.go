package handlers

import (
	"context"
	"net"
	"net/http"
	"net/url"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"latchkey/internal/recovery"
)

// rowKey is where a gorilla session holds the row of the browser's session.
type rowKey struct{}

// sessionStore is a sessions.Store whose cookie holds an opaque value, sealed by securecookie, and whose
// rows are those of internal/recovery. Cookies sealed with a retired key still open.
type sessionStore struct {
	name    string
	options sessions.Options
	codecs  []securecookie.Codec
	load    func(ctx context.Context, cookie string) (*recovery.Session, error)
}

var _ sessions.Store = (*sessionStore)(nil)

// newSessionStore names the cookie after R8: `__Host-` and Secure on https; on plain http, which only
// loopback has, a name of its own for each listener, since cookies do not tell ports apart.
func newSessionStore(
	keys [][]byte, public *url.URL, load func(context.Context, string) (*recovery.Session, error),
) *sessionStore {
	s := &sessionStore{
		name:    "__Host-latchkey",
		options: sessions.Options{Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode},
		load:    load,
	}
	if public.Scheme != "https" {
		s.name, s.options.Secure = "latchkey", false
		if _, port, err := net.SplitHostPort(public.Host); err == nil {
			s.name += "-" + port
		}
	}
	for _, codec := range securecookie.CodecsFromPairs(keys...) {
		if sc, ok := codec.(*securecookie.SecureCookie); ok {
			sc.SetSerializer(securecookie.NopEncoder{})
			sc.MaxAge(0) // the row expires, not the seal
		}
		s.codecs = append(s.codecs, codec)
	}
	return s
}

// Get returns the request's session, loaded once.
func (s *sessionStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New loads the row of the cookie. A missing, forged or broken cookie gives a new session.
func (s *sessionStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := s.options
	session.Options = &options
	row, err := s.load(r.Context(), s.opened(r))
	if err != nil {
		return session, err
	}
	session.IsNew = !row.Stored
	session.Values[rowKey{}] = row
	return session, nil
}

// Save sets the cookie where it has to change; the row itself is kept by internal/recovery.
func (s *sessionStore) Save(_ *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	row := rowOf(session)
	if row == nil || row.NewCookie == "" {
		return nil
	}
	value, err := securecookie.EncodeMulti(s.name, []byte(row.NewCookie), s.codecs...)
	if err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(s.name, value, session.Options))
	return nil
}

// opened is what the cookie's seal held; "" without one that opens.
func (s *sessionStore) opened(r *http.Request) string {
	cookie, err := r.Cookie(s.name)
	if err != nil {
		return ""
	}
	var value []byte
	if securecookie.DecodeMulti(s.name, cookie.Value, &value, s.codecs...) != nil {
		return ""
	}
	return string(value)
}

func rowOf(session *sessions.Session) *recovery.Session {
	row, _ := session.Values[rowKey{}].(*recovery.Session)
	return row
}
