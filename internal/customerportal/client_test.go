package customerportal_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
	"latchkey/internal/recovery"
)

const (
	token = "s3cret-token"
	asked = "customerz@example.com"
)

// zoe is a whole account, as the document's example has it.
const zoe = `{"id":"1007","email":"customerZ@example.com","name":"Zoe","created_at":"2024-05-02T08:30:00Z",
"confirmed_at":"2024-05-02T10:34:10+02:00","unconfirmed_email":null,"sign_in_enabled":true,"origin":"self-service",
"last_sign_in_at":null,"identity":{"provider":"gitlab","subject":"2000107","username":"z","email":"gitlabZ@example.com",
"email_verified":true,"state":"active","password_enabled":true,"two_factor":false},
"billing_accounts":[{"id":"A-1","name":"Z","role":"manager"}],"subscriptions":[{"name":"Premium","applied":true}],
"invitations":[{"billing_account":"A-2","state":"open","created_at":"2026-01-01T00:00:00Z"}],"added_by_vendor":1}`

func accounts(list ...string) string { return `{"accounts":[` + strings.Join(list, ",") + `]}` }

// answers gives the client a portal that always answers this.
func answers(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func newClient(t *testing.T, h http.Handler, change ...func(*customerportal.Config)) *customerportal.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := customerportal.Config{BaseURL: server.URL + "/", Token: token}
	for _, c := range change {
		c(&cfg)
	}
	c, err := customerportal.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func address(t *testing.T, typed string) account.Address {
	t.Helper()
	a, err := account.ParseAddress(typed)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLookUpAsksAndReadsAsDocumented(t *testing.T) {
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.Method+" "+r.URL.String(), "GET /v1/accounts?email="+url.QueryEscape(asked); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			t.Errorf("Authorization %q", got)
		}
		answers(200, "application/json; charset=utf-8", accounts(zoe))(w, r)
	}))
	found, err := c.AccountsByEmail(t.Context(), address(t, asked))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	a := found[0]
	if a.Email != "customerZ@example.com" || a.ID != "1007" || !a.SignInEnabled || a.Origin != account.OriginSelfService {
		t.Errorf("account %+v", a)
	}
	if want := time.Date(2024, 5, 2, 8, 34, 10, 0, time.UTC); !a.ConfirmedAt.Equal(want) || a.ConfirmedAt.Location() != time.UTC {
		t.Errorf("confirmed %v, want %v", a.ConfirmedAt, want)
	}
	if !a.LastSignInAt.IsZero() || a.UnconfirmedEmail != "" {
		t.Errorf("null was read as %v, %q", a.LastSignInAt, a.UnconfirmedEmail)
	}
	if a.Identity == nil || a.Identity.Subject != "2000107" || !a.Identity.EmailVerified || a.Identity.TwoFactor {
		t.Errorf("identity %+v", a.Identity)
	}
	if len(a.BillingAccounts) != 1 || len(a.Subscriptions) != 1 || len(a.Invitations) != 1 || a.Invitations[0].State != "open" {
		t.Errorf("lists %+v", a)
	}
}

