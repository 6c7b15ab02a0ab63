package console

import (
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/handlers"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// The lanes of the time line.
const (
	laneCustomer = "customer"
	laneAgent    = "agent"
	laneCase     = "case" // what came of it without anybody's doing
	laneMail     = "mail"
	laneFound    = "found"
	laneDesk     = "desk"
)

// events are all that happened, oldest first; what somebody did comes before what came of it.
func events(story recovery.Story, symptom func(id string) string) []templates.ConsoleEvent {
	var all []templates.ConsoleEvent
	for _, act := range story.Acts {
		all = append(all, step(act, symptom))
	}
	for _, f := range story.Found {
		if recovery.Known(f.Situation) {
			all = append(all, templates.ConsoleEvent{At: f.At, Lane: laneFound, ID: f.Situation, Account: f.AccountID})
		}
	}
	for _, d := range story.Deliveries {
		all = append(all, mail(d, story))
	}
	for _, h := range story.HandOffs {
		all = append(all, templates.ConsoleEvent{At: h.CreatedAt, Lane: laneDesk, ID: string(h.Kind), Account: h.Ticket})
	}
	slices.SortStableFunc(all, func(a, b templates.ConsoleEvent) int { return seenAt(a).Compare(seenAt(b)) })
	return folded(all)
}

// seenAt is the place of an event on the line. A mail is stored a moment before the step that it is of.
func seenAt(e templates.ConsoleEvent) time.Time {
	if e.Lane == laneMail || e.Lane == laneDesk {
		return e.At.Add(100 * time.Millisecond)
	}
	return e.At
}

func step(act recovery.AuditEntry, symptom func(id string) string) templates.ConsoleEvent {
	e := templates.ConsoleEvent{At: act.At, Lane: laneCustomer, Who: act.Actor, ID: act.Act, Detail: act.Detail}
	if act.Actor != "" {
		e.Lane = laneAgent
	}
	switch act.Act {
	case recovery.ActTicketMade:
		e.Lane = laneCase
	case recovery.ActExplained: // what was found stands on the line itself
		e.Detail = ""
	case recovery.ActSaid:
		e.Detail = symptom(act.Detail)
	case recovery.ActDisowned, recovery.ActStopped:
		e.ByMailbox = true
	}
	return e
}

// mail is a delivery with what became of it, and of the challenge that it carries.
func mail(d recovery.Delivery, story recovery.Story) templates.ConsoleEvent {
	e := templates.ConsoleEvent{
		At: d.CreatedAt, Lane: laneMail, ID: string(d.Kind), State: string(d.Told()), Reason: string(d.Reason), ChangedAt: d.ChangedAt,
		ToDesk: d.Kind.Channel() == recovery.ChannelDesk,
	}
	for _, c := range story.Challenges {
		if c.ID != d.ChallengeID {
			continue
		}
		e.Until, e.UsedAt, e.Tries = c.ExpiresAt, c.UsedAt, c.Tries
		if !c.UsedAt.IsZero() && c.UsedAt.Equal(story.Case.EndedAt) { // ended with its case, not used
			e.Until, e.UsedAt = c.UsedAt, time.Time{}
		}
	}
	return e
}

// foldable are the steps that say no more the third time than the first.
var foldable = []string{recovery.ActAgentViewed, recovery.ActAgentSearched, recovery.ActWrongCode}

// folded counts such steps where they come in a row.
func folded(all []templates.ConsoleEvent) []templates.ConsoleEvent {
	var out []templates.ConsoleEvent
	for _, e := range all {
		if n := len(out); n > 0 && slices.Contains(foldable, e.ID) {
			if last := &out[n-1]; last.ID == e.ID && last.Who == e.Who && last.Detail == e.Detail {
				last.Times = max(last.Times, 1) + 1
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// days cuts the line where a day begins, in UTC.
func days(all []templates.ConsoleEvent) []templates.ConsoleDay {
	var out []templates.ConsoleDay
	for _, e := range all {
		day := e.At.UTC().Truncate(24 * time.Hour)
		if n := len(out); n == 0 || !out[n-1].Day.Equal(day) {
			out = append(out, templates.ConsoleDay{Day: day})
		}
		last := &out[len(out)-1]
		last.Events = append(last.Events, e)
	}
	return out
}

// symptom says what a customer saw, in the words of the agent's language.
func (s *server) symptom(c *gin.Context) func(id string) string {
	lang := s.language(c)
	return func(id string) string {
		if m, ok := handlers.Messages(s.Renderer, lang).ByID(diagnosis.Symptom(id)); ok {
			return m.Text
		}
		if text, ok := s.Renderer.Text(lang, "symptom."+id); ok {
			return text
		}
		return id
	}
}
