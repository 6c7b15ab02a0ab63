package mail_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/recovery"
)

// eximConfig is a server that takes mail over STARTTLS from who signs in, knows no mailbox named nobody,
// puts off one named later, and writes the rest to files.
const eximConfig = `
primary_hostname = mx.vendor.example
spool_directory = %[1]s/spool
log_file_path = %[1]s/log/%%slog
pid_file_path = %[1]s/pid
tls_advertise_hosts = *
tls_certificate = %[1]s/cert.pem
tls_privatekey = %[1]s/key.pem
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[2]d
acl_smtp_mail = signed_in
acl_smtp_rcpt = known
hosts_require_helo =
rfc1413_hosts =
host_lookup =
exim_user = %[3]d
exim_group = %[4]d
never_users =

begin acl
signed_in:
  deny !encrypted = *
       message = 5.7.1 not in private
  deny !authenticated = *
       message = 5.7.0 sign in first
  accept
known:
  deny local_parts = nobody
       message = 5.1.1 no mailbox $local_part@$domain
  defer local_parts = later
       message = 4.2.1 greylisted $local_part@$domain
  accept

begin routers
all:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  file = %[1]s/box/mail
  user = %[5]d
  group = %[5]d
  mode_fail_narrower = false
  delivery_date_add
  envelope_to_add

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${if def:tls_in_cipher}
  server_condition = ${if and {{eq{$auth2}{latchkey}}{eq{$auth3}{pass word}}}}
  server_set_id = $auth2
`

// exim starts the server and returns its port, its box and the certificates to trust.
func exim(t *testing.T) (port int, box string, roots *x509.CertPool) {
	t.Helper()
	binary := os.Getenv("LATCHKEY_TEST_EXIM")
	for _, name := range []string{"exim4", "/usr/sbin/exim4", "exim"} {
		if path, err := exec.LookPath(name); err == nil && binary == "" {
			binary = path
		}
	}
	if binary == "" {
		t.Skip("NOT RUN: no Exim (Debian: exim4-daemon-light, or its path in LATCHKEY_TEST_EXIM)")
	}
	dir, err := os.MkdirTemp("", "exim") // a short path that other users may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, name := range []string{"spool", "log", "box"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	config, roots := certificate(t)
	writeKey(t, dir, config)
	port = freePort(t)
	owner := os.Getuid()
	if owner == 0 { // Exim delivers as anybody but root
		owner = 65534
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(filepath.Join(dir, "box"), owner, owner)); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf(eximConfig, dir, port, os.Getuid(), os.Getgid(), owner)
	if err := os.WriteFile(filepath.Join(dir, "exim.conf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	server := exec.CommandContext(t.Context(), binary, "-bdf", "-q1h", "-C", filepath.Join(dir, "exim.conf"))
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			logged, _ := os.ReadFile(filepath.Join(dir, "log", "mainlog"))
			t.Logf("exim said: %s\n%s", said.String(), logged)
		}
	})
	waitFor(t, func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return port, filepath.Join(dir, "box", "mail"), roots
}

func writeKey(t *testing.T, dir string, c *tls.Config) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificates[0].Certificate[0]})
	secret := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for name, data := range map[string][]byte{"cert.pem": cert, "key.pem": secret} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for 20 s")
		}
	}
}

func TestARealServerTakesTheMail(t *testing.T) {
	port, box, roots := exim(t)
	sender, err := mail.NewSMTP(mail.SMTPConfig{
		Host: "127.0.0.1", Port: port, Username: "latchkey", Password: "pass word",
		From: "Sign-in help <help@mail.latchkey.example>", EnvelopeFrom: "bounces@mail.latchkey.example",
		Roots: &tls.Config{RootCAs: roots},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	for i := range 3 { // the second and third over the same connection
		id, err := sender.Send(t.Context(), message(customer))
		if err != nil || !strings.Contains(id, "OK id=") {
			t.Fatalf("mail %d: %q, %v", i+1, id, err)
		}
	}
	checkRefusals(t, sender)
	var stored string
	waitFor(t, func() bool {
		data, _ := os.ReadFile(box)
		stored = string(data)
		return strings.Count(stored, "\nEnvelope-to: ") == 3
	})
	checkStored(t, stored)
}

func checkRefusals(t *testing.T, sender *mail.SMTP) {
	t.Helper()
	_, err := sender.Send(t.Context(), message("nobody@example.com"))
	if se := failure(t, err, "nobody@example.com"); !se.Permanent || se.Reason != "smtp-550" && se.Reason != "smtp-5.1.1" {
		t.Errorf("an unknown mailbox: %+v", se)
	}
	_, err = sender.Send(t.Context(), message("later@example.com"))
	var se *recovery.SendError
	if !errors.As(err, &se) || se.Permanent || se.ProviderWide {
		t.Errorf("a mailbox that puts off: %v, want temporary and for it alone", err)
	}
}

// checkStored reads the first mail of an mbox.
func checkStored(t *testing.T, stored string) {
	t.Helper()
	_, first, _ := strings.Cut(stored, "\n") // the "From " line
	if !strings.HasPrefix(stored, "From bounces@mail.latchkey.example ") {
		t.Errorf("the envelope's sender: %.60q", stored)
	}
	first, _, _ = strings.Cut(first, "\nFrom bounces@")
	m, err := netmail.ReadMessage(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Message-Id": "<0123abcd@" + ownDomain + ">", "Auto-Submitted": "auto-generated",
		"X-Latchkey-Reference": "LK-7F3K-92QD", "Envelope-To": customer, "Mime-Version": "1.0",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := m.Header.Get("Received"); !strings.Contains(got, "esmtpsa") || !strings.Contains(got, "latchkey.example") {
		t.Errorf("not received in private from a user: %q", got)
	}
	checkParts(t, m, message(customer))
}
