package diagnosis

import (
	"cmp"
	"slices"
	"strings"
)

// Message is something that people read on a screen, or see happen, when they cannot get in.
type Message struct {
	// ID follows from the text, so that a vendor's own messages need nothing but their words.
	ID    Symptom
	Text  string // plain, as it is shown
	Signs []ID   // the situations that it is a sign of, in the registry's order
}

// Messages are all that is known, in the order of the situations that they are signs of.
type Messages []Message

// MessagesOf gathers the messages of the situations. lines is what the words of a situation say of it, one
// message a line, "" for none. A message that several situations have is one, with all of them.
func MessagesOf(all []Situation, lines func(ID) string) Messages {
	var found Messages
	at := map[Symptom]int{}
	for _, s := range all {
		for line := range strings.Lines(lines(s.ID)) {
			m := Message{ID: messageID(line), Text: strings.TrimSpace(line)}
			if m.ID == "" {
				continue
			}
			i, known := at[m.ID]
			if !known {
				i = len(found)
				at[m.ID] = i
				found = append(found, m)
			}
			if !slices.Contains(found[i].Signs, s.ID) {
				found[i].Signs = append(found[i].Signs, s.ID)
			}
		}
	}
	return found
}

// sawPrefix keeps the ids of messages apart from the symptoms that have a rule of their own.
const sawPrefix = "saw-"

// longestID is enough to tell any two messages apart, in bytes.
const longestID = 80

// messageID is "" for a text without words.
func messageID(text string) Symptom {
	slug := strings.Join(wordsOf(text), "-")
	if slug == "" {
		return ""
	}
	return Symptom(strings.ToValidUTF8((sawPrefix + slug)[:min(len(sawPrefix)+len(slug), longestID)], ""))
}

// ByID is one of the messages.
func (all Messages) ByID(id Symptom) (Message, bool) {
	i := slices.IndexFunc(all, func(m Message) bool { return m.ID == id })
	if i < 0 {
		return Message{}, false
	}
	return all[i], true
}

// Signs are the situations that what was said is a sign of.
func (all Messages) Signs(said []Symptom) []ID {
	var signs []ID
	for _, s := range said {
		if m, ok := all.ByID(s); ok {
			signs = append(signs, m.Signs...)
		}
	}
	return signs
}

// nearlyAsGood is how close to the best match another one has to be to stand beside it.
const nearlyAsGood = 0.8

// Match finds the messages that somebody means who pasted text: a message with other words around it, a
// part of one, other quotes, case and punctuation. The likeliest come first; none if nothing is like it.
func (all Messages) Match(text string) Messages {
	typed := wordsOf(text)
	weights := all.weights()
	likeness := map[Symptom]float64{}
	var found Messages
	best := 0.0
	for _, m := range all {
		l := alike(typed, wordsOf(m.Text), weights)
		if l == 0 {
			continue
		}
		likeness[m.ID], best = l, max(best, l)
		found = append(found, m)
	}
	found = slices.DeleteFunc(found, func(m Message) bool { return likeness[m.ID] < best*nearlyAsGood })
	slices.SortStableFunc(found, func(a, b Message) int { return cmp.Compare(likeness[b.ID], likeness[a.ID]) })
	return found
}

// Situations are those that the messages are signs of, each once, the likeliest message's first.
func (all Messages) Situations() []ID {
	var ids []ID
	for _, m := range all {
		for _, id := range m.Signs {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
