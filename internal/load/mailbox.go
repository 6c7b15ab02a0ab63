package load

import (
	"bufio"
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// Mailbox is a mail server for the server under load. It takes every mail and remembers its code.
type Mailbox struct {
	listener net.Listener
	codes    sync.Map // by address
	taken    atomic.Int64
}

// OpenMailbox listens on a free port of loopback.
func OpenMailbox(ctx context.Context) (*Mailbox, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &Mailbox{listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go m.serve(c)
		}
	}()
	return m, nil
}

// At is its address.
func (m *Mailbox) At() string { return m.listener.Addr().String() }

// Taken is how many mails it has.
func (m *Mailbox) Taken() int { return int(m.taken.Load()) }

// Code is the code of the newest mail to an address; "" for none.
func (m *Mailbox) Code(address string) string {
	code, _ := m.codes.Load(address)
	text, _ := code.(string)
	return text
}

// Close takes no more mails.
func (m *Mailbox) Close() error { return m.listener.Close() }

var code = regexp.MustCompile(`\b[0-9]{4} ?[0-9]{4}\b`)

// serve speaks as much SMTP as takes a mail.
func (m *Mailbox) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	say := func(text string) error { _, err := c.Write([]byte(text + "\r\n")); return err }
	to, err := "", say("220 localhost ESMTP")
	for err == nil {
		var line string
		if line, err = in.ReadString('\n'); err != nil {
			return
		}
		switch verb := strings.ToUpper(line[:min(4, len(line))]); verb {
		case "EHLO":
			err = say("250-localhost\r\n250 8BITMIME")
		case "RCPT":
			_, to, _ = strings.Cut(line, "<")
			to, _, _ = strings.Cut(to, ">")
			err = say("250 2.1.5 Ok")
		case "DATA":
			err = errors.Join(say("354 Go on"), m.take(in, to), say("250 2.0.0 Ok: queued"))
		case "QUIT":
			_ = say("221 2.0.0 Bye")
			return
		default:
			err = say("250 2.0.0 Ok")
		}
	}
}

func (m *Mailbox) take(in *bufio.Reader, to string) error {
	found, inBody := "", false
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		switch text := strings.TrimRight(string(line), "\r\n"); {
		case text == ".":
			m.codes.Store(to, found)
			m.taken.Add(1)
			return nil
		case strings.HasPrefix(strings.ToLower(text), "content-transfer-encoding:"):
			inBody = true // of the text part, which comes first
		case inBody && found == "":
			found = strings.ReplaceAll(code.FindString(text), " ", "")
		}
	}
}
