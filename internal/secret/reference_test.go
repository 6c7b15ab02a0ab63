package secret_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/internal/secret"
)

func TestParseReference(t *testing.T) {
	const want = "LK-7F3K-9MQD"
	for _, typed := range []string{
		want, "lk-7f3k-9mqd", "7F3K9MQD", " lk 7f3k 9mqd ", "LK7F3K9MQD", "7f3k-9mqd", "LK–7F3K—9MQD", "l k 7 f 3 k 9 m q d",
		"LK-7F3K-9MQD\n",
	} {
		if got, ok := secret.ParseReference(typed); !ok || got != want {
			t.Errorf("ParseReference(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
	for _, typed := range []string{
		"", "LK", "LK-7F3K", "LK-7F3K-9MQ", "LK-7F3K-9MQDD", "XX-7F3K-9MQD", "LK-7F3K-9MQ!", "LK-7F3K-9MQÄ", "LK/7F3K/9MQD",
		"LKLK7F3K9MQD", "LK-7F3K-9MQ[", "LK-7F3K-9MQ:", "LK-7F3K-9MQ@", "LK-7F3K-9MQ/", strings.Repeat("A", 4096), "7F3K9MQ\x00",
	} {
		if got, ok := secret.ParseReference(typed); ok {
			t.Errorf("ParseReference(%q) = %q, want none", typed, got)
		}
	}
	for range 100 {
		made := secret.NewReference(time.Now())
		if got, ok := secret.ParseReference(strings.ToLower(made)); !ok || got != made {
			t.Errorf("ParseReference of %s = %q, %v", made, got, ok)
		}
	}
}
