package templates_test

import (
	"bytes"
	"testing"
)

// BenchmarkPage renders the pages that every start goes through.
func BenchmarkPage(b *testing.B) {
	r := renderer(b)
	for _, s := range allSamples() {
		if s.name != "start" && s.name != "check-email-delivered" && s.name != "situation-linked-email-mismatch" {
			continue
		}
		b.Run(s.name, func(b *testing.B) {
			var buf bytes.Buffer
			for b.Loop() {
				buf.Reset()
				if err := r.Page(&buf, "en", s.page); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMail renders the mail that every start sends.
func BenchmarkMail(b *testing.B) {
	r := renderer(b)
	m := sampleMails()[0].mail
	for b.Loop() {
		if _, err := r.Mail("en", m); err != nil {
			b.Fatal(err)
		}
	}
}
