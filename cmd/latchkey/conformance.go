package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"latchkey/internal/config"
	"latchkey/internal/customerportal"
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

// serveSpec is the document that a vendor implements, on the ops listener.
func serveSpec(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(customerportal.Spec)
}
