package diagnosis

import "slices"

// Symptom is something that no system knows and the customer can tell, after proof and never before.
type Symptom string

// The symptoms.
const (
	SaidOwnerLeft      Symptom = "owner-left"       // the mailbox is shared, or was that of a colleague who left
	SaidNoSecondFactor Symptom = "no-second-factor" // the identity's second factor is lost
)

var symptoms = []Symptom{SaidOwnerLeft, SaidNoSecondFactor}

// Symptoms are all that may be said.
func Symptoms() []Symptom { return slices.Clone(symptoms) }
