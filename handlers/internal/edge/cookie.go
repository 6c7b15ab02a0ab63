package edge

import (
	"net"
	"net/http"
	"net/url"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// Cookie holds an opaque value, sealed by securecookie. Cookies sealed with a retired key still open.
type Cookie struct {
	Name    string
	Options sessions.Options
	codecs  []securecookie.Codec
}

// NewCookie names the cookie after R8: `__Host-` and Secure on https; on plain http, which only loopback
// has, a name of its own for each listener, since cookies do not tell ports apart.
func NewCookie(name string, keys [][]byte, public *url.URL) *Cookie {
	c := &Cookie{
		Name:    "__Host-" + name,
		Options: sessions.Options{Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode},
	}
	if public.Scheme != "https" {
		c.Name, c.Options.Secure = name, false
		if _, port, err := net.SplitHostPort(public.Host); err == nil {
			c.Name += "-" + port
		}
	}
	for _, codec := range securecookie.CodecsFromPairs(keys...) {
		if sc, ok := codec.(*securecookie.SecureCookie); ok {
			sc.SetSerializer(securecookie.NopEncoder{})
			sc.MaxAge(0) // the row expires, not the seal
		}
		c.codecs = append(c.codecs, codec)
	}
	return c
}

// Open is what the request's cookie holds; "" without one that opens.
func (c *Cookie) Open(r *http.Request) string {
	cookie, err := r.Cookie(c.Name)
	if err != nil {
		return ""
	}
	var value []byte
	if securecookie.DecodeMulti(c.Name, cookie.Value, &value, c.codecs...) != nil {
		return ""
	}
	return string(value)
}

// Set sets the cookie. It comes before the body.
func (c *Cookie) Set(w http.ResponseWriter, value string) error {
	sealed, err := securecookie.EncodeMulti(c.Name, []byte(value), c.codecs...)
	if err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(c.Name, sealed, &c.Options))
	return nil
}
