package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"latchkey/internal/recovery/dryrun"
)

// writeText writes a dry run for people.
func (d dry) writeText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Address   %s\nAsked     %s\n\nWhat is known\n", d.Address, clock(d.At))
	writeFacts(&b, d.Facts)
	b.WriteString("\nWhat was found\n")
	d.writeFindings(&b)
	b.WriteString("\nWhat was checked\n")
	for _, c := range d.Checks {
		fmt.Fprintf(&b, "  %s: %s\n", c.ID, c.State)
	}
	if len(d.Checks) == 0 {
		b.WriteString("  nothing to say of it\n")
	}
	fmt.Fprintf(&b, "\nWhat the customer would see: %q\n", d.Page.Title)
	for line := range strings.SplitSeq(d.Page.Text, "\n") {
		b.WriteString(wrapped(line, "  | "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (d dry) writeFindings(b *bytes.Buffer) {
	switch {
	case d.Incomplete:
		b.WriteString("  nothing: whether there are accounts is not known\n")
	case len(d.Accounts)+len(d.General) == 0:
		b.WriteString("  nothing\n")
	}
	for _, f := range d.General {
		b.WriteString("  for the address\n")
		writeFinding(b, f)
	}
	for _, a := range d.Accounts {
		fmt.Fprintf(b, "  account %s, theirs by its %s if they prove this mailbox; permitted: %s\n", a.ID, a.Ownership, strings.Join(a.Permitted, ", "))
		for _, f := range a.Findings {
			writeFinding(b, f)
		}
	}
	if p := d.Primary; p != nil {
		fmt.Fprintf(b, "  first button: %s, under %s\n", p.Action, p.Situation)
	}
}

func writeFinding(b *bytes.Buffer, f dryrun.Finding) {
	name := f.Situation
	if f.Evidence.Variant != "" {
		name += " (" + f.Evidence.Variant + ")"
	}
	fmt.Fprintf(b, "    %s: %s signing in\n      rule %s", name, orderText(f.Order), f.Evidence.Rule)
	sep := ": "
	for _, fact := range f.Evidence.Facts {
		fmt.Fprintf(b, "%s%s = %s", sep, fact.Name, fact.Value)
		sep = ", "
	}
	fmt.Fprintf(b, "\n      actions: %s\n", strings.Join(f.Actions, ", "))
	if len(f.Forbids) > 0 {
		fmt.Fprintf(b, "      forbids: %s\n", strings.Join(f.Forbids, ", "))
	}
}

// orderText is an order as the verb of a sentence.
func orderText(order string) string {
	return map[string]string{
		"bars": "bars", "hinders": "hinders", "explains": "does not hinder, but explains, trouble with", "clear": "does not hinder",
	}[order]
}

func writeFacts(b *bytes.Buffer, f dryrun.Facts) {
	writeFact(b, "accounts at the address", f.Accounts, func(all []dryrun.AccountFact) { writeAccounts(b, all) })
	writeFact(b, "accounts of its identity", f.Linked, func(all []dryrun.AccountFact) { writeAccounts(b, all) })
	writeFact(b, "identities, asked of the provider", f.Identities, func(*struct{}) { b.WriteString("    as above\n") })
	writeFact(b, "password resets", f.Resets, func(r *dryrun.ResetsFact) {
		fmt.Fprintf(b, "    by the identity provider: %s; by the customer portal: %s\n", clock(r.Identity), clock(r.Portal))
	})
	writeFact(b, "billing accounts, as a contact", f.Contacts, func(all []dryrun.BillingFact) { writeBilling(b, all) })
	writeFact(b, "billing accounts, invited to", f.Invitations, func(all []dryrun.BillingFact) { writeBilling(b, all) })
	writeFact(b, "suppressions of the portal's mail", f.Suppressions, func(all []dryrun.SuppressFact) {
		for _, s := range all {
			fmt.Fprintf(b, "    %s, since %s\n", strings.TrimSpace(s.List+" "+s.Code), clock(s.Since))
		}
		none(b, len(all))
	})
}

func writeFact[T any](b *bytes.Buffer, name string, f dryrun.Fact[T], known func(T)) {
	switch f.State {
	case dryrun.StateKnown:
		fmt.Fprintf(b, "  %s: known\n", name)
		known(f.Value)
	case dryrun.StateFailed:
		fmt.Fprintf(b, "  %s: failed: %s\n", name, f.Why)
	default:
		fmt.Fprintf(b, "  %s: not asked\n", name)
	}
}

func none(b *bytes.Buffer, n int) {
	if n == 0 {
		b.WriteString("    none\n")
	}
}

func writeBilling(b *bytes.Buffer, all []dryrun.BillingFact) {
	for _, r := range all {
		fmt.Fprintf(b, "    %s: %s, since %s\n", r.ID, strings.TrimSpace(r.Relation+" "+r.State), clock(r.CreatedAt))
	}
	none(b, len(all))
}

func writeAccounts(b *bytes.Buffer, all []dryrun.AccountFact) {
	for _, a := range all {
		at := "at the address"
		if !a.AtAddress {
			at = "at another address"
		}
		fmt.Fprintf(b, "    account %s, %s, %s: created %s, confirmed %s, last sign-in %s\n",
			a.ID, at, orUnknown(a.Origin), clock(a.CreatedAt), clock(a.ConfirmedAt), clock(a.LastSignInAt))
		fmt.Fprintf(b, "      signing in %s, change of address %s, subscriptions %d, of which in use %d\n",
			choose(a.SignInEnabled, "enabled", "disabled"), choose(a.ChangePending, "waiting", "none"), a.Subscriptions, a.Applied)
		writeIdentity(b, a)
		for _, m := range a.Memberships {
			fmt.Fprintf(b, "      billing account %s: %s\n", m.ID, orUnknown(m.Role))
		}
		for _, i := range a.Invitations {
			fmt.Fprintf(b, "      invited to billing account %s: %s, since %s\n", i.ID, i.State, clock(i.CreatedAt))
		}
	}
	none(b, len(all))
}

func writeIdentity(b *bytes.Buffer, a dryrun.AccountFact) {
	i := a.Identity
	if i == nil {
		b.WriteString("      identity none\n")
		return
	}
	fmt.Fprintf(b, "      identity %s %s: %s, email %s (%s), password %s, second factor %s\n", i.Provider, i.Subject, i.State,
		map[string]string{"same": "the address", "other": "another one", "unknown": "not known"}[i.Email],
		choose(i.EmailVerified, "verified", "not verified"), choose(i.PasswordEnabled, "enabled", "disabled"), choose(i.TwoFactor, "on", "off"))
}

func choose(yes bool, then, otherwise string) string {
	if yes {
		return then
	}
	return otherwise
}

func orUnknown(text string) string { return choose(text != "", text, "unknown") }

func clock(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// wrapped is a line cut to the width of a terminal, each piece behind mark.
func wrapped(line, mark string) string {
	const width = 76
	var b strings.Builder
	length := 0
	b.WriteString(mark)
	for i, word := range strings.Fields(line) {
		if i > 0 && length+1+len([]rune(word)) > width {
			b.WriteString("\n" + mark + "  ")
			length = 2
		} else if i > 0 {
			b.WriteString(" ")
			length++
		}
		b.WriteString(word)
		length += len([]rune(word))
	}
	return strings.TrimRight(b.String(), " ") + "\n"
}
