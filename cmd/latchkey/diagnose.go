package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"latchkey/handlers"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/customerportal"
	"latchkey/internal/diagnosis"
	"latchkey/internal/gitlab"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// runDiagnose is the dry run for admins: what is known of an address, what follows from it, and the page
// that its customer would see. It has no Store, so it cannot write anything.
func runDiagnose(ctx context.Context, c config.Config, stdout io.Writer) error {
	address, err := account.ParseAddress(c.Email)
	if err != nil {
		return config.Faults{"<email>: is no address such as somebody@example.com"}
	}
	words, err := newRenderer(c.Options, "")
	if err != nil {
		return err
	}
	d, err := dryRun(ctx, c.Options, address, words)
	if err != nil {
		return err
	}
	write := d.writeText
	if c.JSON {
		write = d.writeJSON
	}
	if err := write(stdout); err != nil {
		return err
	}
	if d.Incomplete {
		return errors.New("diagnose: " + d.Facts.whyIncomplete())
	}
	return nil
}

// dryRun asks what serve would ask after proof, and of the same systems.
func dryRun(ctx context.Context, o config.Options, address account.Address, words *templates.Renderer) (dry, error) {
	noted := &failures{}
	deps, err := readOnly(o, noted)
	if err != nil {
		return dry{}, err
	}
	facts, err := recovery.New(deps).Examine(ctx, address)
	if err != nil {
		return dry{}, err
	}
	report := diagnosis.Diagnose(facts)
	page, err := pageOf(words, recovery.Diagnosis{Address: address.String(), Report: report})
	if err != nil {
		return dry{}, err
	}
	return newDry(facts, report, page, noted), nil
}

// readOnly are the systems that can be asked, each with its failures noted: the facts say only that there
// was no answer, and an admin wants to know why.
func readOnly(o config.Options, noted *failures) (recovery.Deps, error) {
	portal, err := customerportal.New(customerportal.Config{
		BaseURL: o.PortalURL, Token: o.PortalToken, Timeout: o.PortalTimeout,
	})
	if err != nil {
		return recovery.Deps{}, asFault("portal-url", err)
	}
	asked, err := newReads(o.MailLog)
	if err != nil {
		return recovery.Deps{}, err
	}
	deps := recovery.Deps{Portal: notedPortal{portal, noted}, Now: time.Now, Policy: policy(o)}
	if asked.mailLog != nil {
		deps.MailLog = notedMailLog{asked.mailLog, noted}
	}
	if asked.suppressions != nil {
		deps.Suppressions = notedSuppressions{asked.suppressions, noted}
	}
	if o.GitLabURL != "" {
		identities, err := gitlab.New(gitlab.Config{BaseURL: o.GitLabURL, Token: o.GitLabToken})
		if err != nil {
			return deps, asFault("gitlab-url", err)
		}
		deps.Identities = notedIdentities{identities, noted}
	}
	return deps, nil
}

// pageOf is the customer's page as plain text.
func pageOf(words *templates.Renderer, d recovery.Diagnosis) (dryPage, error) {
	lang := words.Languages()[0]
	var b bytes.Buffer
	if err := words.Page(&b, lang, handlers.Preview(words, lang, d)); err != nil {
		return dryPage{}, err
	}
	return readPage(&b)
}

func (d dry) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return fmt.Errorf("diagnose: %w", err)
	}
	return nil
}
