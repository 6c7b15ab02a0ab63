package mail_test

import (
	"bufio"
	"bytes"
	"net"
	"strings"
	"testing"

	"latchkey/internal/mail"
)

// BenchmarkSMTPSend sends a mail of the size of a proof over a connection that is kept.
func BenchmarkSMTPSend(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go takeAll(l)
	sender, err := mail.NewSMTP(mail.SMTPConfig{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: mail.SMTPPlain,
		From: "Sign-in help <help@mail.latchkey.example>",
	})
	if err != nil {
		b.Fatal(err)
	}
	defer sender.Close()
	m := message(customer)
	m.Text = strings.Repeat("Then there is nothing you need to do: without this mail nobody gets\nany further.\n\n", 12)
	m.HTML = strings.Repeat(`<p class="soft" style="margin:0 0 20px;color:#5b5851">Please don’t pass the code on.</p>`+"\n", 60)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sender.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}

// takeAll answers as a server that takes every mail, and costs next to nothing.
func takeAll(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		in := bufio.NewReaderSize(conn, 1<<16)
		say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
		say("220 mx.example ESMTP")
		for content := false; err == nil; {
			var line []byte
			line, err = in.ReadSlice('\n')
			switch {
			case content && !bytes.Equal(line, []byte(".\r\n")):
			case bytes.HasPrefix(line, []byte("EHLO")):
				say("250-mx.example\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES")
			case bytes.HasPrefix(line, []byte("DATA")):
				content = true
				say("354 go on")
			default:
				content = false
				say("250 2.0.0 Ok: queued as 4F2AB")
			}
		}
		_ = conn.Close()
	}
}