// wrong is what a portal may say instead of an answer.
var wrong = []struct {
	name    string
	status  int
	media   string
	body    string
	outcome customerportal.Outcome
}{
	{"html", 200, "text/html", "<h1>Welcome</h1>", customerportal.OutcomeNonsense},
	{"json called html", 200, "text/html", accounts(zoe), customerportal.OutcomeNonsense},
	{"html called json", 200, "application/json", "<h1>Welcome</h1>", customerportal.OutcomeNonsense},
	{"nothing", 200, "application/json", "", customerportal.OutcomeNonsense},
	{"null", 200, "application/json", "null", customerportal.OutcomeNonsense},
	{"a bare list", 200, "application/json", "[" + zoe + "]", customerportal.OutcomeNonsense},
	{"no list", 200, "application/json", "{}", customerportal.OutcomeNonsense},
	{"null for a list", 200, "application/json", `{"accounts":null}`, customerportal.OutcomeNonsense},
	{"null for an account", 200, "application/json", `{"accounts":[null]}`, customerportal.OutcomeNonsense},
	{"cut off", 200, "application/json", accounts(zoe)[:200], customerportal.OutcomeNonsense},
	{"two values", 200, "application/json", accounts(zoe) + accounts(), customerportal.OutcomeNonsense},
	{"a string for a flag", 200, "application/json", accounts(strings.Replace(zoe, `"sign_in_enabled":true`, `"sign_in_enabled":"yes"`, 1)), customerportal.OutcomeNonsense},
	{"an address for a time", 200, "application/json", accounts(strings.Replace(zoe, `"2024-05-02T08:30:00Z"`, `"customerz@example.com"`, 1)), customerportal.OutcomeNonsense},
	{"an empty id", 200, "application/json", accounts(strings.Replace(zoe, `"1007"`, `""`, 1)), customerportal.OutcomeNonsense},
	{"an id that is a path", 200, "application/json", accounts(strings.Replace(zoe, `"1007"`, `".."`, 1)), customerportal.OutcomeNonsense},
	{"an unknown origin", 200, "application/json", accounts(strings.Replace(zoe, `"self-service"`, `"ufo"`, 1)), customerportal.OutcomeNonsense},
	{"an unknown state", 200, "application/json", accounts(strings.Replace(zoe, `"active"`, `"asleep"`, 1)), customerportal.OutcomeNonsense},
	{"an identity without subject", 200, "application/json", accounts(strings.Replace(zoe, `"2000107"`, `""`, 1)), customerportal.OutcomeNonsense},
	{"somebody else", 200, "application/json", accounts(strings.Replace(zoe, `"customerZ@example.com"`, `"other@example.com"`, 1)), customerportal.OutcomeNonsense},
	{"somebody else among them", 200, "application/json", accounts(zoe, strings.NewReplacer(`"customerZ@`, `"other@`, `"1007"`, `"1"`).Replace(zoe)), customerportal.OutcomeNonsense},
	{"the same twice", 200, "application/json", accounts(zoe, zoe), customerportal.OutcomeNonsense},
	{"too much", 200, "application/json", accounts(zoe) + strings.Repeat(" ", 1<<20), customerportal.OutcomeNonsense},
	{"another success", 202, "application/json", accounts(zoe), customerportal.OutcomeNonsense},
	{"401", 401, "application/problem+json", `{"type":"urn:x","title":"No"}`, customerportal.OutcomeRefused},
	{"404", 404, "text/plain", "404", customerportal.OutcomeRefused},
	{"429", 429, "application/problem+json", `{"type":"urn:x","title":"Slow down"}`, customerportal.OutcomeRefused},
	{"500", 500, "text/html", "<h1>We're sorry</h1>", customerportal.OutcomeFailed},
	{"503", 503, "", "", customerportal.OutcomeFailed},
}

func TestAnythingElseIsAnErrorAndNeverData(t *testing.T) {
	for _, w := range wrong {
		t.Run(w.name, func(t *testing.T) {
			c := newClient(t, answers(w.status, w.media, w.body))
			found, err := c.AccountsByEmail(t.Context(), address(t, asked))
			checkError(t, err, w.outcome)
			if found != nil {
				t.Errorf("and data: %v", found)
			}
		})
	}
}

func TestEveryMemberIsNeeded(t *testing.T) {
	for _, member := range []string{
		"id", "email", "name", "created_at", "confirmed_at", "unconfirmed_email", "sign_in_enabled", "origin", "last_sign_in_at", "identity",
		"provider", "subject", "username", "email_verified", "state", "password_enabled", "two_factor", "billing_accounts", "role",
		"subscriptions", "applied", "invitations", "billing_account",
	} {
		t.Run(member, func(t *testing.T) {
			body := strings.Replace(zoe, `"`+member+`":`, `"x_`+member+`":`, 1)
			_, err := newClient(t, answers(200, "application/json", accounts(body))).AccountsByEmail(t.Context(), address(t, asked))
			checkError(t, err, customerportal.OutcomeNonsense)
		})
	}
}

// checkError wants ErrPortal, the outcome, and no secret in the text.
func checkError(t *testing.T, err error, outcome customerportal.Outcome) {
	t.Helper()
	if !errors.Is(err, recovery.ErrPortal) {
		t.Fatalf("error %v, want ErrPortal", err)
	}
	failure := new(customerportal.Error)
	if !errors.As(err, &failure) || failure.Outcome != outcome {
		t.Errorf("error %v, want outcome %s", err, outcome)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		checkText(t, e)
	}
	for _, e := range failure.Unwrap() {
		checkText(t, e)
	}
}

