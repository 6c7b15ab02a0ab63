package edge

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// An operator who forgot to name the proxy, or whose proxy asks for another host, is told so: once, and without
// whose request it was (R11).
func TestTheOperatorIsToldOfTheProxy(t *testing.T) {
	const proxy, customer = "10.0.0.5", "203.0.113.9"
	for _, tt := range []struct {
		name, host, peer, forwarded string
		trusted                     []string
		told                        string
	}{
		{"named", "help.example.com", proxy, customer, []string{proxy}, ""},
		{"named, and asked by itself", "help.example.com", proxy, proxy, []string{proxy}, ""},
		{"none", "help.example.com", customer, "", nil, ""},
		{"forgotten", "help.example.com", proxy, customer, nil, "--trusted-proxies"},
		{"another is named", "help.example.com", proxy, customer, []string{"10.0.0.6"}, "--trusted-proxies"},
		{"not asked for our host", "upstream:8080", customer, "", nil, "hand on the Host"},
	} {
		var log bytes.Buffer
		f := &Frame{
			Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})), Now: time.Now,
			Hosts: Hosts{Public: &url.URL{Scheme: "http", Host: "help.example.com"}}, Fail: func(c *gin.Context, _ error) { c.Status(http.StatusMisdirectedRequest) },
		}
		e, err := f.Engine(tt.trusted)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			r := httptest.NewRequest(http.MethodGet, "http://"+tt.host+"/", nil)
			r.RemoteAddr = tt.peer + ":4242"
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			e.ServeHTTP(httptest.NewRecorder(), r)
		}
		want := 0
		if tt.told != "" {
			want = 1
		}
		if got := log.String(); strings.Count(got, "\n") != want || !strings.Contains(got, tt.told) || strings.Contains(got, proxy) || strings.Contains(got, customer) {
			t.Errorf("%s: logged %q", tt.name, got)
		}
	}
}
