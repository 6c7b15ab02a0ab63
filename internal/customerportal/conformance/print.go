package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxFaults is how many faults of one check are written out.
const maxFaults = 6

// WriteText writes the report for people: one line a check, and below what is wrong the request and the
// answer that show it.
func (r Report) WriteText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Customer Portal API at %s\n\n", r.BaseURL)
	for _, one := range r.Results {
		fmt.Fprintf(&b, "%-12s %-22s %s\n", label(one.State), one.ID, one.Rule)
		if one.Want != "" && one.State == Unchecked {
			fmt.Fprintf(&b, "%13s%s\n", "", "needs "+one.Want)
		}
		for i, f := range one.Faults {
			if i == maxFaults {
				fmt.Fprintf(&b, "%13sand %d more\n", "", len(one.Faults)-maxFaults)
				break
			}
			f.write(&b)
		}
	}
	fmt.Fprintf(&b, "\n%d right, %d wrong, %d NOT CHECKED\n", r.Count(Right), r.Count(Wrong), r.Count(Unchecked))
	_, err := w.Write(b.Bytes())
	return err
}

// WriteJSON writes the report for programs.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func label(s State) string {
	if s == Right {
		return string(s)
	}
	return strings.ToUpper(string(s))
}

func (f Fault) write(b *bytes.Buffer) {
	const indent = "             "
	fmt.Fprintf(b, "%s%s\n", indent, f.Text)
	x := f.Exchange
	if x == nil {
		return
	}
	fmt.Fprintf(b, "%s  > %s   (token: %s)\n", indent, x.Request, x.Token)
	if x.Error != "" {
		fmt.Fprintf(b, "%s  < no answer after %d ms: %s\n", indent, x.Millis, x.Error)
		return
	}
	fmt.Fprintf(b, "%s  < %d %s, %s, %d ms\n", indent, x.Status, http.StatusText(x.Status), media(x), x.Millis)
	if x.Answer != "" {
		fmt.Fprintf(b, "%s  < %s\n", indent, strings.ReplaceAll(strings.TrimSpace(x.Answer), "\n", "\n"+indent+"  < "))
	}
}
