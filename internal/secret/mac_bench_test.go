package secret_test

import "testing"

// BenchmarkHashLimit is what a start does some eight times.
func BenchmarkHashLimit(b *testing.B) {
	r := oneKey(b)
	b.ReportAllocs()
	for b.Loop() {
		_ = r.HashLimit("network", "192.0.2.0/24")
	}
}
