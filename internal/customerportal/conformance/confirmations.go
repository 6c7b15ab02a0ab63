package conformance

import (
	"context"
	"fmt"
	"net/http"
)

const (
	wantUnconfirmed = "--unconfirmed-email: a test account whose address was never confirmed; it is mailed a confirmation"
	wantNothing     = "--account-email with an account for which no confirmation waits"
)

func confirmationChecks() []check {
	return []check{
		{"unconfirmed", "confirmed_at is null for an account that was never confirmed, and sign-in-links answers 409", withUnconfirmed(
			func(ctx context.Context, s *session, v *verdict, a found) {
				wantProblem(v, s.post(ctx, actPath(a.ID, "sign-in-links")), "the account's address is not confirmed", http.StatusConflict)
			})},
		{"confirmation", "confirmations answers 202 for an account that waits", withUnconfirmed(
			func(ctx context.Context, s *session, v *verdict, a found) {
				x := s.post(ctx, actPath(a.ID, "confirmations"))
				if x.Status != http.StatusAccepted {
					v.wrong(x, fmt.Sprintf("answers %d, want 202", x.Status))
				}
			})},
		{"confirmation-link", "confirmation-links answers 201 with an absolute https URL and an end a few minutes away, each time another", withUnconfirmed(
			func(ctx context.Context, s *session, v *verdict, a found) {
				s.wantLink(ctx, v, a, "confirmation-links")
				s.wantNewLinks(ctx, v, a, "confirmation-links")
			})},
		{"nothing-to-confirm", "confirmations and confirmation-links answer 409 where nothing waits", withAccount(
			func(ctx context.Context, s *session, v *verdict, a found) {
				if a.ConfirmedAt == nil || a.UnconfirmedEmail != nil {
					v.needs(wantNothing)
					return
				}
				for _, act := range []string{"confirmations", "confirmation-links"} {
					wantProblem(v, s.post(ctx, actPath(a.ID, act)), "nothing waits for a confirmation", http.StatusConflict)
				}
			})},
	}
}

func withUnconfirmed(run func(context.Context, *session, *verdict, found)) func(context.Context, *session, *verdict) {
	return func(ctx context.Context, s *session, v *verdict) {
		if s.cfg.Samples.Unconfirmed == "" {
			v.needs(wantUnconfirmed)
			return
		}
		a, x, ok := s.sample(ctx, v, s.cfg.Samples.Unconfirmed)
		if !ok {
			return
		}
		if a.ConfirmedAt != nil {
			v.wrong(x, "confirmed_at is set, though --unconfirmed-email was never confirmed")
			return
		}
		run(ctx, s, v, a)
	}
}
