package conformance_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"latchkey/internal/customerportal/conformance"
)

// wrongly is a way to get the API wrong.
type wrongly func(http.Handler) http.Handler

// rewrites lets a fault change requests and answers. Either may be nil.
func rewrites(request func(*http.Request), answer func(*http.Request, *httptest.ResponseRecorder, string) string) wrongly {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			if request != nil {
				request(r)
			}
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			body := rec.Body.String()
			if answer != nil {
				body = answer(r, rec, body)
			}
			maps.Copy(w.Header(), rec.Header())
			w.Header().Del("Content-Length")
			w.WriteHeader(rec.Code)
			_, _ = io.Copy(w, bytes.NewBufferString(body))
		})
	}
}

func answers(change func(r *http.Request, rec *httptest.ResponseRecorder, body string) string) wrongly {
	return rewrites(nil, change)
}

// asks changes the one value of a parameter.
func asks(parameter string, change func(string) string) wrongly {
	return rewrites(func(r *http.Request) {
		query := r.URL.Query()
		if len(query) == 1 && len(query[parameter]) == 1 {
			r.URL.RawQuery = url.Values{parameter: {change(query.Get(parameter))}}.Encode()
		}
	}, nil)
}

func replaces(pattern, with string) wrongly {
	form := regexp.MustCompile(pattern)
	return answers(func(_ *http.Request, _ *httptest.ResponseRecorder, body string) string {
		return form.ReplaceAllString(body, with)
	})
}

func status(rec *httptest.ResponseRecorder, code int, media string) {
	rec.Code = code
	rec.Header().Set("Content-Type", media)
}

