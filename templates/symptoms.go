package templates

import "slices"

// SymptomView is something that the customer may say they saw.
type SymptomView struct {
	ID   string
	Text string
}

// ToldView is what the customer said they saw.
type ToldView struct {
	SymptomView
	Signs   []string // ids of the situations that it is a sign of; what the page has not looked for comes first
	Another bool     // the first of them is looked for with another address
}

// IsSaid reports whether the symptom is what the customer said.
func (s Situation) IsSaid(symptom SymptomView) bool { return s.Told != nil && s.Told.ID == symptom.ID }

// Fits are the findings that what the customer saw goes with.
func (s Situation) Fits() []FindingPart {
	var fits []FindingPart
	for _, section := range s.Sections() {
		for _, f := range section.Findings {
			if slices.Contains(s.Told.Signs, f.Situation) {
				fits = append(fits, f)
			}
		}
	}
	return fits
}

// Means are the situations that what the customer saw is a sign of otherwise. A page that knows too little, or
// must not say what it knows, compares nothing.
func (s Situation) Means() []string {
	if s.Incomplete || s.AnyNeutral() {
		return nil
	}
	return s.Told.Signs
}

// LetsIn reports whether all that was found leaves the way in open.
func (s Situation) LetsIn() bool { return s.AllRight || s.Inside }
