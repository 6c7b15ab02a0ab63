package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
	"latchkey/internal/demo"
)

// emptyPortal is one without customers of its own.
func emptyPortal(t testing.TB) *demo.Portal {
	t.Helper()
	p, err := demo.OpenPortal(t.Context(), demo.Config{
		DataDir: t.TempDir(), Token: "token", PublicURL: func() string { return "http://127.0.0.1" }, NoCustomers: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func load(t *testing.T, p *demo.Portal, file string) demo.Imported {
	t.Helper()
	done, err := p.Import(t.Context(), strings.NewReader(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func accountOf(t *testing.T, p *demo.Portal, id string) account.Account {
	t.Helper()
	a, err := p.Account(t.Context(), id)
	if err != nil {
		t.Fatalf("account %s: %v", id, err)
	}
	return a
}

const full = `id,email,name,created_at,confirmed_at,unconfirmed_email,sign_in_enabled,origin,last_sign_in_at,identity_provider,identity_subject,identity_username,identity_email,identity_email_verified,identity_state,identity_password_enabled,identity_two_factor,billing_account_id,billing_account_name,role,subscription,applied,invitation_billing_account_id,invitation_state,invitation_created_at
7,Zoe@Example.com,"Zoe, the ""first""",2024-05-01T09:30:00Z,2024-05-02 10:00:00 UTC,new@example.com,no,sales,2026-01-02,gitlab,42,zoe,other@example.com,false,locked,f,TRUE,A-1,"Zeppelin
Studios",viewer,Premium,true,A-9,expired,2026-02-03 04:05
`

func TestImportTakesEveryColumn(t *testing.T) {
	p := emptyPortal(t)
	if done := load(t, p, full); done.Accounts != 1 || done.Rows != 1 || len(done.Unknown) > 0 {
		t.Errorf("%+v", done)
	}
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	want := account.Account{
		ID: "7", Email: "Zoe@Example.com", Name: `Zoe, the "first"`, CreatedAt: at("2024-05-01T09:30:00Z"), ConfirmedAt: at("2024-05-02T10:00:00Z"),
		UnconfirmedEmail: "new@example.com", Origin: account.OriginSales, LastSignInAt: at("2026-01-02T00:00:00Z"),
		Identity: &account.Identity{
			Provider: "gitlab", Subject: "42", Username: "zoe", Email: "other@example.com", State: account.IdentityLocked, TwoFactor: true,
		},
		BillingAccounts: []account.Membership{{ID: "A-1", Name: "Zeppelin\nStudios", Role: "viewer"}},
		Subscriptions:   []account.Subscription{{Name: "Premium", Applied: true}},
		Invitations:     []account.Invitation{{BillingAccount: "A-9", State: "expired", CreatedAt: at("2026-02-03T04:05:00Z")}},
	}
	got := accountOf(t, p, "7")
	if fmt.Sprint(*got.Identity) != fmt.Sprint(*want.Identity) {
		t.Errorf("identity %+v, want %+v", *got.Identity, *want.Identity)
	}
	got.Identity, want.Identity = nil, nil
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	header, _, _ := strings.Cut(full, "\n")
	var names []string
	for _, c := range demo.Columns() {
		names = append(names, c.Name)
	}
	if header != strings.Join(names, ",") {
		t.Errorf("this test does not have every column: %s", strings.Join(names, ","))
	}
}

// Whatever is loaded, the Customer Portal API says so that its client can read it.
func TestImportedAccountsPassTheAPI(t *testing.T) {
	p := emptyPortal(t)
	load(t, p, full)
	load(t, p, "email,confirmed_at,invitation_billing_account_id\nyan@example.com,,A-9\n")
	shop := httptest.NewServer(p.Handler())
	t.Cleanup(shop.Close)
	client, err := customerportal.New(customerportal.Config{BaseURL: shop.URL, Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"zoe@example.com", "yan@example.com"} {
		address, err := account.ParseAddress(email)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := client.AccountsByEmail(t.Context(), address); err != nil || len(found) != 1 || found[0].CreatedAt.IsZero() {
			t.Errorf("%s: %v, %v", email, found, err)
		}
		if found, err := client.BillingAccountsByInvitation(t.Context(), address); err != nil || len(found) != 1 {
			t.Errorf("%s invited: %v, %v", email, found, err)
		}
	}
}

func TestImportUnderstandsWhatSpreadsheetsWrite(t *testing.T) {
	for _, tt := range []struct{ name, file string }{
		{"plain", "email,confirmed_at\nzoe@example.com,2024-05-01\n"},
		{"columns in any order and case", "Confirmed_At , EMAIL\n2024-05-01, zoe@example.com \n"},
		{"byte order mark", "\xEF\xBB\xBFemail,confirmed_at\nzoe@example.com,2024-05-01\n"},
		{"Windows lines", "email,confirmed_at\r\nzoe@example.com,2024-05-01\r\n"},
		{"no last line end", "email,confirmed_at\nzoe@example.com,2024-05-01"},
		{"quotation marks all over", "\"email\",\"confirmed_at\"\n\"zoe@example.com\",\"2024-05-01\"\n"},
		{"mark and quotation marks", "\xEF\xBB\xBF\"email\",\"confirmed_at\"\r\n\"zoe@example.com\",\"2024-05-01\"\r\n"},
		{"semicolons", "email;confirmed_at\nzoe@example.com;2024-05-01\n"},
		{"tabs", "email\tconfirmed_at\nzoe@example.com\t2024-05-01\n"},
		{"empty lines", "email,confirmed_at\n\nzoe@example.com,2024-05-01\n,\n\n"},
		{"a database's time", "email,confirmed_at\nzoe@example.com,2024-05-01 00:00:00.123456+00\n"},
		{"a zone", "email,confirmed_at\nzoe@example.com,2024-05-01 02:00:00 +0200\n"},
	} {
		p := emptyPortal(t)
		done := load(t, p, tt.file)
		if done.Accounts != 1 || done.Rows != 1 {
			t.Errorf("%s: %+v", tt.name, done)
		}
		a := accountOf(t, p, idOf(t, p, "zoe@example.com"))
		if day := a.ConfirmedAt.UTC().Format(time.DateOnly); a.Email != "zoe@example.com" || day != "2024-05-01" || !a.SignInEnabled || a.Identity != nil {
			t.Errorf("%s: %+v", tt.name, a)
		}
	}
}

// accountsAt are the ids of the accounts at an address, asked of the API.
func accountsAt(t *testing.T, p *demo.Portal, email string) []string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/accounts?email="+url.QueryEscape(email), nil)
	r.Header.Set("Authorization", "Bearer token")
	answer := httptest.NewRecorder()
	p.Handler().ServeHTTP(answer, r)
	var found customerportal.Accounts
	if err := json.Unmarshal(answer.Body.Bytes(), &found); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d, %v: %s", answer.Code, err, answer.Body)
	}
	var ids []string
	for _, a := range found.Accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

// idOf finds the one account of an address by the API.
func idOf(t *testing.T, p *demo.Portal, email string) string {
	t.Helper()
	found := accountsAt(t, p, email)
	if len(found) != 1 {
		t.Fatalf("%d accounts at %s", len(found), email)
	}
	return found[0]
}

func TestImportFaults(t *testing.T) {
	const head = "id,email,confirmed_at,origin,sign_in_enabled,identity_subject,identity_email,billing_account_id,subscription,applied\n"
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", []string{"line 1: the file is empty"}},
		{"header alone", head, []string{"line 1: the file has no rows"}},
		{"no header", "zoe@example.com,2024-05-01\n", []string{"line 1: there is no column email", "line 1: there is no column confirmed_at"}},
		{"a required column missing", "email,name\nzoe@example.com,Zoe\n", []string{"line 1: there is no column confirmed_at"}},
		{"a column twice", "email,email,confirmed_at\n", []string{"line 1: the column email is there twice"}},
		{"UTF-16", "\xFF\xFEe\x00m\x00", []string{"line 1: the file is in UTF-16"}},
		{"no address", head + ",zoe,,,,,,,,\n", []string{`line 2: email "zoe" is no address`}},
		{"an empty address", head + "7,,2024-05-01,,,,,,,\n", []string{"line 2: email is empty"}},
		{"an address that is none", head + ",zoe@@example.com,,,,,,,,\n", []string{"line 2: email is no address"}},
		{"no id", head + ".,zoe@example.com,,,,,,,,\n", []string{`line 2: id "." is no id`}},
		{"no time", head + ",zoe@example.com,yesterday,,,,,,,\n", []string{`line 2: confirmed_at "yesterday" is no time`}},
		{"a day that is none", head + ",zoe@example.com,2024-02-30,,,,,,,\n", []string{`line 2: confirmed_at "2024-02-30" is no time`}},
		{"unknown origin", head + ",zoe@example.com,,partner,,,,,,\n", []string{`line 2: origin "partner" is none of self-service, legacy, sales, reseller`}},
		{"neither yes nor no", head + ",zoe@example.com,,,perhaps,,,,,\n", []string{`line 2: sign_in_enabled "perhaps" is neither true nor false`}},
		{"identity without subject", head + ",zoe@example.com,,,,,zoe@example.com,,,\n", []string{"line 2: there is something of an identity, and no identity_subject"}},
		{"a subject that GitLab has not", head + ",zoe@example.com,,,,zoe,,,,\n", []string{`line 2: identity_subject "zoe" is no number`}},
		{"subscription of nothing", head + ",zoe@example.com,,,,,,,Premium,\n", []string{"line 2: there is something of a billing account, and no billing_account_id"}},
		{"applied without a subscription", head + ",zoe@example.com,,,,,,A-1,,true\n", []string{"line 2: applied is true, and there is no subscription"}},
		{"invitation to nowhere", "email,confirmed_at,invitation_state\nzoe@example.com,,open\n", []string{"line 2: there is something of an invitation"}},
		{"too few values", head + "7,zoe@example.com\n", []string{"line 2: has 2 values, and the first line names 10 columns"}},
		{"too many values", "email,confirmed_at\nzoe@example.com,2024-05-01,\n", []string{"line 2: has 3 values"}},
		{"a quotation mark within", head + "7,zo\"e@example.com,,,,,,,,\n", []string{"line 2: a quotation mark inside a value"}},
		{"a quotation mark never closed", "email,confirmed_at\nzoe@example.com,\"2024\nyan@example.com,\n", []string{"line 2: a quotation mark is opened and never closed"}},
		{"other letters", head + "7,zoe@example.com,2024-05-01,,,,,\xE9,,\n", []string{"line 2: billing_account_id is not in UTF-8"}},
		{"two accounts of one id", head + "7,zoe@example.com,,,,,,,,\n7,yan@example.com,,,,,,,,\n", []string{"line 3: says something else of the account than line 2 does"}},
		{"two words on one account", head + ",zoe@example.com,,,,,,,,\n\n,ZOE@example.com,2024-05-01,,,,,,,\n", []string{"line 4: says something else of the account than line 2 does"}},
		{"two words on one identity", head + ",zoe@example.com,,,,42,zoe@example.com,,,\n,yan@example.com,,,,42,yan@example.com,,,\n", []string{"line 3: says something else of the identity than line 2 does"}},
		{"two words on one subscription", head + ",zoe@example.com,,,,,,A-1,Premium,true\n,yan@example.com,,,,,,A-1,Premium,false\n", []string{"line 3: says something else of the subscription than line 2 does"}},
		{"lines within a value count", "email,confirmed_at,name\nzoe@example.com,,\"a\nb\nc\"\nyan@example.com,soon,\n", []string{`line 5: confirmed_at "soon"`}},
		{"all of them", head + ",zoe,soon,,,,,,,\n,yan@example.com,,,,,,,,\n,xia,,,,,,,,\n", []string{`line 2: email "zoe"`, `line 2: confirmed_at "soon"`, `line 4: email "xia"`}},
	} {
		p := emptyPortal(t)
		_, err := p.Import(t.Context(), strings.NewReader(tt.file), nil)
		var faults demo.ImportFaults
		if !errors.As(err, &faults) {
			t.Errorf("%s: %v, want faults", tt.name, err)
			continue
		}
		if len(faults) != len(tt.want)+btoi(faults[len(faults)-1] == "nothing was loaded") {
			t.Errorf("%s: %d faults, want %d: %q", tt.name, len(faults), len(tt.want), faults)
		}
		for i, want := range tt.want {
			if i < len(faults) && !strings.HasPrefix(faults[i], want) {
				t.Errorf("%s: fault %q, want %q", tt.name, faults[i], want)
			}
		}
		if strings.Contains(err.Error(), "@") && tt.name != "no address" && !strings.Contains(err.Error(), "somebody@example.com") {
			t.Errorf("%s: an address is told: %v", tt.name, err)
		}
		if len(accountsAt(t, p, "zoe@example.com"))+len(accountsAt(t, p, "yan@example.com")) > 0 {
			t.Errorf("%s: something was loaded", tt.name)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestImportStopsAfterManyFaults(t *testing.T) {
	file := "email,confirmed_at\n" + strings.Repeat("zoe,\n", 10_000)
	_, err := emptyPortal(t).Import(t.Context(), strings.NewReader(file), nil)
	var faults demo.ImportFaults
	if !errors.As(err, &faults) || len(faults) != 51 || !strings.Contains(faults[50], "the rest was not read after 50 faults") {
		t.Errorf("%d faults, the last %q", len(faults), faults[len(faults)-1])
	}
}

func TestImportPutsRowsOfOneAccountTogether(t *testing.T) {
	p := emptyPortal(t)
	done := load(t, p, `email,confirmed_at,billing_account_id,subscription,applied,comment,team
zoe@example.com,2024-05-01,A-1,Premium,true,,
yan@example.com,2024-05-01,A-1,Premium,true,,
zoe@example.com,2024-05-01,A-1,Ultimate,false,,
Zoe@EXAMPLE.com,2024-05-01,A-1,Premium,true,,
zoe@example.com,2024-05-01,A-1,Ultimate,false,,
`)
	if done.Accounts != 2 || done.Repeated != 1 || !slices.Equal(done.RepeatedSome, []string{"line 6 repeats line 4"}) ||
		!slices.Equal(done.Unknown, []string{"comment", "team"}) {
		t.Errorf("%+v", done)
	}
	a := accountOf(t, p, idOf(t, p, "zoe@example.com"))
	if len(a.Subscriptions) != 2 || len(a.BillingAccounts) != 1 {
		t.Errorf("subscriptions %v, billing accounts %v", a.Subscriptions, a.BillingAccounts)
	}
}

func TestImportAgainLeavesWhatIsThere(t *testing.T) {
	p := emptyPortal(t)
	const file = "id,email,confirmed_at,identity_subject,identity_email\n7,zoe@example.com,2024-05-01,42,zoe@example.com\n"
	load(t, p, file)
	if done := load(t, p, file+"8,yan@example.com,2024-05-01,,\n"); done.Accounts != 1 || done.Known != 1 {
		t.Errorf("again: %+v", done)
	}
	for _, clash := range []string{
		"id,email,confirmed_at\n7,xia@example.com,\n",
		"id,email,confirmed_at,identity_subject,identity_email\n9,xia@example.com,,42,xia@example.com\n",
	} {
		_, err := p.Import(t.Context(), strings.NewReader(clash), nil)
		if err == nil || !strings.Contains(err.Error(), "choose a new folder with --data") {
			t.Errorf("somebody else's id: %v", err)
		}
	}
}

// A file that breaks off, and a demo that is ended meanwhile, load nothing.
func TestImportThatBreaksOffLoadsNothing(t *testing.T) {
	p := emptyPortal(t)
	broken := io.MultiReader(strings.NewReader("email,confirmed_at\nzoe@example.com,2024-05-01\n"), iotest.ErrReader(errors.New("no more")))
	var faults demo.ImportFaults
	if _, err := p.Import(t.Context(), broken, nil); err == nil || errors.As(err, &faults) || !strings.Contains(err.Error(), "no more") {
		t.Errorf("broken off: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := p.Import(ctx, strings.NewReader(manyRows(3000)), func(int64, int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
	if found := slices.Concat(accountsAt(t, p, "zoe@example.com"), accountsAt(t, p, "person0@company0.example")); len(found) > 0 {
		t.Errorf("%v was loaded", found)
	}
}

func TestImportTellsItsProgress(t *testing.T) {
	file := manyRows(2000)
	var bytes []int64
	var rows []int
	_, err := emptyPortal(t).Import(t.Context(), strings.NewReader(file), func(b int64, r int) { bytes, rows = append(bytes, b), append(rows, r) })
	if err != nil || !slices.IsSorted(bytes) || !slices.IsSorted(rows) || len(rows) < 4 {
		t.Fatalf("%v, bytes %v, rows %v", err, bytes, rows)
	}
	if last := len(rows) - 1; rows[last] != 2000 || bytes[last] != int64(len(file)) {
		t.Errorf("at the end %d bytes, %d rows; want %d, 2000", bytes[last], rows[last], len(file))
	}
}

// manyRows is a file of n accounts, each with identity, billing account and subscription.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("id,email,name,created_at,confirmed_at,identity_subject,identity_email,billing_account_id,billing_account_name,subscription,applied\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,person%d@company%d.example,Person %d,2024-05-01T09:30:00Z,2024-05-01T09:35:00Z,%d,person%d@company%d.example,A-%d,Company %d,Premium,true\n",
			i, i, i/50, i, 1000+i, i, i/50, i/50, i/50)
	}
	return b.String()
}

func BenchmarkImport(b *testing.B) {
	file := manyRows(100_000)
	for b.Loop() {
		p := emptyPortal(b)
		if done, err := p.Import(b.Context(), strings.NewReader(file), nil); err != nil || done.Accounts != 100_000 {
			b.Fatalf("%+v, %v", done, err)
		}
	}
}