var (
	anyToken = rewrites(func(r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
	}, nil)
	noTokenNeeded = rewrites(func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }, nil)
	noneIs404     = answers(func(r *http.Request, rec *httptest.ResponseRecorder, body string) string {
		if r.URL.Query().Get("email") != "" && strings.Contains(body, `"accounts":[]`) {
			status(rec, 404, "application/problem+json")
			return `{"type":"urn:x","title":"No such account","status":404}`
		}
		return body
	})
	foldsDots = asks("email", func(s string) string {
		local, domain, _ := strings.Cut(s, "@")
		return strings.ReplaceAll(local, ".", "") + "@" + domain
	})
	foldsPlus    = asks("email", func(s string) string { return regexp.MustCompile(`\+[^@]*@`).ReplaceAllString(s, "@") })
	minding      = regexp.MustCompile(`[A-Z]`)
	mindsCase    = asks("email", func(s string) string { return minding.ReplaceAllString(s, "x") })
	localTimes   = replaces(`"created_at":"(\S{10})T(\S{8})Z"`, `"created_at":"$1 $2"`)
	leavesOut    = replaces(`"confirmed_at":null,`, ``)
	oddState     = replaces(`"state":"active"`, `"state":"live"`)
	nullLists    = replaces(`"invitations":\[\]`, `"invitations":null`)
	plainErrors  = replacesMedia("application/problem+json", "application/json")
	wrongStatus  = replaces(`"status":\d+`, `"status":500`)
	htmlAnswers  = replacesMedia("application/json", "text/html")
	namesBilling = replaces(`"relation":`, `"name":"Harbour Foods Ltd","relation":`)
	linkInPast   = replaces(`"expires_at":"2026`, `"expires_at":"2025`)
	linkForAges  = replaces(`"expires_at":"2026`, `"expires_at":"2027`)
	plainLinks   = replaces(`"url":"http://127.0.0.1:\d+`, `"url":"http://customers.example.com`)
	otherOrigin  = replaces(`"url":"http://127.0.0.1`, `"url":"https://evil.example`)
	says202      = answers(func(r *http.Request, rec *httptest.ResponseRecorder, body string) string {
		if strings.HasSuffix(r.URL.Path, "/confirmations") && rec.Code == 202 {
			rec.Code = 200
		}
		return body
	})
	addressInTitle = answers(func(r *http.Request, rec *httptest.ResponseRecorder, body string) string {
		return strings.Replace(body, "There is no such account", "There is no account of zoe@example.com", 1)
	})
	confirmsAll = answers(func(r *http.Request, rec *httptest.ResponseRecorder, body string) string {
		if strings.HasSuffix(r.URL.Path, "/confirmations") && rec.Code == 409 {
			rec.Code = 202
		}
		return body
	})
	oneOfMany = rewrites(func(r *http.Request) {
		if query := r.URL.Query(); len(query) > 1 || len(query["email"]) > 1 {
			for name, values := range query {
				r.URL.RawQuery = url.Values{name: values[:1]}.Encode()
			}
		}
	}, nil)
	takesAnything = answers(func(_ *http.Request, rec *httptest.ResponseRecorder, body string) string {
		if strings.Contains(body, "bad-address") {
			status(rec, 200, "application/json")
			return `{"accounts":[],"billing_accounts":[]}`
		}
		return body
	})
	redirects = func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/healthz" && r.Header.Get("Authorization") == "Bearer "+token {
				http.Redirect(w, r, "/login", http.StatusFound)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	getActs = rewrites(func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/sign-in-links") {
			r.Method = http.MethodPost
		}
	}, nil)
	headOpens = rewrites(func(r *http.Request) {
		if r.Method == http.MethodHead && strings.HasPrefix(r.URL.Path, "/customers/sign_in/") {
			r.Method = http.MethodGet
		}
	}, nil)
	// echo repeats the request's headers in what nobody reads, as some frameworks' error pages do.
	echo = answers(func(r *http.Request, rec *httptest.ResponseRecorder, body string) string {
		if !strings.HasSuffix(r.Header.Get("Authorization"), token) {
			return body
		}
		return strings.Replace(body, `"status":`, fmt.Sprintf(`"detail":%q,"stat":`, r.Header.Get("Authorization")), 1)
	})
	echoesEmail = answers(func(r *http.Request, _ *httptest.ResponseRecorder, body string) string {
		if asked := r.URL.Query().Get("email"); asked != "" {
			return regexp.MustCompile(`(?i)"email":"`+regexp.QuoteMeta(asked)+`"`).ReplaceAllString(body, `"email":"`+asked+`"`)
		}
		return body
	})
	similarAtGmail = answers(func(r *http.Request, _ *httptest.ResponseRecorder, body string) string {
		if strings.HasSuffix(r.URL.Query().Get("similar_to"), "@gmail.com") {
			return strings.Replace(body, "[]", "["+somebody("johnsmith@gmail.com")+"]", 1)
		}
		return body
	})
	similarIsNobody = answers(func(r *http.Request, _ *httptest.ResponseRecorder, body string) string {
		if r.URL.Query().Has("similar_to") {
			return `{"accounts":[]}`
		}
		return body
	})
	similarIsItself = answers(func(r *http.Request, _ *httptest.ResponseRecorder, body string) string {
		if asked := r.URL.Query().Get("similar_to"); strings.EqualFold(asked, samples.Account) {
			return `{"accounts":[` + somebody(samples.Account) + `]}`
		}
		return body
	})
	similarIsMany = answers(func(r *http.Request, _ *httptest.ResponseRecorder, body string) string {
		if r.URL.Query().Has("similar_to") && strings.Contains(body, `"id":`) {
			return `{"accounts":[` + somebody("healthy1@example.com", "healthy2@example.com", "healthy3@example.com", "healthy4@example.com") + `]}`
		}
		return body
	})
	similarElsewhere = answers(func(r *http.Request, _ *httptest.ResponseRecorder, body string) string {
		if strings.HasSuffix(r.URL.Query().Get("similar_to"), "@mail.example.com") {
			return `{"accounts":[` + somebody(samples.Account) + `]}`
		}
		return body
	})
)

// sameLink gives one URL again and again.
func sameLink(next http.Handler) http.Handler {
	var mu sync.Mutex
	var kept string
	return answers(func(r *http.Request, rec *httptest.ResponseRecorder, body string) string {
		mu.Lock()
		defer mu.Unlock()
		if rec.Code != 201 || !strings.HasSuffix(r.URL.Path, "sign-in-links") {
			return body
		}
		if kept == "" {
			kept = body
		}
		return kept
	})(next)
}

func replacesMedia(from, to string) wrongly {
	return answers(func(_ *http.Request, rec *httptest.ResponseRecorder, body string) string {
		if rec.Header().Get("Content-Type") == from {
			rec.Header().Set("Content-Type", to)
		}
		return body
	})
}

