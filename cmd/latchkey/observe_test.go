package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"latchkey/internal/ops"
	"latchkey/internal/recovery"
)

// Who runs it is told that no customer is mailed any more, once a minute, and by which flag; one mailbox or one network
// that has had its share is nobody's to mend.
func TestABudgetOfAllMailThatIsSpentIsTold(t *testing.T) {
	var log bytes.Buffer
	a := &app{metrics: ops.NewMetrics("test"), log: slog.New(slog.NewTextHandler(&log, nil))}
	for _, act := range []string{recovery.CappedMailbox, recovery.CappedNetwork, recovery.ActStarted} {
		if a.observe(act); log.Len() != 0 {
			t.Errorf("of %s: %s", act, log.String())
		}
	}
	for range 3 {
		a.observe(recovery.CappedAll)
	}
	got := log.String()
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "--global-hour") {
		t.Errorf("told %q, want one error that names the flag", got)
	}
}
