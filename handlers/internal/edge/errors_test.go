package edge

import (
	"testing"
	"time"
)

func TestWaitingTimesRoundUp(t *testing.T) {
	for _, tt := range []struct {
		after            time.Duration
		seconds, minutes int
	}{
		{0, 0, 0}, {time.Millisecond, 1, 1}, {60 * time.Second, 60, 1}, {61 * time.Second, 61, 2},
	} {
		if s, m := seconds(tt.after), Minutes(tt.after); s != tt.seconds || m != tt.minutes {
			t.Errorf("%s is %d s and %d min, want %d and %d", tt.after, s, m, tt.seconds, tt.minutes)
		}
	}
}

func TestEveryCommonReplyIsAPageOrAProblem(t *testing.T) {
	for _, line := range common {
		if line.Status < 400 || (line.Problem == "") == (line.Message == "") {
			t.Errorf("%v: %+v, want a status of 400 or more and one of problem and message", line.Err, line.Reply)
		}
	}
}
