package assets_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"latchkey/assets"
)

func get(t *testing.T, method, path string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryFileIsServedForEver(t *testing.T) {
	for name, contentType := range map[string]string{
		"portal.css": "text/css; charset=utf-8", "console.css": "text/css; charset=utf-8", "portal.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
	} {
		path := assets.Path(name)
		if !regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(path) {
			t.Fatalf("path of %s: %q", name, path)
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := get(t, "GET", path, nil)
		if got.StatusCode != 200 || body(t, got.Body) != string(want) {
			t.Errorf("%s: status %d or another content", name, got.StatusCode)
		}
		h := got.Header
		if h.Get("Content-Type") != contentType || h.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			h.Get("Vary") != "Accept-Encoding" || h.Get("ETag") == "" || h.Get("Content-Encoding") != "" {
			t.Errorf("%s: headers %v", name, h)
		}
	}
}

func TestCompressed(t *testing.T) {
	path := assets.Path("portal.css")
	for accept, want := range map[string]bool{
		"gzip": true, "br, gzip;q=0.8": true, "GZIP": true, "gzip;q=0": false, "br": false, "": false, "gzip; q=0.0": false,
	} {
		r := get(t, "GET", path, map[string]string{"Accept-Encoding": accept})
		if got := r.Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %v, want %v", accept, got, want)
		}
	}
	r := get(t, "GET", path, map[string]string{"Accept-Encoding": "gzip"})
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain := get(t, "GET", path, nil); body(t, z) != body(t, plain.Body) || plain.Header.Get("ETag") == r.Header.Get("ETag") {
		t.Error("the compressed file is another one, or has the same ETag")
	}
}

func TestNotModified(t *testing.T) {
	path := assets.Path("portal.js")
	tag := get(t, "GET", path, nil).Header.Get("ETag")
	r := get(t, "GET", path, map[string]string{"If-None-Match": tag})
	if r.StatusCode != http.StatusNotModified || body(t, r.Body) != "" {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestHead(t *testing.T) {
	r := get(t, "HEAD", assets.Path("portal.js"), nil)
	if r.StatusCode != 200 || body(t, r.Body) != "" || r.Header.Get("Content-Length") == "0" {
		t.Errorf("status %d, length %s", r.StatusCode, r.Header.Get("Content-Length"))
	}
}

func TestNothingElse(t *testing.T) {
	for _, path := range []string{
		"/assets/", "/assets", "/assets/portal.css", "/assets/portal.000000000000.css", "/assets/../assets.go",
		"/assets/assets.go", "/",
	} {
		if r := get(t, "GET", path, nil); r.StatusCode != 404 || strings.Contains(body(t, r.Body), "portal") {
			t.Errorf("%s: status %d", path, r.StatusCode)
		}
	}
	if got := assets.Path("no-such"); got != "" {
		t.Errorf("a path for nothing: %q", got)
	}
}

// The stylesheet and the script load nothing from anywhere.
func TestNothingRemote(t *testing.T) {
	for _, name := range []string{"portal.css", "portal.js"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`https?://|@import|url\(`).FindString(string(text)); found != "" {
			t.Errorf("%s has %s", name, found)
		}
	}
}
