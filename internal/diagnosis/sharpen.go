package diagnosis

import (
	"cmp"
	"slices"
)

// sharpened orders findings by what the customer said: those that it is a sign of, or that were found by it,
// come first. The ranks are sorted after it, so it moves a finding before others of its own rank alone, and
// it neither adds nor drops one: what is permitted stays as it was.
func (f Facts) sharpened(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(f.unsaid(a), f.unsaid(b)) })
	return found
}

// unsaid is 0 for a finding that what was said speaks for, else 1.
func (f Facts) unsaid(found Finding) int {
	said := func(fact Fact) bool { return fact.Name == "said" }
	if slices.Contains(f.Signs, found.ID) || slices.ContainsFunc(found.Evidence.Facts, said) {
		return 0
	}
	return 1
}
