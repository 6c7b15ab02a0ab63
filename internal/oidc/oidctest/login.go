package oidctest

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const loginPath = "/login"

// The names of the login form's fields.
const (
	FieldUsername = "username"
	FieldCancel   = "cancel" // any value: the customer says no
)

// login is the page on which people sign in. It takes everybody's word for who they are.
func (p *Provider) login(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	if r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>Sign in</title><form method="post" action="%s">
<input type="hidden" name="id" value="%s"><input name="username"><button>Sign in</button></form>`,
			p.URL+loginPath, html.EscapeString(id))
		return
	}
	if r.FormValue(FieldCancel) != "" {
		request, err := p.storage.AuthRequestByID(r.Context(), id)
		if err != nil {
			http.Error(w, "no such request", http.StatusBadRequest)
			return
		}
		op.AuthRequestError(w, r, request, oidc.ErrAccessDenied(), p.provider)
		return
	}
	if err := p.storage.CheckUsernamePassword(r.FormValue(FieldUsername), password, id); err != nil {
		http.Error(w, "nobody of that name", http.StatusForbidden)
		return
	}
	back := op.AuthCallbackURL(p.provider)(op.ContextWithIssuer(r.Context(), p.URL), id)
	http.Redirect(w, r, back, http.StatusFound)
}

// SignIn goes to where Latchkey sends a browser, signs in as username, and returns the URL that the
// browser is sent back to.
func (p *Provider) SignIn(tb testing.TB, at, username string) *url.URL {
	tb.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), p.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, _ := p.do(tb, browser, http.MethodGet, at, nil)
	form := url.Values{"id": {page.Query().Get("id")}, FieldUsername: {username}}
	end, back := p.do(tb, browser, http.MethodPost, p.URL+loginPath, form)
	if back == "" {
		tb.Fatalf("signing in ended at %s", end.Path)
	}
	u, err := url.Parse(back)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// do makes a request, and tells where it ended and where that leads.
func (p *Provider) do(tb testing.TB, browser *http.Client, method, to string, form url.Values) (end *url.URL, next string) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, to, strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := browser.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.Request.URL, answer.Header.Get("Location")
}
