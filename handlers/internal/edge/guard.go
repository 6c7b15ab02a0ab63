package edge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"latchkey/internal/limit"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// Limits is what the edge asks of limit.Limits.
type Limits interface {
	Allow(ctx context.Context, name limit.Name, key string) limit.Decision
}

// Guard is what pages and forms of one listener are protected by.
type Guard struct {
	limits Limits
	keys   *secret.Ring
	origin *http.CrossOriginProtection
}

// NewGuard returns the guard of the listener at public.
func NewGuard(limits Limits, keys *secret.Ring, public *url.URL) (*Guard, error) {
	g := &Guard{limits: limits, keys: keys, origin: http.NewCrossOriginProtection()}
	if err := g.origin.AddTrustedOrigin(public.String()); err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	return g, nil
}

// Allow counts the request against a limit, by client (R10). *TooManyError.
func (g *Guard) Allow(c *gin.Context, name limit.Name) error {
	client := CutNetwork(c.ClientIP()).Client
	d := g.limits.Allow(c.Request.Context(), name, g.keys.HashLimit(string(name), client))
	if d.OK {
		return nil
	}
	return &TooManyError{After: d.RetryAfter}
}

// Look counts a page before it is built (R10).
func (g *Guard) Look(name limit.Name, h Handler) Handler {
	return func(c *gin.Context) error {
		if err := g.Allow(c, name); err != nil {
			return err
		}
		return h(c)
	}
}

// Form takes a form, cheapest check first: the browser says that it is ours, the client is within its limit, and
// the body is a small form with scalar fields. Its token is for CheckToken, once the session is known.
// ErrForeignOrigin, *TooManyError, ErrUnsupported, *http.MaxBytesError, ErrSlow, ErrBrokenOff, ErrBadForm.
func (g *Guard) Form(c *gin.Context, name limit.Name) (Fields, error) {
	if foreign(g.origin, c.Request) {
		return nil, ErrForeignOrigin
	}
	if err := g.Allow(c, name); err != nil {
		return nil, err
	}
	return readForm(c)
}

// CheckToken compares a form's token with the session's, which hangs on seed. A cookie that is only being set by
// this very answer did not come along: then the browser keeps none, or has just lost them. ErrCookies, ErrStale.
func (g *Guard) CheckToken(f Fields, seed, newCookie string) error {
	switch {
	case newCookie != "":
		return ErrCookies
	case !g.keys.FormTokenValid(seed, f[templates.FieldToken]):
		return ErrStale
	}
	return nil
}