func checkText(t *testing.T, err error) {
	t.Helper()
	text := strings.ToLower(err.Error())
	for _, secret := range []string{"customerz", "@", "%40", token, "email=", "http://"} {
		if strings.Contains(text, secret) {
			t.Errorf("the error's text holds %q: %v", secret, err)
		}
	}
}

func TestIdentityLookUpsCheckTheIdentity(t *testing.T) {
	c := newClient(t, answers(200, "application/json", accounts(zoe)))
	if found, err := c.AccountsByIdentityEmail(t.Context(), address(t, "GITLABz@example.com")); err != nil || len(found) != 1 {
		t.Errorf("got %v, %v", found, err)
	}
	_, err := c.AccountsByIdentityEmail(t.Context(), address(t, asked))
	checkError(t, err, customerportal.OutcomeNonsense)
	if found, err := c.AccountsByIdentitySubject(t.Context(), "2000107"); err != nil || len(found) != 1 {
		t.Errorf("got %v, %v", found, err)
	}
	_, err = c.AccountsByIdentitySubject(t.Context(), "1")
	checkError(t, err, customerportal.OutcomeNonsense)
}

func TestSimilarKeepsToItsDomain(t *testing.T) {
	numbered := func(id string) string { return strings.Replace(zoe, `"1007"`, `"`+id+`"`, 1) }
	three := accounts(numbered("1"), numbered("2"), numbered("3"))
	if found, err := newClient(t, answers(200, "application/json", three)).AccountsSimilarTo(t.Context(), address(t, "customer_z@example.com")); err != nil || len(found) != 3 {
		t.Errorf("got %v, %v", found, err)
	}
	_, err := newClient(t, answers(200, "application/json", three)).AccountsSimilarTo(t.Context(), address(t, "customer_z@example.org"))
	checkError(t, err, customerportal.OutcomeNonsense)
}

func TestOfManySimilarTheFirstCount(t *testing.T) {
	numbered := func(id string) string { return strings.Replace(zoe, `"1007"`, `"`+id+`"`, 1) }
	four := accounts(numbered("2"), numbered("1"), numbered("4"), numbered("3"))
	found, err := newClient(t, answers(200, "application/json", four)).AccountsSimilarTo(t.Context(), address(t, "customer_z@example.com"))
	if err != nil || len(found) != customerportal.MaxSimilar || found[0].ID != "2" || found[1].ID != "1" || found[2].ID != "4" {
		t.Errorf("got %v, %v; want the first three", found, err)
	}
}

func TestBillingRelations(t *testing.T) {
	body := `{"billing_accounts":[{"id":"A-1","relation":"invited","invitation_state":"open","created_at":"2026-01-01T00:00:00Z"}]}`
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.URL.String(), "/v1/billing-accounts?invited_email="+url.QueryEscape(asked); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
		answers(200, "application/json", body)(w, r)
	}))
	found, err := c.BillingAccountsByInvitation(t.Context(), address(t, asked))
	if err != nil || len(found) != 1 || found[0].InvitationState != "open" || found[0].Relation != "invited" {
		t.Errorf("got %v, %v", found, err)
	}
}

// A relation that does not answer the question would become a wrong finding.
func TestBillingRelationsThatAreNonsense(t *testing.T) {
	one := func(id, relation, state string) string {
		return `{"billing_accounts":[{"id":"` + id + `","relation":"` + relation + `","invitation_state":` + state + `,"created_at":"2026-01-01T00:00:00Z"}]}`
	}
	contact, invited := (*customerportal.Client).BillingAccountsByContact, (*customerportal.Client).BillingAccountsByInvitation
	for _, tt := range []struct {
		name, body string
		ask        func(*customerportal.Client, context.Context, account.Address) ([]account.BillingRelation, error)
		fine       bool
	}{
		{"a Sold To contact", one("A-1", "sold-to", "null"), contact, true},
		{"a Bill To contact", one("A-1", "bill-to", "null"), contact, true},
		{"no id", one("", "sold-to", "null"), contact, false},
		{"an invitation among contacts", one("A-1", "invited", `"open"`), contact, false},
		{"a relation of its own", one("A-1", "friend", "null"), contact, false},
		{"an invitation", one("A-1", "invited", `"expired"`), invited, true},
		{"a contact among invitations", one("A-1", "sold-to", "null"), invited, false},
		{"an invitation without a state", one("A-1", "invited", "null"), invited, false},
		{"an invitation in a state of its own", one("A-1", "invited", `"lost"`), invited, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found, err := tt.ask(newClient(t, answers(200, "application/json", tt.body)), t.Context(), address(t, asked))
			if tt.fine != (err == nil && len(found) == 1) {
				t.Errorf("got %v, %v", found, err)
			}
			if !tt.fine {
				checkError(t, err, customerportal.OutcomeNonsense)
			}
		})
	}
}

