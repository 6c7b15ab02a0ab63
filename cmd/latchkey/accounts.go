package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"latchkey/internal/config"
	"latchkey/internal/demo"
)

// loadAccounts fills the demo portal from a vendor's export, so that it sees its own cases diagnosed. It
// tells stderr how far it is; what is wrong with the file is told line by line, and then nothing was loaded.
func loadAccounts(ctx context.Context, name string, portal *demo.Portal, stderr io.Writer) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("--accounts %s: %w", name, cause(err))
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("--accounts %s: %w", name, cause(err))
	}
	started := time.Now()
	show := newProgress(stderr, name, info.Size())
	done, err := portal.Import(ctx, file, show.read)
	show.end()
	if faults := demo.ImportFaults(nil); errors.As(err, &faults) {
		return aboutFile(name, faults)
	}
	if err != nil {
		return fmt.Errorf("--accounts %s: %w", name, err)
	}
	_, err = io.WriteString(stderr, loaded(name, done, time.Since(started)))
	return err
}

// aboutFile are the faults of the file as those of the command line.
func aboutFile(name string, found demo.ImportFaults) config.Faults {
	faults := make(config.Faults, len(found))
	for i, f := range found {
		faults[i] = name + ": " + f
	}
	return faults
}

// loaded says what came of it.
func loaded(name string, done demo.Imported, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Loaded %s from %s in %s.\n", count(done.Accounts, "account"), name, took.Round(10*time.Millisecond))
	if done.Further > 0 {
		fmt.Fprintf(&b, "%s told more of an account of another row.\n", count(done.Further, "row"))
	}
	if done.Known > 0 {
		fmt.Fprintf(&b, "%s there already, left as is; to load everything anew, choose a new folder with --data.\n", count(done.Known, "account"))
	}
	if done.Repeated > 0 {
		more := ""
		if done.Repeated > len(done.RepeatedSome) {
			more = ", …"
		}
		fmt.Fprintf(&b, "%s left out, because another says the same: %s%s.\n", count(done.Repeated, "row"), strings.Join(done.RepeatedSome, ", "), more)
	}
	if len(done.Unknown) > 0 {
		fmt.Fprintf(&b, "Columns that are not known were left out: %s.\n", strings.Join(done.Unknown, ", "))
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands is a number as people read it.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// progress shows how much of a file was read: a bar on a terminal, else a line for each tenth.
type progress struct {
	out   io.Writer
	name  string
	size  int64
	tenth int64
	bar   *progressbar.ProgressBar
}

func newProgress(out io.Writer, name string, size int64) *progress {
	p := &progress{out: out, name: name, size: size}
	if isTerminal(out) {
		p.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("Loading "+name),
			progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return p
}

// read is told how far the file was read. What the bar cannot show is no reason to stop.
func (p *progress) read(bytes int64, rows int) {
	if p.bar != nil {
		_ = p.bar.Set64(min(bytes, p.size))
		return
	}
	if p.size == 0 {
		return
	}
	if tenth := bytes * 10 / p.size; tenth > p.tenth && tenth < 10 {
		p.tenth = tenth
		_, _ = fmt.Fprintf(p.out, "Loading %s: %d %%, %s\n", p.name, tenth*10, count(rows, "row"))
	}
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
