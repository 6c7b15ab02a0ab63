package demo

import (
	"errors"
	"net/http"

	"latchkey/internal/account"
)

// errNoPage answers 404.
var errNoPage = errors.New("demo: no such page")

// web is the vendor's side of the portal: what its customers see.
func (p *Portal) web() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.page(func(w http.ResponseWriter, r *http.Request) error { return seeOther(w, r, "/customers") }))
	mux.HandleFunc("GET /customers/portal.css", serveFile("pages/portal/portal.css"))

	mux.HandleFunc("GET /customers/sign_in", p.page(p.showSignIn))
	mux.HandleFunc("GET /customers/sign_in/{secret}", p.page(p.signInByLink))
	mux.HandleFunc("POST /customers/sign_out", p.page(p.signOut))
	mux.HandleFunc("GET /customers/confirmation/{secret}", p.page(p.confirmByLink))

	mux.HandleFunc("GET /customers/gitlab", p.page(p.showGitLab))
	mux.HandleFunc("POST /customers/gitlab", p.page(p.signInByGitLab))
	mux.HandleFunc("POST /customers/gitlab/password", p.page(p.resetGitLabPassword))

	mux.HandleFunc("GET /customers", p.page(p.private(p.showHome)))
	mux.HandleFunc("POST /customers/subscription", p.page(p.private(p.applySubscription)))
	mux.HandleFunc("POST /customers/invitation", p.page(p.private(p.acceptInvitation)))
	mux.HandleFunc("GET /customers/profile", p.page(p.private(p.showProfile)))
	mux.HandleFunc("POST /customers/profile/identity", p.page(p.private(p.linkIdentity)))
	mux.HandleFunc("POST /customers/profile/email", p.page(p.private(p.changeEmail)))
	mux.HandleFunc("POST /customers/profile/confirmation", p.page(p.private(p.resendConfirmation)))
	mux.HandleFunc("/", p.page(func(http.ResponseWriter, *http.Request) error { return errNoPage }))

	return withHeaders(http.NewCrossOriginProtection().Handler(mux))
}

// handler answers a request, or returns an error and writes nothing.
type handler func(w http.ResponseWriter, r *http.Request) error

// page is the one place where an error becomes a status and a page.
func (p *Portal) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		err := h(w, r)
		switch {
		case err == nil:
		case errors.Is(err, errNoPage):
			p.problem(w, http.StatusNotFound, "no-page")
		case errors.Is(err, errLinkDead):
			p.problem(w, http.StatusGone, "link-dead")
		default:
			p.problem(w, http.StatusInternalServerError, "failed")
		}
	}
}

func (p *Portal) problem(w http.ResponseWriter, status int, kind string) {
	err := p.pages.render(w, status, "problem", problemPage{frame: p.frame(nil), Kind: kind})
	if err != nil {
		http.Error(w, http.StatusText(status), status)
	}
}

// private lets in who is signed in and sends everyone else to sign in.
func (p *Portal) private(h func(http.ResponseWriter, *http.Request, account.Account) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, err := p.signedIn(r)
		if errors.Is(err, errNoSession) {
			return seeOther(w, r, "/customers/sign_in")
		}
		if err != nil {
			return err
		}
		return h(w, r, a)
	}
}

func seeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// withHeaders closes the pages to everything that is not theirs.
func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "+
			"base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
