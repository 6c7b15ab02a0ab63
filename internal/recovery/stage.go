package recovery

// Stage is where a case stands, for agents.
type Stage string

// The stages, in the order in which most cases go through them.
const (
	StageStarted   Stage = "started"
	StageProven    Stage = "proven"
	StageExplained Stage = "explained"
	StageActed     Stage = "acted"
	StageSignedIn  Stage = "signed-in"
	StageGotIn     Stage = "got-in" // the customer said so
	StageNotIn     Stage = "not-in" // the customer said they did not, and signed in no more
	StageHandedOff Stage = "handed-off"
	StageResolved  Stage = "resolved" // an agent said so
	StageEnded     Stage = "ended"    // by "this wasn't me"
)

// Stage is where the case stands. Whether an agent marked it as resolved is for the caller to know: the audit
// trail has it. Whether the customer is in follows the rule of Outcome, so that a list of cases and the report
// agree; and who got in after asking support waits for nobody.
func (c *Case) Stage(resolved bool) Stage {
	m := c.Milestones
	switch {
	case !c.Open():
		return StageEnded
	case resolved:
		return StageResolved
	case m.HandedOff.After(m.SignedIn) && m.HandedOff.After(m.GotIn):
		return StageHandedOff
	case m.stands(m.GotIn):
		return StageGotIn
	case m.stands(m.SignedIn):
		return StageSignedIn
	case !m.NotIn.IsZero():
		return StageNotIn
	case !m.Acted.IsZero():
		return StageActed
	case !m.Explained.IsZero():
		return StageExplained
	case !m.Proven.IsZero():
		return StageProven
	}
	return StageStarted
}
