package templates

// SymptomView is something that the customer may say they saw.
type SymptomView struct {
	ID   string
	Text string
}

// SaidText is what the customer said, in words; "" for nothing, or for what this language does not have.
func (s Situation) SaidText() string {
	for _, symptom := range s.Symptoms {
		if symptom.ID == s.Said {
			return symptom.Text
		}
	}
	return ""
}
