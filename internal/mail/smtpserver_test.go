package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// smtpServer is a server that takes mails, with STARTTLS and AUTH PLAIN, and answers as told.
type smtpServer struct {
	listener net.Listener
	tls      *tls.Config
	roots    *x509.CertPool

	mu       sync.Mutex
	replies  map[string]string // by the first word of a command, "." for the end of a mail
	hang     string            // a command that is never answered
	mails    []string
	rcpts    []string
	sessions int
	private  []bool // of each mail
	users    []string
	senders  []string
	after    int    // mails after which a session is ended
	farewell string // what is said then; "" for nothing
}

func newSMTPServer(t *testing.T) *smtpServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &smtpServer{listener: l, replies: map[string]string{}}
	s.tls, s.roots = certificate(t)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.session(conn) })
			t.Cleanup(func() { _ = conn.Close() })
		}
	})
	t.Cleanup(func() { _ = l.Close() })
	return s
}

func (s *smtpServer) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *smtpServer) reply(command, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies[command] = text
}

func (s *smtpServer) answer(command, otherwise string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.replies[command]; ok {
		return text
	}
	return otherwise
}

// session speaks SMTP until the client leaves.
func (s *smtpServer) session(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	s.mu.Lock()
	s.sessions++
	s.mu.Unlock()
	_, private := conn.(*tls.Conn)
	in := bufio.NewReader(conn)
	say := func(line string) {
		if line != "" {
			fmt.Fprint(conn, line+"\r\n")
		}
	}
	say(s.answer("", "220 mx.example ESMTP"))
	taken := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		command, rest, _ := strings.Cut(line, " ")
		command = strings.ToUpper(command)
		s.mu.Lock()
		hang := s.hang == command
		s.mu.Unlock()
		if hang {
			continue
		}
		switch command {
		case "EHLO":
			extra := "250-STARTTLS\r\n"
			if private || s.answer("STARTTLS", "") == "none" {
				extra = ""
			}
			if offered := s.answer("offered", "PLAIN LOGIN"); offered != "" {
				extra += "250-AUTH " + offered + "\r\n"
			}
			say("250-mx.example\r\n" + extra + "250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES")
		case "STARTTLS":
			say("220 2.0.0 go on")
			secure := tls.Server(conn, s.tls)
			if secure.Handshake() != nil {
				return
			}
			conn, private, in = secure, true, bufio.NewReader(secure)
		case "AUTH":
			s.signIn(rest)
			say(s.answer("AUTH", "235 2.7.0 welcome"))
		case "RCPT":
			s.mu.Lock()
			s.rcpts = append(s.rcpts, rest)
			s.mu.Unlock()
			say(s.answer("RCPT", "250 2.1.5 ok"))
		case "DATA":
			answer := s.answer("DATA", "354 go on")
			say(answer)
			if !strings.HasPrefix(answer, "354") {
				continue
			}
			if !s.content(in, private) {
				return
			}
			say(s.answer(".", "250 2.0.0 Ok: queued as 4F2AB"))
			if taken++; taken == s.after {
				say(s.farewell)
				return
			}
		case "MAIL":
			s.mu.Lock()
			s.senders = append(s.senders, rest)
			s.mu.Unlock()
			say(s.answer("MAIL", "250 2.1.0 ok"))
		case "QUIT":
			say("221 2.0.0 bye")
			return
		default:
			say(s.answer(command, "250 2.0.0 ok"))
		}
	}
}

func (s *smtpServer) signIn(rest string) {
	_, blob, _ := strings.Cut(rest, " ")
	plain, _ := base64.StdEncoding.DecodeString(blob)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = append(s.users, strings.ReplaceAll(string(plain), "\x00", "|"))
}

func (s *smtpServer) content(in *bufio.Reader, private bool) bool {
	var mail strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		mail.WriteString(strings.TrimPrefix(line, "."))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, mail.String())
	s.private = append(s.private, private)
	return true
}

// certificate makes one for 127.0.0.1, good for the test alone.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}
