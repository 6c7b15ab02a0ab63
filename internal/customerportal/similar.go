package customerportal

import (
	"cmp"
	"strings"

	"latchkey/internal/account"
)

// The figures of the rule for similar_to, as openapi.yaml has it. MaxSimilar is the third.
const (
	// SmallDomain is the most accounts of a domain in which letters may differ.
	SmallDomain = 100
	// maxDistance is how many letters may differ there.
	maxDistance = 2
	// SmallFamily is the most accounts of a domain that may have one skeleton: more are numbered mailboxes,
	// and no variants of one person's address.
	SmallFamily = 100
)

var marks = strings.NewReplacer(".", "", "_", "", "-", "")

// Skeleton is what the variants of one person's address have in common: the part before the @ in lower case,
// without a plus tag, without dots, underscores and hyphens, and without digits at the end, in this order. A
// step that would leave nothing is left out.
func Skeleton(a account.Address) string {
	name := local(a)
	bare, _, _ := strings.Cut(name, "+")
	name = cmp.Or(bare, name)
	name = cmp.Or(marks.Replace(name), name)
	return cmp.Or(strings.TrimRight(name, "0123456789"), name)
}

// Distance is the Levenshtein distance between the parts before the @, in lower case.
func Distance(a, b account.Address) int { return levenshtein(local(a), local(b)) }

// Close reports whether two addresses differ by so few letters that one may be a slip of the other: by
// maxDistance at most, and by less than half the letters of the shorter one.
func Close(a, b account.Address) bool {
	d := Distance(a, b)
	return d <= maxDistance && 2*d < min(len(local(a)), len(local(b)))
}

func local(a account.Address) string {
	name, _, _ := strings.Cut(a.Canonical(), "@")
	return name
}

// levenshtein counts the insertions, deletions and replacements between two strings of bytes.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
