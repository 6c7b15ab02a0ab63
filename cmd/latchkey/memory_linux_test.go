package main

import "testing"

func TestReadOnlyPart(t *testing.T) {
	for _, tt := range []struct {
		line string
		ok   bool
	}{
		{"00400000-01302000 r-xp 00000000 fe:00 131 /usr/bin/latchkey", true},
		{"01302000-02322000 r--p 00f02000 fe:00 131 /usr/bin/latchkey", true},
		{"02322000-02412000 rw-p 01f22000 fe:00 131 /usr/bin/latchkey", false}, // may have been written to
		{"7f0000000000-7f0000021000 r-xp 00000000 fe:00 99 /usr/lib/other.so", false},
		{"02412000-02512000 r--p 00000000 00:00 0", false},
		{"nothing", false},
	} {
		from, to, ok := readOnlyPart(tt.line, "/usr/bin/latchkey")
		if ok != tt.ok || ok && to <= from {
			t.Errorf("%q: got %x-%x, %v", tt.line, from, to, ok)
		}
	}
}

// The program goes on without the pages that it has given back.
func TestDropProgramPages(t *testing.T) {
	dropProgramPages()
	if version() == "" {
		t.Error("no version")
	}
}
