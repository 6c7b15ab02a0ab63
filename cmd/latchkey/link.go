package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"latchkey/internal/config"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// runLink prints a signed link for a reply to a customer. It asks nobody and opens no database.
func runLink(c config.Config, stdout io.Writer) error {
	keys, keyErr := parseKeys(c.KeyRing)
	l := recovery.SupportLink{
		Ticket: c.SupportLink.Ticket, Address: c.SupportLink.Email, Expected: diagnosis.ID(c.SupportLink.Situation),
		Language: c.SupportLink.Lang, Life: c.SupportLink.TTL,
	}
	if err := errors.Join(keyErr, linkFaults(l)); err != nil {
		return err
	}
	link, err := recovery.New(recovery.Deps{Keys: keys, Now: time.Now, PublicURL: c.SupportLink.PublicURL}).SupportLink(l)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, link)
	return err
}

// linkFaults are all that is wrong with a link, in the words of its flags.
func linkFaults(l recovery.SupportLink) error {
	wrong := l.Check()
	var faults config.Faults
	for _, f := range []struct {
		err               error
		flag, value, what string
	}{
		{recovery.ErrLinkTicket, "ticket", l.Ticket, "is no number of a ticket: 1 to 40 letters, digits, dots, hyphens and underscores"},
		{recovery.ErrLinkAddress, "email", l.Address, "is no address that mail can be sent to"},
		{recovery.ErrLinkSituation, "situation", string(l.Expected), "is none of " + situationIDs()},
		{recovery.ErrLinkLanguage, "lang", l.Language, "is no language such as en or pt-BR"},
		{recovery.ErrLinkLife, "ttl", l.Life.String(), "is not from 1m to 7d"},
	} {
		if errors.Is(wrong, f.err) {
			faults = append(faults, fmt.Sprintf("--%s %q: %s", f.flag, f.value, f.what))
		}
	}
	if len(faults) == 0 {
		return wrong
	}
	return faults
}

// situationIDs are those of the registry.
func situationIDs() string {
	var ids []string
	for _, s := range diagnosis.All() {
		ids = append(ids, string(s.ID))
	}
	return strings.Join(ids, ", ")
}
