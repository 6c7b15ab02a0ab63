package attack

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/attack/nginxtest"
	"latchkey/internal/limit/redistest"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// vendor is all that stands around `latchkey serve`: a customer portal, which a demo lends, and a mail service.
type vendor struct {
	t      testing.TB
	keys   string // the file of keys
	portal *demo
	mail   *provider
	webURL string // where customers come
}

const vendorToken = "portal-token"

func newVendor(t testing.TB) *vendor {
	t.Helper()
	text, err := secret.Generate()
	if err != nil {
		t.Fatal(err)
	}
	v := &vendor{t: t, keys: filepath.Join(t.TempDir(), "keys")}
	if err := os.WriteFile(v.keys, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	v.portal = startDemo(t, "--portal-token", vendorToken, "--log-level", "error")
	v.mail = &provider{Server: mailguntest.New(mailguntest.Options{Domains: map[string]string{mailDomain: mailKey}})}
	v.mail.web = httptest.NewServer(v.mail.Server)
	t.Cleanup(func() { v.mail.Close(); v.mail.web.Close() })
	return v
}

// serve is a `latchkey serve` that does not run yet, on a database.
func (v *vendor) serve(database string, args ...string) *demo {
	v.t.Helper()
	d := newDemo(v.t)
	public := v.webURL
	if public == "" {
		public = d.base
	}
	d.args = append([]string{
		"serve", "--listen", host(d.base), "--ops-listen", host(d.ops), "--data", d.data, "--database", database,
		"--keys-file", v.keys, "--public-url", public, "--trusted-proxies", "127.0.0.1", "--vendor-name", "Acme",
		"--portal-url", v.portal.portal, "--portal-token", vendorToken, "--portal-origins", v.portal.portal,
		"--support-email", "support@acme.example", "--mail", "mailgun", "--mailgun-base", v.mail.web.URL + "/v3",
		"--mailgun-domain", mailDomain, "--mailgun-key", mailKey, "--mail-from", "Acme <help@acme.example>",
		"--log-level", "warn", "--limit-scale", "100000",
	}, args...)
	v.t.Cleanup(func() { d.kill(syscall.SIGKILL) })
	return d
}

// newest waits for the mails to an address and returns the newest once there are more than after.
func (v *vendor) newest(d *demo, to string, after int) sent {
	v.t.Helper()
	var all []sent
	d.until("mail to "+to, func() bool {
		all = v.mail.to(to)
		return len(all) > after
	})
	return all[len(all)-1]
}

// fleet is three replicas on PostgreSQL and Redis behind nginx, with the configuration of compose.yaml.
type fleet struct {
	*vendor
	postgres *sqlstoretest.Server
	redis    *redistest.Server
	replicas []*demo
	client   *http.Transport
}

func startFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{
		redis: redistest.Start(t), postgres: sqlstoretest.StartServer(t, "fsync=off"), vendor: newVendor(t),
	}
	var backends []string
	bases := []string{freeOrigin(t), freeOrigin(t), freeOrigin(t)}
	for _, base := range bases {
		backends = append(backends, host(base))
	}
	nginx := nginxtest.Start(t, "../../compose.yaml", backends...)
	f.webURL = nginx.URL
	f.client = http.DefaultTransport.(*http.Transport).Clone()
	f.client.TLSClientConfig = &tls.Config{RootCAs: nginx.Roots, MinVersion: tls.VersionTLS12}
	f.client.MaxIdleConnsPerHost = 300
	for _, base := range bases {
		d := f.serve(f.postgres.URL, "--redis-url", f.redis.URL, "--drain-delay", "5s")
		d.args = append(d.args, "--listen", host(base))
		d.base = base
		f.replicas = append(f.replicas, d)
	}
	for _, d := range f.replicas {
		d.start()
	}
	return f
}

// browser is one of a customer who comes by nginx.
func (f *fleet) browser() *browser {
	b := (&demo{t: f.t, base: f.webURL}).browser()
	b.client.Transport, b.client.Timeout = f.client, time.Minute
	return b
}
