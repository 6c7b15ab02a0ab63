package demo_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/demo"
)

// The README's table of who to start as has each demo customer, in their order.
func TestReadmeNamesEveryCustomer(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`|]+@[^`|]+)` \\| [^|]+ \\|$").FindAllSubmatch(text, -1) {
		got = append(got, string(row[1]))
	}
	for _, c := range demo.Customers() {
		want = append(want, c.Address)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the README's table under The demo has a row each, and what stands in their way, for\n%s\nwant\n%s",
			strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
