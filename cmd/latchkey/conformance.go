package main

import (
	"context"
	"fmt"
	"io"

	"latchkey/internal/config"
	"latchkey/internal/customerportal/conformance"
)

// runConformance checks a vendor's implementation of the Customer Portal API. Its error says that something
// is wrong; what it is stands in the report.
func runConformance(ctx context.Context, c config.Candidate, stdout io.Writer) error {
	report, err := conformance.Run(ctx, conformance.Config{
		BaseURL: c.URL, Token: c.Token, Origins: c.Origins,
		Samples: conformance.Samples{
			Account: c.AccountEmail, Unconfirmed: c.UnconfirmedEmail, Disabled: c.DisabledEmail,
			Similar: c.SimilarEmail, Contact: c.ContactEmail, Invited: c.InvitedEmail,
		},
	})
	if err != nil {
		return fmt.Errorf("conformance: %w", err)
	}
	write := report.WriteText
	if c.JSON {
		write = report.WriteJSON
	}
	if err := write(stdout); err != nil {
		return err
	}
	if wrong := report.Count(conformance.Wrong); wrong > 0 {
		return fmt.Errorf("conformance: %d of %d checks are wrong", wrong, len(report.Results))
	}
	return nil
}
