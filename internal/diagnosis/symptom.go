package diagnosis

import "slices"

// Symptom is something that no system knows and the customer can tell, after proof and never before: one of
// those below, which rules read, or the ID of a Message, which orders findings.
type Symptom string

// The symptoms that rules read.
const (
	SaidOwnerLeft      Symptom = "owner-left"       // the mailbox is shared, or was that of a colleague who left
	SaidNoSecondFactor Symptom = "no-second-factor" // the identity's second factor is lost
)

// SaidNothing takes back what was said before.
const SaidNothing Symptom = "none"

var symptoms = []Symptom{SaidOwnerLeft, SaidNoSecondFactor}

// Symptoms are those that rules read; they may be said whatever the messages are.
func Symptoms() []Symptom { return slices.Clone(symptoms) }
