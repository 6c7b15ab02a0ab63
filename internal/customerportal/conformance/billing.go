package conformance

import (
	"context"
	"net/http"
	"net/url"
)

const (
	wantContact = "--contact-email: the Sold To or Bill To contact of a billing account"
	wantInvited = "--invited-email: an address that was invited to a billing account"
)

func billingChecks() []check {
	return []check{
		{"billing-unknown", "an address that no billing account knows is 200 with an empty list", func(ctx context.Context, s *session, v *verdict) {
			for _, parameter := range billingParameters {
				x, some := s.billing(ctx, v, parameter, nobody()+"@example.com")
				if len(some) > 0 {
					v.wrong(x, "finds billing accounts, though none knows this address")
				}
			}
		}},
		{"billing-by-contact", "?contact_email= finds billing accounts by their contacts, without a name", func(ctx context.Context, s *session, v *verdict) {
			s.wantRelations(ctx, v, "contact_email", s.cfg.Samples.Contact, wantContact)
		}},
		{"billing-by-invitation", "?invited_email= finds billing accounts by their invitations, without a name", func(ctx context.Context, s *session, v *verdict) {
			s.wantRelations(ctx, v, "invited_email", s.cfg.Samples.Invited, wantInvited)
		}},
	}
}

func (s *session) wantRelations(ctx context.Context, v *verdict, parameter, sample, needs string) {
	if sample == "" {
		v.needs(needs)
		return
	}
	x, some := s.billing(ctx, v, parameter, sample)
	if len(some) == 0 {
		v.wrong(x, "finds none, though one knows this address")
	}
	invited := parameter == "invited_email"
	for _, b := range some {
		if (b["relation"] == "invited") != invited {
			v.wrong(x, "the relation is "+text(b["relation"]))
		}
		if (b["invitation_state"] != nil) != invited {
			v.wrong(x, "invitation_state is for invitations, and null otherwise")
		}
		if _, named := b["name"]; named {
			v.wrong(x, "tells a name, which nobody is shown")
		}
	}
}

func (s *session) billing(ctx context.Context, v *verdict, parameter, value string) (*Exchange, []map[string]any) {
	x := s.get(ctx, "/v1/billing-accounts", url.Values{parameter: {value}})
	if x.Status == http.StatusNotFound {
		v.wrong(x, "answers 404, want 200 with an empty list")
		return x, nil
	}
	var answer struct {
		BillingAccounts []map[string]any `json:"billing_accounts"`
	}
	x.read(v, http.StatusOK, "BillingAccounts", &answer)
	return x, answer.BillingAccounts
}
