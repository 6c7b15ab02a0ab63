package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/internal/customerportal"
	"latchkey/internal/customerportal/conformance"
)

const portalToken = "token-of-the-test"

// demoSamples are the demo's customers, as flags of conformance.
var demoSamples = []string{
	"--account-email", "healthy@example.com", "--unconfirmed-email", "unconfirmed@example.com",
	"--disabled-email", "disabled@example.com", "--similar-email", "firstname_lastname@organization.com",
	"--contact-email", "healthy@example.com", "--invited-email", "invitation-pending@example.com",
}

func startDemo(t *testing.T) started {
	t.Helper()
	d := start(t, "demo", "--listen=127.0.0.1:0", "--ops-listen=127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"),
		"--log-level=error", "--portal-token", portalToken)
	t.Cleanup(func() { _ = d.end() })
	return d
}

func TestConformanceOfTheDemoPortal(t *testing.T) {
	d := startDemo(t)
	check := func(url string, args ...string) (string, string, int) {
		return command(t.Context(), append([]string{"conformance", "--url", url, "--token", portalToken}, args...)...)
	}
	portal := d.urls[1]
	out, errs, status := check(portal, append(demoSamples, "--portal-origins", portal)...)
	if status != 0 || errs != "" || !strings.Contains(out, " 0 wrong, 0 NOT CHECKED\n") {
		t.Errorf("the demo portal: status %d, %q\n%s", status, errs, out)
	}
	out, _, status = check(portal, "--json")
	var report conformance.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != 0 || report.Count(conformance.Unchecked) < 10 {
		t.Errorf("without samples, as JSON: status %d, %v, %d not checked", status, err, report.Count(conformance.Unchecked))
	}
	out, errs, status = check(badly(t, portal).URL, demoSamples...)
	if status != exitFailed || !strings.Contains(out, "WRONG        media") || !strings.HasPrefix(errs, "latchkey: conformance: ") {
		t.Errorf("one that is wrong: status %d, %q\n%s", status, errs, out)
	}
	if strings.Contains(out+errs, portalToken) {
		t.Error("the token is told")
	}
	if _, errs, status = command(t.Context(), "conformance", "--account-email", "x"); status != exitUsage ||
		!strings.Contains(errs, "--url (or LATCHKEY_URL) is missing") || !strings.Contains(errs, "--token-file (or") || !strings.Contains(errs, `"x": is no address`) {
		t.Errorf("nothing to check: status %d, %q", status, errs)
	}
	if _, errs, status = check("http://127.0.0.1:1"); status != exitFailed || !strings.Contains(errs, "nothing answers at http://127.0.0.1:1") {
		t.Errorf("nobody there: status %d, %q", status, errs)
	}
}

func TestTheOpsListenerServesTheAPIsDocument(t *testing.T) {
	d := startDemo(t)
	answer, err := http.Get(strings.Replace(d.urls[2], "/inbox", "/openapi.yaml", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/yaml" ||
		!bytes.Equal(body, customerportal.Spec) {
		t.Errorf("status %d, %s, %d bytes, %v", answer.StatusCode, answer.Header.Get("Content-Type"), len(body), err)
	}
}

// badly is the portal behind a proxy that calls everything a page.
func badly(t *testing.T, portal string) *httptest.Server {
	t.Helper()
	target, err := url.Parse(portal)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Content-Type", "text/html")
		return nil
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s
}
