package demo_test

import (
	"strconv"
	"sync/atomic"
	"testing"

	"latchkey/internal/demo"
)

// BenchmarkSend is how many mails the inbox takes, from four workers.
func BenchmarkSend(b *testing.B) {
	inbox, err := demo.OpenInbox(b.Context(), demo.InboxConfig{DataDir: b.TempDir(), From: "Acme <help@acme.example>"})
	if err != nil {
		b.Fatal(err)
	}
	defer inbox.Close()
	var n atomic.Int64
	b.SetParallelism(2)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := strconv.FormatInt(n.Add(1), 10)
			if _, err := inbox.Send(b.Context(), message("d"+id, "customer"+id+"@example.com")); err != nil {
				b.Error(err)
			}
		}
	})
}