func somebody(emails ...string) string {
	var all []string
	for i, email := range emails {
		all = append(all, fmt.Sprintf(`{"id":"x%d","email":%q,"name":"","created_at":"2024-01-01T00:00:00Z","confirmed_at":null,
"unconfirmed_email":null,"sign_in_enabled":true,"origin":"legacy","last_sign_in_at":null,"identity":null,
"billing_accounts":[],"subscriptions":[],"invitations":[]}`, i, email))
	}
	return strings.Join(all, ",")
}

// seeded are faults and the check that has to name each.
var seeded = []struct {
	name  string
	fault wrongly
	check string
}{
	{"takes any token", anyToken, "auth-wrong"},
	{"needs no token", noTokenNeeded, "auth-missing"},
	{"redirects", redirects, "redirects"},
	{"JSON is called a page", htmlAnswers, "media"},
	{"errors are no problems", plainErrors, "problems"},
	{"problems tell another status", wrongStatus, "problems"},
	{"a problem tells an address", addressInTitle, "problem-words"},
	{"a GET makes a link", getActs, "post-only"},
	{"takes one of two parameters", oneOfMany, "two-parameters"},
	{"takes the first of two values", oneOfMany, "repeated-parameter"},
	{"takes anything for an address", takesAnything, "bad-address"},
	{"nobody is 404", noneIs404, "email-unknown"},
	{"minds the case", mindsCase, "email-case"},
	{"echoes the address", echoesEmail, "email-stored"},
	{"folds dots", foldsDots, "email-dots"},
	{"folds plus tags", foldsPlus, "email-plus"},
	{"times without a zone", localTimes, "times"},
	{"an unknown state", oddState, "shapes"},
	{"null for a list", nullLists, "shapes"},
	{"leaves out what is null", leavesOut, "shapes"},
	{"similar at free mail", similarAtGmail, "similar-free-mail"},
	{"similar to nothing", similarIsNobody, "similar-sample"},
	{"no skeleton", similarIsNobody, "similar-skeleton"},
	{"similar to itself", similarIsItself, "similar-itself"},
	{"four similar", similarIsMany, "similar-near"},
	{"similar elsewhere", similarElsewhere, "similar-domain"},
	{"the same link again", sameLink, "sign-in-link-new"},
	{"a link that has expired", linkInPast, "sign-in-link"},
	{"a link for a year", linkForAges, "sign-in-link"},
	{"a link without TLS", plainLinks, "sign-in-link"},
	{"a link elsewhere", otherOrigin, "sign-in-link"},
	{"a HEAD uses the link up", headOpens, "sign-in-link-once"},
	{"200 for 202", says202, "confirmation"},
	{"confirms what is confirmed", confirmsAll, "nothing-to-confirm"},
	{"names billing accounts", namesBilling, "billing-by-contact"},
}

func TestEachFaultIsNamed(t *testing.T) {
	for _, s := range seeded {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, vendor(t, s.fault))
			if wrong := of(r, conformance.Wrong); !contains(wrong, s.check) {
				t.Errorf("wrong are %v, want %s", wrong, s.check)
			} else if len(wrong) > 3 {
				t.Errorf("wrong are %v, where %s alone would say it", wrong, s.check)
			}
			for _, one := range r.Results {
				for _, f := range one.Faults {
					if f.Text == "" || (f.Exchange != nil && f.Exchange.Request == "") {
						t.Errorf("%s names a fault without words or request: %+v", one.ID, f)
					}
				}
			}
		})
	}
}

// TestTenFaultsAtOnce is a portal that gets a lot wrong: every one of them is named, with the request and
// the answer that show it.
func TestTenFaultsAtOnce(t *testing.T) {
	ten := map[string]wrongly{
		"auth-wrong": anyToken, "problems": plainErrors, "two-parameters": oneOfMany, "email-unknown": noneIs404,
		"email-dots": foldsDots, "shapes": oddState, "similar-itself": similarIsItself,
		"sign-in-link-new": sameLink, "sign-in-link": linkForAges, "billing-by-contact": namesBilling,
	}
	var all []func(http.Handler) http.Handler
	for _, w := range ten {
		all = append(all, w)
	}
	r := run(t, vendor(t, all...))
	wrong := of(r, conformance.Wrong)
	for check := range ten {
		if !contains(wrong, check) {
			t.Errorf("%s is not named among %v", check, wrong)
		}
	}
	for _, one := range r.Results {
		if len(one.Faults) > 0 && (one.Faults[0].Exchange == nil || one.Faults[0].Exchange.Status == 0) {
			t.Errorf("%s shows no answer", one.ID)
		}
	}
}
