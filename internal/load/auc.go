package load

import (
	"slices"
	"time"
)

// AUC is how well time tells a from b: the chance that one drawn from b took longer than one drawn from a,
// ties counting half. 0.5 tells nothing, 0 and 1 tell everything.
func AUC(a, b []time.Duration) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0.5
	}
	type timed struct {
		took time.Duration
		ofB  bool
	}
	all := make([]timed, 0, len(a)+len(b))
	for _, t := range a {
		all = append(all, timed{t, false})
	}
	for _, t := range b {
		all = append(all, timed{t, true})
	}
	slices.SortFunc(all, func(x, y timed) int { return int(x.took - y.took) })
	ranks := 0.0 // of b, from 1 on; equal ones share theirs
	for from := 0; from < len(all); {
		to, ofB := from, 0
		for ; to < len(all) && all[to].took == all[from].took; to++ {
			if all[to].ofB {
				ofB++
			}
		}
		ranks += float64(ofB) * float64(from+1+to) / 2
		from = to
	}
	n, m := float64(len(a)), float64(len(b))
	return (ranks - m*(m+1)/2) / (n * m)
}
