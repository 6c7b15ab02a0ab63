package edge

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"latchkey/templates"
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

// While a system is away each request meets it: the log says so at once and then once a minute with their number,
// for each system by itself. A fault of ours is told each time.
func TestASystemThatIsAwayIsToldNowAndThen(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := &Frame{
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Now: func() time.Time { return now }, Hosts: Hosts{Public: &url.URL{Scheme: "http", Host: "help.example.com"}},
	}
	e, err := f.Engine(nil)
	if err != nil {
		t.Fatal(err)
	}
	fails := func(r Reply) gin.HandlerFunc {
		return func(c *gin.Context) { f.LogFailure(c, r, errors.New("it fails")) }
	}
	e.GET("/database", fails(Alone(http.StatusServiceUnavailable, templates.MessageUnavailable)))
	e.GET("/portal", fails(Pressed(http.StatusServiceUnavailable, templates.ProblemPortal)))
	e.GET("/ours", fails(ServerError))
	e.GET("/visitors", fails(Alone(http.StatusNotFound, templates.MessageNotFound)))
	ask := func(path string) string {
		log.Reset()
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://help.example.com"+path, nil))
		return log.String()
	}
	for _, tt := range []struct {
		after      time.Duration
		path, told string
	}{
		{0, "/database", "requests=1 "},
		{1, "/database", ""},
		{1, "/portal", "requests=1 "},
		{time.Minute - 1, "/database", ""},
		{time.Minute, "/database", "requests=3 "},
		{time.Minute, "/ours", "request failed"},
		{time.Minute, "/ours", "request failed"},
		{time.Minute, "/visitors", ""},
		{time.Hour, "/database", "requests=1 "},
	} {
		now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(tt.after)
		if got := ask(tt.path); !strings.Contains(got, tt.told) || (tt.told == "") != (got == "") || (got != "" && !strings.Contains(got, "fails")) {
			t.Errorf("%s after %v: logged %q, want %q", tt.path, tt.after, got, tt.told)
		}
	}
}
