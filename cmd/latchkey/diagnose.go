package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"latchkey/handlers"
	"latchkey/internal/account"
	"latchkey/internal/config"
	"latchkey/internal/recovery"
	"latchkey/internal/recovery/dryrun"
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
	deps, err := readOnly(c.Options)
	if err != nil {
		return err
	}
	result, err := dryRun(ctx, deps, address, words)
	if err != nil {
		return err
	}
	d := dry{result}
	write := d.writeText
	if c.JSON {
		write = d.writeJSON
	}
	if err := write(stdout); err != nil {
		return err
	}
	if d.Incomplete {
		return errors.New("diagnose: " + d.Facts.WhyIncomplete())
	}
	return nil
}

// dry is a dry run, to be written.
type dry struct{ dryrun.Result }

// dryRun asks what serve would ask after proof, and shows the page in the first of the languages.
func dryRun(ctx context.Context, deps recovery.Deps, of account.Address, words *templates.Renderer) (dryrun.Result, error) {
	return dryrun.Run(ctx, deps, of, func(d recovery.Diagnosis) (dryrun.Page, error) {
		title, text, err := handlers.PreviewText(words, words.Languages()[0], d)
		return dryrun.Page{Title: title, Text: text}, err
	})
}

// readOnly are the systems that can be asked.
func readOnly(o config.Options) (recovery.Deps, error) {
	portal, err := newPortal(o, nil)
	if err != nil {
		return recovery.Deps{}, err
	}
	asked, err := newReads(o.MailLog)
	if err != nil {
		return recovery.Deps{}, err
	}
	identities, err := newIdentities(o.IdentityAPI, nil)
	if err != nil {
		return recovery.Deps{}, err
	}
	return recovery.Deps{
		Portal: portal, MailLog: asked.mailLog, Suppressions: asked.suppressions, Identities: identities,
		Now: time.Now, Policy: policy(o),
	}, nil
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
