package demo

import (
	"net/http"
	"net/url"
	"strings"

	"latchkey/internal/account"
)

// authorizePage is where somebody signs in at the demo's GitLab.com for Latchkey.
type authorizePage struct {
	frame
	Identities []account.Identity
	Asked      []askedFor
	Refused    bool // GitLab.com does not let this one in
}

// askedFor is a parameter of the request, kept in the form.
type askedFor struct{ Name, Value string }

// kept are the parameters that the form brings back.
var kept = []string{
	"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
}

// wanted reports whether a request is one of the client's own. Any other gets no redirect: its redirect URL is
// whose it likes.
func (o *OpenID) wanted(q url.Values) bool {
	return q.Get("client_id") == o.cfg.ClientID && q.Get("redirect_uri") == o.cfg.RedirectURL &&
		q.Get("response_type") == "code" && strings.Contains(" "+q.Get("scope")+" ", " openid ") &&
		q.Get("code_challenge") != "" && q.Get("code_challenge_method") == "S256"
}

func (o *OpenID) showAuthorize(w http.ResponseWriter, r *http.Request) error {
	if !o.wanted(r.URL.Query()) {
		return errNoPage
	}
	return o.renderAuthorize(w, r, r.URL.Query(), false)
}

// renderAuthorize lets the form's answer lead back to the client.
func (o *OpenID) renderAuthorize(w http.ResponseWriter, r *http.Request, q url.Values, refused bool) error {
	all, err := identities(r.Context(), o.portal.db)
	if err != nil {
		return err
	}
	page := authorizePage{frame: o.portal.frame(nil), Identities: all, Refused: refused}
	for _, name := range kept {
		page.Asked = append(page.Asked, askedFor{name, q.Get(name)})
	}
	back, err := url.Parse(o.cfg.RedirectURL)
	if err != nil {
		return err
	}
	h, self := w.Header(), "form-action 'self'"
	h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), self, self+" "+back.Scheme+"://"+back.Host, 1))
	status := http.StatusOK
	if refused {
		status = http.StatusForbidden
	}
	return o.portal.pages.render(w, status, "authorize", page)
}

// authorize sends somebody back with a code, or without.
func (o *OpenID) authorize(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil || !o.wanted(r.PostForm) {
		return errNoPage
	}
	answer := url.Values{"state": {r.PostForm.Get("state")}, "iss": {o.cfg.Issuer}}
	if r.PostForm.Has("cancel") {
		answer.Set("error", "access_denied")
		return seeOther(w, r, o.cfg.RedirectURL+"?"+answer.Encode())
	}
	who, ok, err := o.person(r.Context(), r.PostForm.Get("subject"))
	if err != nil {
		return err
	}
	if !ok {
		return o.renderAuthorize(w, r, r.PostForm, true)
	}
	answer.Set("code", o.newCode(grant{
		identity: who, nonce: r.PostForm.Get("nonce"), challenge: r.PostForm.Get("code_challenge"),
	}))
	return seeOther(w, r, o.cfg.RedirectURL+"?"+answer.Encode())
}
