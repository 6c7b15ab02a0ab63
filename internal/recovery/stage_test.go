package recovery_test

import (
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// Where a case stands, as a table. Minutes count from the proof.
func TestStage(t *testing.T) {
	proven := time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return proven.Add(time.Duration(minutes) * time.Minute) }
	for _, tt := range []struct {
		name     string
		m        recovery.Milestones
		end      time.Time
		resolved bool
		want     recovery.Stage
	}{
		{"nothing proven", recovery.Milestones{}, time.Time{}, false, recovery.StageStarted},
		{"proven", recovery.Milestones{Proven: proven}, time.Time{}, false, recovery.StageProven},
		{"explained", recovery.Milestones{Proven: proven, Explained: at(1)}, time.Time{}, false, recovery.StageExplained},
		{"acted", recovery.Milestones{Proven: proven, Explained: at(1), Acted: at(2)}, time.Time{}, false, recovery.StageActed},
		{"signed in", recovery.Milestones{Proven: proven, Acted: at(2), SignedIn: at(2)}, time.Time{}, false, recovery.StageSignedIn},
		{"signed in, and said so", recovery.Milestones{Proven: proven, SignedIn: at(2), GotIn: at(3)}, time.Time{}, false, recovery.StageGotIn},
		{"signed in, then not in", recovery.Milestones{Proven: proven, SignedIn: at(2), NotIn: at(3)}, time.Time{}, false, recovery.StageNotIn},
		{"acted, then not in", recovery.Milestones{Proven: proven, Acted: at(2), NotIn: at(3)}, time.Time{}, false, recovery.StageNotIn},
		{"not in, then signed in", recovery.Milestones{Proven: proven, NotIn: at(1), SignedIn: at(2)}, time.Time{}, false, recovery.StageSignedIn},
		{"not in, then handed off", recovery.Milestones{Proven: proven, SignedIn: at(1), NotIn: at(2), HandedOff: at(3)}, time.Time{}, false, recovery.StageHandedOff},
		{"handed off, then signed in", recovery.Milestones{Proven: proven, HandedOff: at(1), SignedIn: at(2)}, time.Time{}, false, recovery.StageSignedIn},
		{"handed off, and resolved", recovery.Milestones{Proven: proven, HandedOff: at(1)}, time.Time{}, true, recovery.StageResolved},
		{"not in, and resolved", recovery.Milestones{Proven: proven, NotIn: at(1)}, time.Time{}, true, recovery.StageResolved},
		{"it wasn't them", recovery.Milestones{Proven: proven, SignedIn: at(1)}, at(9), true, recovery.StageEnded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := recovery.Case{Milestones: tt.m, EndedAt: tt.end}
			if got := c.Stage(tt.resolved); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			in := tt.want == recovery.StageSignedIn || tt.want == recovery.StageGotIn
			if in && !tt.m.In() {
				t.Errorf("listed as %q, and the report says they are not in", tt.want)
			}
		})
	}
}
