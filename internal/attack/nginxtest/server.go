package nginxtest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"latchkey/internal/porttest"
)

// Server is a running nginx.
type Server struct {
	URL   string         // https://localhost:PORT
	Roots *x509.CertPool // what to trust
}

// Start starts one with the configuration of a compose file before backends, HOST:PORT each, which ends with
// the test. Without nginx the test is skipped, and says so.
func Start(t testing.TB, compose string, backends ...string) *Server {
	t.Helper()
	path := binary(t)
	s := &Server{}
	port := porttest.Free(t)
	s.URL = fmt.Sprintf("https://localhost:%d", port)
	dir, roots := folder(t)
	s.Roots = roots
	text := here(Configuration(t, compose), dir, port, backends)
	file := write(t, dir, text)
	check(t, path, dir, file)
	var said bytes.Buffer
	server := exec.CommandContext(context.Background(), path, "-p", dir, "-c", file, "-g", "daemon off;", "-e", "stderr")
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
		if t.Failed() {
			t.Logf("nginx said: %s", said.String())
		}
	})
	for range 3000 {
		conn, err := new(net.Dialer).DialContext(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
			return s
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nginx does not listen: %s", said.String())
	return nil
}

// Check has nginx look at the configuration as it stands in a compose file; only names of servers, which have
// no meaning here, are replaced.
func Check(t testing.TB, compose string) {
	t.Helper()
	path := binary(t)
	dir, _ := folder(t)
	text := Configuration(t, compose)
	text = strings.ReplaceAll(text, "/run/secrets/", dir+"/")
	text = regexp.MustCompile(`server latchkey-\d+:`).ReplaceAllString(text, "server 127.0.0.1:")
	check(t, path, dir, write(t, dir, olderForm(t, path, text)))
}

// Configuration is nginx's, as a compose file holds it, with PUBLIC_HOST filled in.
func Configuration(t testing.TB, compose string) string {
	t.Helper()
	text, err := os.ReadFile(compose)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Configs struct{ Nginx struct{ Content string } }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	found := strings.ReplaceAll(file.Configs.Nginx.Content, "${PUBLIC_HOST}", "localhost")
	if !strings.Contains(found, "upstream") {
		t.Fatalf("%s holds no configuration of nginx", compose)
	}
	return strings.ReplaceAll(found, "$$", "$")
}

var (
	others   = regexp.MustCompile(`(?m)^\s*(listen \[::\].*|http2 on;)\n`)
	plain    = regexp.MustCompile(`(?ms)^server \{\n\s*listen 80;.*?^\}\n`)
	backend  = regexp.MustCompile(`(?m)^\s*server latchkey-\d+:\d+(.*)\n`)
	sameHost = regexp.MustCompile(`Host \$host;`)
)

// here is a configuration for this machine: one port of loopback, which the name of the host then has to have.
func here(text, dir string, port int, backends []string) string {
	parameters := ""
	if found := backend.FindStringSubmatch(text); found != nil {
		parameters = found[1]
	}
	text = plain.ReplaceAllString(others.ReplaceAllString(text, ""), "")
	text = backend.ReplaceAllString(text, "")
	servers := "upstream latchkey {\n"
	for _, b := range backends {
		servers += "server " + b + parameters + "\n"
	}
	text = strings.Replace(text, "upstream latchkey {\n", servers, 1)
	text = strings.ReplaceAll(text, "listen 443 ssl;", fmt.Sprintf("listen 127.0.0.1:%d ssl;", port))
	text = sameHost.ReplaceAllString(text, "Host $$http_host;")
	return strings.ReplaceAll(text, "/run/secrets/", dir+"/")
}

// olderForm says "http2 on" as versions of nginx before 1.25.1 want to hear it.
func olderForm(t testing.TB, path, text string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), path, "-v").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	_, version, _ := strings.Cut(string(said), "nginx/")
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("nginx is of version %q", said)
	}
	if major > 1 || minor > 25 || (minor == 25 && patch > 0) {
		return text
	}
	text = strings.ReplaceAll(text, "http2 on;", "")
	return strings.ReplaceAll(text, "443 ssl;", "443 ssl http2;")
}

func check(t testing.TB, path, dir, file string) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), path, "-p", dir, "-c", file, "-e", "stderr", "-t").CombinedOutput()
	if err != nil || strings.Contains(string(said), "[warn]") {
		t.Fatalf("nginx -t: %v\n%s", err, said)
	}
}

// folder is one for nginx, with a certificate of localhost.
func folder(t testing.TB) (string, *x509.CertPool) {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, data := range map[string][]byte{
		"tls.crt": certificate, "tls.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return dir, roots
}

// write puts what stands around the configuration in the image of nginx around it.
func write(t testing.TB, dir, text string) string {
	t.Helper()
	user := ""
	if os.Getuid() == 0 {
		user = "user nobody nogroup;\n"
	}
	temporary := ""
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("%s_temp_path %s/%s;\n", name, dir, name)
	}
	text = fmt.Sprintf("%sworker_processes 2;\npid %s/pid;\nerror_log stderr error;\nevents { worker_connections 1024; }\nhttp {\n%s\n%s}\n",
		user, dir, temporary, text)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// binary is the path of nginx; `make test` sees to it that there is one.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("LATCHKEY_TEST_NGINX"); path != "" {
		return path
	}
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("NOT RUN: no nginx (Debian: nginx, or its path in LATCHKEY_TEST_NGINX; `make test` provides one)")
	return ""
}
