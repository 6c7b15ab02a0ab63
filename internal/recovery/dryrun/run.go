package dryrun

import (
	"context"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// Run asks what a case would ask after proof, of the same systems, and notes why what cannot be known is not:
// the facts say only that there was no answer, and whoever runs it dry wants to know why. Of deps it takes
// what can be asked, the clock and the policy. Page renders what the customer would see.
func Run(
	ctx context.Context, deps recovery.Deps, address account.Address, page func(recovery.Diagnosis) (Page, error),
) (Result, error) {
	noted := &failures{}
	facts, err := recovery.New(noting(deps, noted)).Examine(ctx, address)
	if err != nil {
		return Result{}, err
	}
	report := diagnosis.Diagnose(facts)
	seen, err := page(recovery.Diagnosis{Address: address.String(), Report: report})
	if err != nil {
		return Result{}, err
	}
	return newResult(facts, report, seen, noted), nil
}

// noting are the systems that can be asked, each with its failures noted, and nothing that writes.
func noting(deps recovery.Deps, noted *failures) recovery.Deps {
	asking := recovery.Deps{Portal: notedPortal{deps.Portal, noted}, Now: deps.Now, Policy: deps.Policy}
	if deps.MailLog != nil {
		asking.MailLog = notedMailLog{deps.MailLog, noted}
	}
	if deps.Suppressions != nil {
		asking.Suppressions = notedSuppressions{deps.Suppressions, noted}
	}
	if deps.Identities != nil {
		asking.Identities = notedIdentities{deps.Identities, noted}
	}
	return asking
}
