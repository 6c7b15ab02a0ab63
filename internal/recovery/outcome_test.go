package recovery_test

import (
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// The rule of deflection, as a table. Minutes count from the proof; nothing at all is left out.
func TestOutcome(t *testing.T) {
	proven := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return proven.Add(time.Duration(minutes) * time.Minute) }
	checked := proven.Add(recovery.TicketWindow + time.Minute)
	for _, tt := range []struct {
		name string
		m    recovery.Milestones
		end  time.Time
		want recovery.Outcome
	}{
		{"nothing proven", recovery.Milestones{}, time.Time{}, recovery.OutcomeNone},
		{"signed in without proof cannot be, and counts as nothing", recovery.Milestones{SignedIn: at(1), Checked: checked}, time.Time{}, recovery.OutcomeNone},
		{"just signed in", recovery.Milestones{Proven: proven, SignedIn: at(1)}, time.Time{}, recovery.OutcomeNotYetKnown},
		{"just handed off", recovery.Milestones{Proven: proven, HandedOff: at(1)}, time.Time{}, recovery.OutcomeNotYetKnown},
		{"signed in", recovery.Milestones{Proven: proven, SignedIn: at(1), Checked: checked}, time.Time{}, recovery.OutcomeDeflected},
		{"said so", recovery.Milestones{Proven: proven, GotIn: at(1), Checked: checked}, time.Time{}, recovery.OutcomeDeflected},
		{"acted and no more", recovery.Milestones{Proven: proven, Explained: at(1), Acted: at(2), Checked: checked}, time.Time{}, recovery.OutcomeNeither},
		{"signed in, and a ticket came", recovery.Milestones{Proven: proven, SignedIn: at(1), Ticket: at(60), Checked: checked}, time.Time{}, recovery.OutcomeTicket},
		{"a ticket came", recovery.Milestones{Proven: proven, Ticket: at(60), Checked: checked}, time.Time{}, recovery.OutcomeTicket},
		{"signed in and handed off", recovery.Milestones{Proven: proven, SignedIn: at(1), HandedOff: at(2), Checked: checked}, time.Time{}, recovery.OutcomeTicket},
		{"signed in by somebody else", recovery.Milestones{Proven: proven, SignedIn: at(1), Checked: checked}, at(9), recovery.OutcomeTicket},
		{"signed in, then not in", recovery.Milestones{Proven: proven, SignedIn: at(1), NotIn: at(2), Checked: checked}, time.Time{}, recovery.OutcomeNeither},
		{"not in, then signed in", recovery.Milestones{Proven: proven, NotIn: at(1), SignedIn: at(2), Checked: checked}, time.Time{}, recovery.OutcomeDeflected},
		{"not in, then in", recovery.Milestones{Proven: proven, SignedIn: at(1), NotIn: at(2), GotIn: at(3), Checked: checked}, time.Time{}, recovery.OutcomeDeflected},
		{"not in", recovery.Milestones{Proven: proven, NotIn: at(1), Checked: checked}, time.Time{}, recovery.OutcomeNeither},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := recovery.Case{Milestones: tt.m, EndedAt: tt.end}
			if got := c.Outcome(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseSince(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 30 * 24 * time.Hour, "30d": 30 * 24 * time.Hour, "7d": 7 * 24 * time.Hour, "12h": 12 * time.Hour, "90m": 90 * time.Minute,
	} {
		if got, err := recovery.ParseSince(text); err != nil || got != want {
			t.Errorf("%q: got %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"0d", "-7d", "d", "30", "7 days", "1e9d", "99999999999999999999d", "9999999d", "200000h", "<b>", "7d "} {
		if got, err := recovery.ParseSince(text); err == nil {
			t.Errorf("%q: got %s, want ErrSince", text, got)
		}
	}
}
