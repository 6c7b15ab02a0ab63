package config_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/config"
)

// Every command of the README's code blocks is one that can be given as it stands. The files that it names
// are there.
func TestReadmeCommandsAreUnderstood(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	seen := map[config.Command]bool{}
	for _, args := range commands(string(text)) {
		for _, arg := range args {
			if strings.HasSuffix(arg, ".txt") {
				if err := os.WriteFile(arg, []byte("postgres://a@db.example.com/a\n"), 0o600); err != nil { // what a file of any secret may hold
					t.Fatal(err)
				}
			}
		}
		c, err := config.Load(args, func(string) string { return "" })
		if err != nil {
			t.Errorf("latchkey %s: %v", strings.Join(args, " "), err)
		}
		seen[c.Command] = true
	}
	for _, want := range []config.Command{config.Demo, config.Serve, config.Keys} {
		if !seen[want] {
			t.Errorf("the README has no command latchkey %s that is understood", want)
		}
	}
}

var (
	codeBlock = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```")
	program   = regexp.MustCompile(`^(go run \./cmd/|\./)?latchkey `)
	word      = regexp.MustCompile(`'[^']*'|[^\s']+`)
)

// commands are the arguments of each latchkey in a code block, without comments and where output goes.
func commands(markdown string) [][]string {
	var all [][]string
	for _, block := range codeBlock.FindAllStringSubmatch(markdown, -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			if program.MatchString(line) {
				all = append(all, words(program.ReplaceAllString(line, "")))
			}
		}
	}
	return all
}

func words(line string) []string {
	all := word.FindAllString(line, -1)
	end := slices.IndexFunc(all, func(w string) bool { return w[0] == '#' || w[0] == '>' })
	if end >= 0 {
		all = all[:end]
	}
	for i, w := range all {
		all[i] = strings.Trim(w, "'")
	}
	return all
}
