package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is a terminal, and what has been written to it once it is closed.
func terminal(t *testing.T) (_ *os.File, written func() string) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = control.Close() })
	if err := unix.IoctlSetPointerInt(int(control.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal("unlock the terminal:", err)
	}
	number, err := unix.IoctlGetInt(int(control.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal("number of the terminal:", err)
	}
	screen, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(control) // ends with an error once nobody has the terminal open
		all <- string(text)
	}()
	return screen, func() string {
		_ = screen.Close()
		return <-all
	}
}

// Who waits at a terminal sees that work is under way, and afterwards only what came of it. A log sees neither.
func TestLongWorkShowsOnATerminal(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		what string
		args []string
		out  string
	}{
		{
			"Bringing the database up to date",
			[]string{"migrate", "--data", dir},
			"a new database was made at " + filepath.Join(dir, "latchkey.db") + " (another is named with --data, its folder, or --database)\n",
		},
		{
			"Bringing the database up to date",
			[]string{"migrate", "--data", dir},
			"the database at " + filepath.Join(dir, "latchkey.db") + " is up to date\n",
		},
		{"Counting", []string{"report", "--data", dir, "--csv"}, ""},
		{
			"Copying the database",
			[]string{"backup", "--data", dir, filepath.Join(dir, "copy")},
			"backed up to " + filepath.Join(dir, "copy") + "\n",
		},
		{"Counting", []string{"report", "--data", dir, "--json"}, ""},
	} {
		t.Run(tt.args[0], func(t *testing.T) {
			screen, written := terminal(t)
			var out bytes.Buffer
			if err := run(t.Context(), tt.args, noEnv, &out, screen); err != nil {
				t.Fatal(err)
			}
			if tt.out != "" && out.String() != tt.out || out.Len() == 0 {
				t.Errorf("it says %q, want %q", out.String(), tt.out)
			}
			shown := written()
			if !strings.Contains(shown, tt.what) {
				t.Errorf("the terminal shows %q, want %q", shown, tt.what)
			}
			if last := shown[strings.LastIndexByte(strings.TrimRight(shown, "\r"), '\r')+1:]; strings.TrimSpace(last) != "" {
				t.Errorf("%q stays on the terminal", last)
			}
		})
	}
	if out, errs, status := command(t.Context(), "report", "--data", dir, "--csv"); out == "" || errs != "" || status != 0 {
		t.Errorf("into a file: %.40q and %q, status %d", out, errs, status)
	}
}

func noEnv(string) string { return "" }
