package demo

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
)

// maxBodyBytes bounds the body of any request; the API itself takes none.
const maxBodyBytes = 16 << 10

// api is the Customer Portal API.
func (p *Portal) api() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/accounts", p.answer(p.findAccounts))
	mux.HandleFunc("POST /v1/accounts/{id}/sign-in-links", p.answer(p.createSignInLink))
	mux.HandleFunc("POST /v1/accounts/{id}/confirmation-links", p.answer(p.createConfirmationLink))
	mux.HandleFunc("POST /v1/accounts/{id}/confirmations", p.answer(p.sendConfirmation))
	mux.HandleFunc("GET /v1/billing-accounts", p.answer(p.findBillingAccounts))
	mux.HandleFunc("GET /v1/healthz", p.answer(p.health))
	mux.HandleFunc("/v1/", p.answer(func(*http.Request) (int, any, error) { return 0, nil, errNoSuchCall }))
	return p.withBearer(p.withFaults(mux))
}

// withBearer lets nobody in without the token.
func (p *Portal) withBearer(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(p.cfg.Token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(token))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeProblem(w, errUnauthorized.problem())
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		next.ServeHTTP(w, r)
	})
}

// answer turns what a call returns into JSON: a status and a value, or an error.
func (p *Portal) answer(call func(*http.Request) (int, any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, value, err := call(r)
		if err != nil {
			writeProblem(w, problemOf(err))
			return
		}
		if value == nil {
			w.WriteHeader(status)
			return
		}
		writeJSON(w, status, customerportal.MediaJSON, value)
	}
}

func (p *Portal) findAccounts(r *http.Request) (int, any, error) {
	name, value, err := onlyParameter(r, "email", "identity_email", "identity_subject", "similar_to")
	if err != nil {
		return 0, nil, err
	}
	p.count("accounts?" + name)
	found, err := accountsBy(r.Context(), p.db, name, value)
	if err != nil {
		return 0, nil, err
	}
	answer := customerportal.Accounts{Accounts: []customerportal.Account{}}
	for _, a := range found {
		answer.Accounts = append(answer.Accounts, customerportal.FromAccount(a))
	}
	return http.StatusOK, answer, nil
}

// accountsBy is a look-up by one parameter of the API.
func accountsBy(ctx context.Context, q querier, name, value string) ([]account.Account, error) {
	if name == "identity_subject" {
		return accountsWhere(ctx, q, "a.subject = $1", value)
	}
	address, err := account.ParseAddress(value)
	if err != nil {
		return nil, errBadAddress
	}
	switch name {
	case "email":
		return accountsWhere(ctx, q, "a.canonical = $1", address.Canonical())
	case "identity_email":
		return accountsWhere(ctx, q, "i.canonical = $1", address.Canonical())
	}
	return similar(ctx, q, address)
}

func (p *Portal) createSignInLink(r *http.Request) (int, any, error) {
	p.count("sign-in-links")
	a, err := accountByID(r.Context(), p.db, r.PathValue("id"))
	switch {
	case err != nil:
		return 0, nil, err
	case !a.SignInEnabled:
		return 0, nil, errSignInDisabled
	case !a.Confirmed():
		return 0, nil, errUnconfirmed
	}
	link, err := p.newLink(r.Context(), linkSignIn, a.ID, a.Email, jitLifetime)
	return http.StatusCreated, link, err
}

func (p *Portal) createConfirmationLink(r *http.Request) (int, any, error) {
	p.count("confirmation-links")
	a, err := accountByID(r.Context(), p.db, r.PathValue("id"))
	switch {
	case err != nil:
		return 0, nil, err
	case a.Confirmed():
		return 0, nil, errNothingToConfirm
	}
	link, err := p.newLink(r.Context(), linkConfirm, a.ID, a.Email, jitLifetime)
	return http.StatusCreated, link, err
}

func (p *Portal) sendConfirmation(r *http.Request) (int, any, error) {
	p.count("confirmations")
	a, err := accountByID(r.Context(), p.db, r.PathValue("id"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusAccepted, nil, p.mailConfirmation(r.Context(), a)
}

func (p *Portal) findBillingAccounts(r *http.Request) (int, any, error) {
	name, value, err := onlyParameter(r, "contact_email", "invited_email")
	if err != nil {
		return 0, nil, err
	}
	address, err := account.ParseAddress(value)
	if err != nil {
		return 0, nil, errBadAddress
	}
	p.count("billing-accounts?" + name)
	found, err := billingRelations(r.Context(), p.db, name, address.Canonical())
	return http.StatusOK, customerportal.BillingAccounts{BillingAccounts: found}, err
}

func (p *Portal) health(r *http.Request) (int, any, error) {
	if err := p.db.PingContext(r.Context()); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]string{"status": "ok"}, nil
}

// onlyParameter is the one query parameter of the request, which must be one of names, given once.
func onlyParameter(r *http.Request, names ...string) (name, value string, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(query) != 1 {
		return "", "", errOneParameter
	}
	for _, n := range names {
		if v := query[n]; len(v) == 1 && v[0] != "" {
			return n, v[0], nil
		}
	}
	return "", "", errOneParameter
}

// apiError is an error that the API has words for.
type apiError struct {
	status      int
	slug, title string
}

func (e *apiError) Error() string { return "demo: " + e.title }

func (e *apiError) problem() customerportal.Problem {
	return customerportal.Problem{Type: "urn:customer-portal:" + e.slug, Title: e.title, Status: e.status}
}

var (
	errUnauthorized     = &apiError{http.StatusUnauthorized, "unauthorized", "A bearer token is needed"}
	errOneParameter     = &apiError{http.StatusBadRequest, "bad-request", "Exactly one parameter is needed"}
	errBadAddress       = &apiError{http.StatusBadRequest, "bad-address", "The parameter is not an email address"}
	errNoSuchCall       = &apiError{http.StatusNotFound, "no-such-call", "The API has no such call"}
	errNotFound         = &apiError{http.StatusNotFound, "not-found", "There is no such account"}
	errSignInDisabled   = &apiError{http.StatusConflict, "sign-in-disabled", "Signing in is disabled for this account"}
	errUnconfirmed      = &apiError{http.StatusConflict, "unconfirmed", "The account's address is not confirmed"}
	errNothingToConfirm = &apiError{http.StatusConflict, "nothing-to-confirm", "Nothing waits for a confirmation"}
)

func problemOf(err error) customerportal.Problem {
	if errors.Is(err, errNoAccount) {
		err = errNotFound
	}
	if known := new(apiError); errors.As(err, &known) {
		return known.problem()
	}
	return customerportal.Problem{Type: "about:blank", Title: "Internal Server Error", Status: http.StatusInternalServerError}
}

func writeProblem(w http.ResponseWriter, problem customerportal.Problem) {
	writeJSON(w, problem.Status, customerportal.MediaProblem, problem)
}

func writeJSON(w http.ResponseWriter, status int, media string, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
