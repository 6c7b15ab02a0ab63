package diagnosis

import (
	"slices"
	"strings"
	"unicode"
)

// What it takes for a text to be taken for a message.
const (
	mostOfIt    = 0.7 // of the message's weight is in the text, whatever stands around it
	nearlyAllIn = 0.8 // of the text's words stand in a row in the message: it was cut off
	fewWords    = 3   // in a row; fewer have to be all that was typed, and tell
	rareWeight  = 0.5 // of a word that two messages have at most
)

// filler are words that tell no message from another.
var filler = strings.Fields("a an and are as at be been but by for from has have i in is it my not of on or that the " +
	"this to was we with you your")

// alike is how much a typed text is like a message, from 0, not at all, to 1. The words that few messages
// have count for most.
func alike(typed, message []string, weights map[string]float64) float64 {
	if len(typed) == 0 || len(message) == 0 || !telling(typed) {
		return 0
	}
	covered := cover(message, typed, weights)
	run := longestRun(typed, message)
	partly := float64(run) / float64(len(typed))
	switch {
	case covered >= mostOfIt:
		return covered
	case partly >= nearlyAllIn && (run >= fewWords || run == len(typed) && rare(typed, weights)):
		return partly * nearlyAllIn
	}
	return 0
}

// telling reports whether there is a word that says anything.
func telling(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && !slices.Contains(filler, w) })
}

// rare reports whether one of the words belongs to hardly any message.
func rare(typed []string, weights map[string]float64) bool {
	return slices.ContainsFunc(typed, func(w string) bool { return weights[w] >= rareWeight })
}

// cover is how much of the message's weight the text holds.
func cover(message, typed []string, weights map[string]float64) float64 {
	all, held := 0.0, 0.0
	for _, w := range message {
		all += weights[w]
		if slices.Contains(typed, w) {
			held += weights[w]
		}
	}
	return held / all
}

// longestRun counts the words of the longest stretch that both have in the same order.
func longestRun(a, b []string) int {
	best := 0
	before := make([]int, len(b)+1)
	for i := range a {
		now := make([]int, len(b)+1)
		for j := range b {
			if a[i] == b[j] {
				now[j+1] = before[j] + 1
				best = max(best, now[j+1])
			}
		}
		before = now
	}
	return best
}

// weights are what each word counts for: the fewer messages have it, the more.
func (all Messages) weights() map[string]float64 {
	in := map[string]float64{}
	for _, m := range all {
		words := wordsOf(strings.Join(m.wordings(), " "))
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			in[w]++
		}
	}
	for w, n := range in {
		in[w] = 1 / n
		if slices.Contains(filler, w) {
			in[w] /= 4
		}
	}
	return in
}

// wordsOf are the words of a text in lower case. Apostrophes, straight or curly, go; every other sign
// parts words.
func wordsOf(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\'' || r == '’' || r == '‘' || r == 'ʼ' || r == '\u00ad' || r == '\u200b':
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, text)
	return strings.Fields(text)
}
