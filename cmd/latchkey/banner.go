package main

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"

	"latchkey/handlers/console"
	"latchkey/internal/config"
	"latchkey/internal/demo"
)

// banner tells where everything is, and whom to try it as.
func banner(stdout io.Writer, o config.Options, at demoListeners) error {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintf(w, "\nLatchkey\t%s\nDemo customer portal\t%s\nInbox\t%s/inbox\n",
		o.PublicURL, originOf(at.portal), originOf(at.ops))
	if at.desk != nil {
		_, _ = fmt.Fprintln(w, "\tThe support desk, with its tickets, is beside the inbox at /desk.")
	}
	_, _ = fmt.Fprintf(w, "Agent console\t%s%s\n", o.ConsoleURL, console.Path)
	if o.ConsoleToken != "" {
		_, _ = fmt.Fprintf(w, "  its token\t%s\n", o.ConsoleToken)
	}
	_, _ = fmt.Fprintln(w)
	if o.Accounts != "" {
		_, _ = fmt.Fprintf(w, "Start as anybody in %s.\n", o.Accounts)
	} else {
		customers(w)
	}
	_, _ = fmt.Fprintf(w, "\nEverything is kept in %s. Ctrl-C ends the demo.\n\n", o.Data)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := stdout.Write(b.Bytes())
	return err
}

// customers lists the demo's own.
func customers(w io.Writer) {
	_, _ = fmt.Fprint(w, "Start as\tand find\n")
	for _, c := range demo.Customers() {
		found := c.Situation
		if found == "" {
			found = "–"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", c.Address, found, c.About)
	}
}
