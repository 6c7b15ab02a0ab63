package conformance

import (
	"context"
	"net/http"
	"net/url"
)

var (
	accountParameters = []string{"email", "identity_email", "identity_subject", "similar_to"}
	billingParameters = []string{"contact_email", "invited_email"}
)

// noAddresses are what must not be taken for an address.
var noAddresses = []string{"", "nobody", "@example.com", "nobody@", "Somebody <nobody@example.com>", "a@example.com,b@example.com"}

// oddAddresses are addresses that a decoder of queries or a query of a database may stumble over.
var oddAddresses = []string{"o'hara", "a+b", "a&b=c", "a%40b", "50%", "a#b", "{a}|`b`", "a*!$^_~-", "a/b?c"}

func questionChecks() []check {
	return []check{
		{"no-parameter", "a look-up without a parameter that it knows answers 400", func(ctx context.Context, s *session, v *verdict) {
			for _, path := range []string{"/v1/accounts", "/v1/billing-accounts"} {
				s.wantBadRequest(ctx, v, path, nil, "no parameter")
				s.wantBadRequest(ctx, v, path, url.Values{"name": {"nobody"}}, "no parameter that the API knows")
			}
		}},
		{"two-parameters", "a look-up with two parameters answers 400", func(ctx context.Context, s *session, v *verdict) {
			some := nobody() + "@example.com"
			s.wantBadRequest(ctx, v, "/v1/accounts", url.Values{"email": {some}, "identity_email": {some}}, "two parameters")
			s.wantBadRequest(ctx, v, "/v1/billing-accounts", url.Values{"contact_email": {some}, "invited_email": {some}}, "two parameters")
		}},
		{"repeated-parameter", "a parameter that is given twice answers 400", func(ctx context.Context, s *session, v *verdict) {
			twice := []string{nobody() + "@example.com", nobody() + "@example.com"}
			s.wantBadRequest(ctx, v, "/v1/accounts", url.Values{"email": twice}, "one parameter twice")
			s.wantBadRequest(ctx, v, "/v1/billing-accounts", url.Values{"contact_email": twice}, "one parameter twice")
		}},
		{"bad-address", "what is no address answers 400", func(ctx context.Context, s *session, v *verdict) {
			for _, parameter := range []string{"email", "identity_email", "similar_to"} {
				for _, value := range noAddresses {
					s.wantBadRequest(ctx, v, "/v1/accounts", url.Values{parameter: {value}}, "no address")
				}
			}
			for _, parameter := range billingParameters {
				s.wantBadRequest(ctx, v, "/v1/billing-accounts", url.Values{parameter: {"nobody"}}, "no address")
			}
		}},
		{"odd-address", "an address with unusual characters is an address like any other", func(ctx context.Context, s *session, v *verdict) {
			for _, local := range oddAddresses {
				if some, x := s.find(ctx, v, "email", nobody()+local+"@example.com"); len(some) > 0 {
					v.wrong(x, "finds somebody, though nobody has this address")
				}
			}
		}},
	}
}

func (s *session) wantBadRequest(ctx context.Context, v *verdict, path string, query url.Values, what string) {
	wantProblem(v, s.get(ctx, path, query), "it was asked with "+what, http.StatusBadRequest)
}
