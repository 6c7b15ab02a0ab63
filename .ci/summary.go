// Command summary reads `go test -json`, prints what a person wants to see of it, and ends with one line
// that counts the tests. Its status is 1 if any failed or none ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

// event is a line of `go test -json`.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Elapsed    float64
	Output     string
}

type summary struct {
	passed, failed, skipped int
	packages                int
	skips                   []string
	output                  map[string][]string // by package and test, until it is known how that ended
	failures                map[string]int      // failed tests, by package
	out                     io.Writer
}

func main() {
	s := &summary{output: map[string][]string{}, failures: map[string]int{}, out: os.Stdout}
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			s.line(line)
		}
		if err != nil {
			break
		}
	}
	s.end(os.Getenv("LATCHKEY_TEST_MISSING"))
	if s.failed > 0 || s.passed == 0 {
		os.Exit(1)
	}
}

func (s *summary) line(line string) {
	var e event
	if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
		_, _ = io.WriteString(s.out, line) // what go itself says
		return
	}
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		_, _ = io.WriteString(s.out, e.Output)
	case "output":
		s.output[key] = append(s.output[key], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.packageEnds(e)
		} else {
			s.testEnds(e, s.output[key])
		}
		delete(s.output, key)
	}
}

func (s *summary) testEnds(e event, output []string) {
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		s.skips = append(s.skips, e.Package+" "+e.Test+"\n"+strings.Join(output, ""))
	case "fail":
		s.failed++
		s.failures[e.Package]++
		_, _ = fmt.Fprintf(s.out, "\n%s %s\n%s", e.Package, e.Test, strings.Join(output, ""))
	}
}

func (s *summary) packageEnds(e event) {
	if e.Action == "skip" {
		return // no test files
	}
	s.packages++
	if e.Action == "fail" && s.failures[e.Package] == 0 {
		// It did not build, panicked outside a test, or was ended by its time-out.
		s.failed++
		_, _ = fmt.Fprintf(s.out, "\n%s\n%s", e.Package, strings.Join(s.pending(e.Package), ""))
	}
	_, _ = fmt.Fprintf(s.out, "%-5s %-40s %7.1f s\n", e.Action, e.Package, e.Elapsed)
}

// pending is all that tests of a package said that never ended.
func (s *summary) pending(pkg string) []string {
	var keys []string
	for key := range s.output {
		if strings.HasPrefix(key, pkg+" ") {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	var all []string
	for _, key := range keys {
		all = append(all, s.output[key]...)
	}
	return all
}

func (s *summary) end(missing string) {
	for _, skip := range s.skips {
		_, _ = fmt.Fprintf(s.out, "\nNOT RUN: %s", skip)
	}
	for what := range strings.SplitSeq(missing, ";") {
		if what != "" {
			_, _ = fmt.Fprintf(s.out, "\nMISSING ON THIS MACHINE: %s", what)
		}
	}
	_, _ = fmt.Fprintf(s.out, "\n%d packages\n%d passed, %d failed, %d skipped\n", s.packages, s.passed, s.failed, s.skipped)
}
