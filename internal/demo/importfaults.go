package demo

import (
	"fmt"
	"strings"
)

// maxFaults is how many faults of a file are told; more would not be read.
const maxFaults = 50

// ImportFaults are all that is wrong with a file of accounts, one sentence each with its line. They hold no
// address.
type ImportFaults []string

func (f ImportFaults) Error() string { return strings.Join(f, "\n") }

// faultList collects faults up to maxFaults.
type faultList struct{ found ImportFaults }

func (l *faultList) add(line int, format string, args ...any) {
	l.found = append(l.found, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
}

// full reports whether reading on would tell nothing more.
func (l *faultList) full() bool { return len(l.found) >= maxFaults }

// err is nil where nothing is wrong.
func (l *faultList) err() error {
	switch {
	case len(l.found) == 0:
		return nil
	case l.full():
		return append(l.found[:maxFaults:maxFaults], fmt.Sprintf("the rest was not read after %d faults; nothing was loaded", maxFaults))
	}
	return append(l.found, "nothing was loaded")
}

// quoted is a value as a fault shows it: cut, and left out where it could be an address.
func quoted(value string) string {
	if strings.Contains(value, "@") {
		return ""
	}
	if runes := []rune(value); len(runes) > 40 {
		value = string(runes[:40]) + "…"
	}
	return fmt.Sprintf(" %q", value)
}