func TestProblemWordsAreKeptUnlessTheyHoldAnAddress(t *testing.T) {
	for title, want := range map[string]string{
		"Signing in is disabled":               "Signing in is disabled",
		"No account for customerz@example.com": "withheld",
		"No account for customerz%40example.x": "withheld",
		"two\nlines":                           "withheld",
		strings.Repeat("long ", 100):           "withheld",
	} {
		body := `{"type":"urn:x:y","title":"` + strings.ReplaceAll(title, "\n", `\n`) + `","status":409,"detail":"customerz@example.com"}`
		_, err := newClient(t, answers(409, "application/problem+json", body)).SignInLink(t.Context(), "1007")
		checkError(t, err, customerportal.OutcomeRefused)
		failure := new(customerportal.Error)
		if errors.As(err, &failure); failure.Title != want || failure.Type != "urn:x:y" || failure.Status != 409 {
			t.Errorf("%q: got %+v, want %q", title, failure, want)
		}
	}
}

func TestOnlyReadsAreRetriedOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		fails  int32 // calls that fail before one succeeds
		status int
		read   bool
		calls  int32
		works  bool
	}{
		{"a read after one 503", 1, 503, true, 2, true},
		{"a read after two", 2, 503, true, 2, false},
		{"a read after 429", 1, 429, true, 1, false},
		{"a read after a reset", 1, 0, true, 2, true},
		{"a press after 503", 1, 503, false, 1, false},
		{"a press after a reset", 1, 0, false, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls atomic.Int32
			client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch n := calls.Add(1); {
				case n <= c.fails && c.status == 0:
					panic(http.ErrAbortHandler)
				case n <= c.fails:
					w.WriteHeader(c.status)
				case r.Method == http.MethodPost:
					answers(201, "application/json", `{"url":"https://p.example/x","expires_at":"2026-01-01T00:00:00Z"}`)(w, r)
				default:
					answers(200, "application/json", accounts(zoe))(w, r)
				}
			}))
			var err error
			if c.read {
				_, err = client.AccountsByEmail(t.Context(), address(t, asked))
			} else {
				_, err = client.SignInLink(t.Context(), "1007")
			}
			if (err == nil) != c.works || calls.Load() != c.calls {
				t.Errorf("%d calls, error %v; want %d calls, works %v", calls.Load(), err, c.calls, c.works)
			}
		})
	}
}

func TestAPortalThatHangsIsLeft(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	trickle := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"accounts":[`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	for name, h := range map[string]http.HandlerFunc{"before the answer": hang, "within the answer": trickle} {
		t.Run(name+", own time-out", func(t *testing.T) {
			c := newClient(t, h, func(c *customerportal.Config) { c.Timeout = 50 * time.Millisecond })
			_, err := c.AccountsByEmail(context.Background(), address(t, asked))
			checkError(t, err, customerportal.OutcomeTimeout)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v does not tell the cause", err)
			}
		})
		t.Run(name+", the caller's deadline", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := newClient(t, h).SignInLink(ctx, "1007")
			checkError(t, err, customerportal.OutcomeTimeout)
		})
	}
}

func TestNoPortalThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c, err := customerportal.New(customerportal.Config{BaseURL: "http://" + l.Addr().String(), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.AccountsByEmail(t.Context(), address(t, asked))
	checkError(t, err, customerportal.OutcomeNetwork)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := newClient(t, http.RedirectHandler(other.URL+"/v1/accounts", status))
		_, err := c.AccountsByEmail(t.Context(), address(t, asked))
		checkError(t, err, customerportal.OutcomeRefused)
		_, err = c.SignInLink(t.Context(), "1007")
		checkError(t, err, customerportal.OutcomeRefused)
	}
	if elsewhere.Load() != 0 {
		t.Errorf("%d calls went elsewhere", elsewhere.Load())
	}
}
