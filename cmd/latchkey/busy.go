package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// busy shows on a terminal that something long is under way, of which nobody knows how far it is, and for how long
// it has been; end takes that away.
func busy(stderr io.Writer, what string) (end func()) {
	if !isTerminal(stderr) {
		return func() {}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetElapsedTime(true), progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(200*time.Millisecond), progressbar.OptionClearOnFinish())
	_ = bar.RenderBlank()              // begins; what cannot be shown is no reason to fail
	return func() { _ = bar.Finish() } // as above
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
