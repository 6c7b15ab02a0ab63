package recovery

import "time"

// TicketWindow is how long after the proof a ticket from the address still counts against a case.
const TicketWindow = 48 * time.Hour

// Outcome is what came of a proven case.
type Outcome string

// The outcomes. Every proven case has exactly one.
const (
	OutcomeNone        Outcome = ""              // nothing was proven
	OutcomeNotYetKnown Outcome = "not-yet-known" // not proven for 48 hours, or not looked up yet
	OutcomeTicket      Outcome = "ticket"        // a person at support had to help
	OutcomeDeflected   Outcome = "deflected"     // the ticket that never came
	OutcomeNeither     Outcome = "neither"       // not in, as far as is known, and no ticket
)

// Outcome is the rule of deflection. A proven case counts as deflected when all of these hold:
//
//   - The customer got in: the portal's one-time URL was handed over on the press of a button, or they said
//     so. Who said later that they did not get in is believed.
//   - The case was not handed off, by the customer or by "this wasn't me", which is all that ends a case.
//   - No ticket came within 48 hours of the proof from any address proven in the case, neither at the desk nor
//     as another hand-off of ours.
//
// Until the last has been looked up, which is never before the 48 hours are over, the outcome is not yet known
// whatever else is, so that the newest cases lean to no side.
func (c *Case) Outcome() Outcome {
	m := c.Milestones
	switch {
	case m.Proven.IsZero():
		return OutcomeNone
	case m.Checked.IsZero():
		return OutcomeNotYetKnown
	case c.wentToSupport() || !m.Ticket.IsZero():
		return OutcomeTicket
	case m.In():
		return OutcomeDeflected
	}
	return OutcomeNeither
}

// wentToSupport reports whether the case itself became a ticket.
func (c *Case) wentToSupport() bool { return !c.Milestones.HandedOff.IsZero() || !c.EndedAt.IsZero() }

// In reports whether the customer got into the customer portal, as far as is known: signed in or said so, and
// did not say otherwise since.
func (m Milestones) In() bool { return m.stands(m.SignedIn) || m.stands(m.GotIn) }

// stands reports whether the customer was in at a moment and did not say otherwise since.
func (m Milestones) stands(in time.Time) bool { return !in.IsZero() && !in.Before(m.NotIn) }
