package console

import (
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// casePage is the story of a case. A reference that was written otherwise is the same.
func (s *server) casePage(c *gin.Context, v *recovery.AgentVisitor, e entry) (templates.Page, error) {
	reference, ok := caseOf(c)
	if !ok {
		return nil, recovery.ErrReferenceForm
	}
	c.Set(edge.KeyReference, reference)
	story, err := s.Agents.Story(c.Request.Context(), v, reference)
	if err != nil {
		return nil, err
	}
	c.Set(edge.KeyAddress, story.Case.AddressHash)
	built := newCasePage(story, s.symptom(c))
	built.ConsoleBase = s.base(v, recovery.ConsoleCasePath+reference, e)
	built.Reference = story.Case.Reference
	kind, accountID := recovery.Kind(c.Query(templates.FieldKind)), c.Query(templates.FieldAccount)
	if s.onItsWay(story, kind, accountID) {
		built.Sent = sent(built.Resends, kind, accountID)
	}
	return built, nil
}

// justSent is how long a mail counts as on its way.
const justSent = time.Minute

// onItsWay reports whether such a mail of the case is, whatever a link to the page says.
func (s *server) onItsWay(story recovery.Story, kind recovery.Kind, accountID string) bool {
	for _, d := range slices.Backward(story.Deliveries) {
		if d.Kind == kind && d.AccountID == accountID {
			return d.State == recovery.StateQueued || s.Now().Sub(d.CreatedAt) < justSent
		}
	}
	return false
}

// sent is the mail that the agent has just had sent again; nil for none.
func sent(all []templates.ConsoleResend, kind recovery.Kind, accountID string) *templates.ConsoleResend {
	for _, r := range all {
		if r.Kind == string(kind) && r.AccountID == accountID {
			return &r
		}
	}
	return nil
}

// resend sends a mail of the case again, to where it went before, and has the page say so.
func (s *server) resend(c *gin.Context, v *recovery.AgentVisitor, f edge.Fields) error {
	reference, _ := caseOf(c)
	c.Set(edge.KeyReference, reference)
	kind, accountID := recovery.Kind(f[templates.FieldKind]), f[templates.FieldAccount]
	if err := s.Agents.Resend(c.Request.Context(), v, reference, kind, accountID); err != nil {
		return err
	}
	which := url.Values{templates.FieldKind: {string(kind)}, templates.FieldAccount: {accountID}}
	return s.redirect(c, recovery.ConsoleCasePath+reference+"?"+which.Encode())
}

func (s *server) resolve(c *gin.Context, v *recovery.AgentVisitor, _ edge.Fields) error {
	reference, _ := caseOf(c)
	c.Set(edge.KeyReference, reference)
	if err := s.Agents.Resolve(c.Request.Context(), v, reference); err != nil {
		return err
	}
	return s.goOn(c, reference)
}

// newCasePage lays a story out. symptom says what a customer saw, in words.
func newCasePage(story recovery.Story, symptom func(id string) string) templates.ConsoleCase {
	built := templates.ConsoleCase{
		Address: story.Case.Address, State: string(story.Case.Stage(story.Resolved != nil)), Rail: rail(story),
		Language: story.Case.Language, Browser: story.Case.Browser, Entry: string(story.Case.Entry),
		Ticket: story.Case.Ticket, Days: days(events(story, symptom)), Evidence: evidence(story),
	}
	if recovery.Known(story.Case.Expected) {
		built.Expected = story.Case.Expected
	}
	if r := story.Resolved; r != nil {
		built.Resolved = &templates.ConsoleDone{Who: r.Actor, At: r.At}
	}
	for _, r := range story.Resends {
		built.Resends = append(built.Resends, templates.ConsoleResend{Kind: string(r.Kind), AccountID: r.AccountID, Address: r.Address})
	}
	return built
}

// farMinutes are more than people count.
const farMinutes = 120

// rail is how far the customer got: the stops that everybody hopes for, and those that were made besides.
func rail(story recovery.Story) []templates.RailStop {
	m, began := story.Case.Milestones, story.Case.CreatedAt
	var resolved time.Time
	if story.Resolved != nil {
		resolved = story.Resolved.At
	}
	var stops []templates.RailStop
	for _, stop := range []struct {
		id          string
		at          time.Time
		always, bad bool
	}{
		{"started", began, true, false},
		{"proven", m.Proven, true, false},
		{"explained", m.Explained, true, false},
		{"acted", m.Acted, true, false},
		{"signed-in", m.SignedIn, true, false},
		{"got-in", m.GotIn, false, false},
		{"not-in", m.NotIn, false, true},
		{"handed-off", m.HandedOff, false, true},
		{"ticket", m.Ticket, false, true},
		{"ended", story.Case.EndedAt, false, true},
		{"resolved", resolved, false, false},
	} {
		if stop.at.IsZero() && !stop.always {
			continue
		}
		made := templates.RailStop{ID: stop.id, At: stop.at, Bad: stop.bad}
		if !stop.at.IsZero() {
			made.Minutes = int(stop.at.Sub(began) / time.Minute)
			made.Far = made.Minutes >= farMinutes
		}
		stops = append(stops, made)
	}
	return stops
}
