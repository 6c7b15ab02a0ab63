package config_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"latchkey/internal/config"
)

var update = flag.Bool("update", false, "write the README's configuration tables anew")

const (
	readme = "../../README.md"
	begin  = "<!-- configuration: go test ./internal/config -run Readme -update -->\n"
	end    = "\n<!-- end of configuration -->"
)

// The README's tables are those of the flags, to the letter.
func TestReadmeNamesEveryFlag(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("the README has no %q … %q", begin, end)
	}
	var reference strings.Builder
	if err := config.Reference(&reference); err != nil {
		t.Fatal(err)
	}
	want := "\n" + reference.String()
	if *update {
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Error("the README's configuration is not that of the flags: go test ./internal/config -run Readme -update")
	}
	if !strings.Contains(got, "`--public-url`") {
		t.Errorf("the reference has no --public-url:\n%s", got)
	}
}
