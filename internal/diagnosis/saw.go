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
	Text  string   // plain, as it is shown; "" for what people look for and nobody offers
	Also  []string // other wordings, which are found and not shown
	Signs []ID     // the situations that it is a sign of, in the registry's order
}

// wordings are all that the message may be known by.
func (m Message) wordings() []string {
	if m.Text == "" {
		return m.Also
	}
	return append([]string{m.Text}, m.Also...)
}

// Messages are all that is known, in the order of the situations that they are signs of.
type Messages []Message

// MessagesOf gathers the messages of the situations. lines is what the words of a situation say of it, one
// message a line, "" for none. Other wordings of a message follow it after a bar each, and a line that begins with
// one has nothing but those. A message that several situations have is one, with all of them.
func MessagesOf(all []Situation, lines func(ID) string) Messages {
	var found Messages
	at := map[Symptom]int{}
	for _, s := range all {
		for line := range strings.Lines(lines(s.ID)) {
			m := messageOf(line)
			if m.ID == "" {
				continue
			}
			i, known := at[m.ID]
			if !known {
				i = len(found)
				at[m.ID] = i
				found = append(found, Message{ID: m.ID, Text: m.Text})
			}
			found[i].Also = appendNew(found[i].Also, m.Also...)
			found[i].Signs = appendNew(found[i].Signs, s.ID)
		}
	}
	return found
}

// messageOf reads a line. The first wording names the message.
func messageOf(line string) Message {
	text, others, _ := strings.Cut(line, "|")
	m := Message{Text: strings.TrimSpace(text)}
	for other := range strings.SplitSeq(others, "|") {
		if other = strings.TrimSpace(other); other != "" {
			m.Also = append(m.Also, other)
		}
	}
	if all := m.wordings(); len(all) > 0 {
		m.ID = messageID(all[0])
	}
	return m
}

func appendNew[T comparable](to []T, more ...T) []T {
	for _, one := range more {
		if !slices.Contains(to, one) {
			to = append(to, one)
		}
	}
	return to
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

// ByID is one of the messages. What was a message of its own once, and is another wording of one now, is that one.
func (all Messages) ByID(id Symptom) (Message, bool) {
	i := slices.IndexFunc(all, func(m Message) bool { return m.ID == id })
	if i < 0 {
		i = slices.IndexFunc(all, func(m Message) bool {
			return slices.ContainsFunc(m.Also, func(wording string) bool { return messageID(wording) == id })
		})
	}
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
		l := 0.0
		for _, wording := range m.wordings() {
			l = max(l, alike(typed, wordsOf(wording), weights))
		}
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
		ids = appendNew(ids, m.Signs...)
	}
	return ids
}
