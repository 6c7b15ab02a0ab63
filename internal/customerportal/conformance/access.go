package conformance

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// call is a request of the API.
type call struct{ method, path, query string }

// acts are the calls that do something, for the account with this id.
func acts(id string) []call {
	var all []call
	for _, act := range []string{"sign-in-links", "confirmations", "confirmation-links"} {
		all = append(all, call{http.MethodPost, actPath(id, act), ""})
	}
	return all
}

func actPath(id, act string) string { return "/v1/accounts/" + url.PathEscape(id) + "/" + act }

func everyCall() []call {
	some := nobody() + "@example.com"
	calls := []call{{http.MethodGet, "/v1/healthz", ""}}
	for _, parameter := range accountParameters {
		calls = append(calls, call{http.MethodGet, "/v1/accounts", url.Values{parameter: {some}}.Encode()})
	}
	for _, parameter := range billingParameters {
		calls = append(calls, call{http.MethodGet, "/v1/billing-accounts", url.Values{parameter: {some}}.Encode()})
	}
	return append(calls, acts(nobody())...)
}

func accessChecks() []check {
	return []check{
		{"auth-missing", "without a token every call answers 401 with WWW-Authenticate", func(ctx context.Context, s *session, v *verdict) {
			s.everyCallIsRefused(ctx, v, noToken)
		}},
		{"auth-wrong", "with another token every call answers 401", func(ctx context.Context, s *session, v *verdict) {
			s.everyCallIsRefused(ctx, v, wrongToken)
		}},
		{"health", "/v1/healthz answers 200 with a JSON object", func(ctx context.Context, s *session, v *verdict) {
			x := s.get(ctx, "/v1/healthz", nil)
			var object map[string]any
			if x.read(v, http.StatusOK, "Health", &object) && object == nil {
				v.wrong(x, "is no JSON object")
			}
		}},
		{"unknown-call", "a call that the API does not have answers 404", func(ctx context.Context, s *session, v *verdict) {
			for _, path := range []string{"/v1/" + nobody(), "/v1/accounts/" + nobody() + "/" + nobody()} {
				wantProblem(v, s.get(ctx, path, nil), "there is no such call", http.StatusNotFound)
			}
		}},
		{"post-only", "what acts is a POST: GET and HEAD of it answer 404 or 405", postOnly},
	}
}

func (s *session) everyCallIsRefused(ctx context.Context, v *verdict, token string) {
	for _, c := range everyCall() {
		x := s.ask(ctx, c.method, c.path, c.query, token)
		wantProblem(v, x, "the call carries "+map[string]string{noToken: "no token", wrongToken: "a wrong token"}[token], http.StatusUnauthorized)
		if x.Status == http.StatusUnauthorized && !strings.HasPrefix(strings.ToLower(x.header.Get("WWW-Authenticate")), "bearer") {
			v.wrong(x, "has no WWW-Authenticate: Bearer")
		}
	}
}

// postOnly asks for the test account where there is one: of an account that does not exist, a GET that acts
// would answer 404 too.
func postOnly(ctx context.Context, s *session, v *verdict) {
	id := nobody()
	if s.cfg.Samples.Account != "" {
		if a, _, ok := s.sample(ctx, v, s.cfg.Samples.Account); ok {
			id = a.ID
		}
	}
	for _, c := range acts(id) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			wantProblem(v, s.ask(ctx, method, c.path, "", rightToken), "a "+method+" must do nothing",
				http.StatusNotFound, http.StatusMethodNotAllowed)
		}
	}
}

// sample finds the account of a test address.
func (s *session) sample(ctx context.Context, v *verdict, email string) (found, *Exchange, bool) {
	some, x := s.find(ctx, v, "email", email)
	if len(some) == 0 || some[0].ID == "" || some[0].Email == "" {
		v.wrong(x, "finds no account with id and email, though this is a test account's address")
		return found{}, x, false
	}
	return some[0], x, true
}
