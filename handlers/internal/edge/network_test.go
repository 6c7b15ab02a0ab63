package edge

import (
	"net/http"
	"testing"

	"latchkey/internal/recovery"
)

func TestCutNetwork(t *testing.T) {
	for _, tt := range []struct{ ip, client, wide string }{
		{"203.0.113.77", "203.0.113.77", "203.0.113.0/24"},
		{"::ffff:203.0.113.77", "203.0.113.77", "203.0.113.0/24"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"2001:db8:1:2:ffff::1", "2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"fe80::1%eth0", "fe80::/64", "fe80::/48"},
		{"", "unknown", "unknown"},
		{"203.0.113.77:4242", "unknown", "unknown"},
	} {
		want := recovery.Network{Client: tt.client, Wide: tt.wide}
		if got := CutNetwork(tt.ip); got != want {
			t.Errorf("CutNetwork(%q) = %+v, want %+v", tt.ip, got, want)
		}
	}
}

func TestJoinForwardedForKeepsEveryLine(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string
	}{
		{nil, ""},
		{[]string{"203.0.113.9"}, "203.0.113.9"},
		{[]string{"10.1.1.1, 10.2.2.2", "203.0.113.9"}, "10.1.1.1, 10.2.2.2, 203.0.113.9"},
		{[]string{"203.0.113.9:4242 ,10.0.0.5:80"}, "203.0.113.9, 10.0.0.5"},
		{[]string{"[2001:db8::1]:4242", "[2001:db8::2]", "fe80::1%eth0", "[fe80::1%eth0]:9"}, "2001:db8::1, 2001:db8::2, fe80::1, fe80::1"},
		{[]string{"unknown, [2001:db8::1, 2001:db8::1], 1.2.3, 1.2.3.4:x, [1.2.3.4"}, "unknown, [2001:db8::1, 2001:db8::1], 1.2.3, 1.2.3.4:x, [1.2.3.4"},
	} {
		h := http.Header{}
		for _, line := range tt.lines {
			h.Add("X-Forwarded-For", line)
		}
		joinForwardedFor(h)
		if got := h.Get("X-Forwarded-For"); got != tt.want {
			t.Errorf("%q becomes %q, want %q", tt.lines, got, tt.want)
		}
	}
}
