package desk_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/assets"
	"latchkey/internal/desk"
	"latchkey/internal/desk/desktest"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
	"latchkey/templates"
)

var (
	handOffs  = flag.Int("handoffs", 500, "how many hand-offs TestFiveHundredHandOffs files")
	deskKills = flag.Int("kills", 12, "how often it kills their worker")
)

// In the process that is to be killed these name the database, the desk and the start of the clock.
const childDB, childDesk, childStart = "DESK_TEST_DB", "DESK_TEST_URL", "DESK_TEST_START"

// speed is how much faster than the wall's the clock of this test goes: back-offs and pauses are seconds long.
const speed = 400

func TestMain(m *testing.M) {
	if path := os.Getenv(childDB); path != "" {
		if err := runChild(path, os.Getenv(childDesk), os.Getenv(childStart)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runChild files what is due until it is killed.
func runChild(path, url, begun string) error {
	nanos, err := strconv.ParseInt(begun, 10, 64)
	if err != nil {
		return err
	}
	store, err := sqlstore.Open(context.Background(), path)
	if err != nil {
		return err
	}
	o, err := killable(store, url, time.Unix(0, nanos))
	if err != nil {
		return err
	}
	o.Run(context.Background())
	return nil
}

func fast(begun time.Time) func() time.Time {
	return func() time.Time { return begun.Add(speed * time.Since(begun)) }
}

func killable(store *sqlstore.Store, url string, begun time.Time) (*outbox.Outbox, error) {
	z, err := desk.NewZendesk(desk.ZendeskConfig{
		URL: url, User: agent, Token: token, Timeout: 150 * time.Millisecond, Priority: "normal",
	})
	if err != nil {
		return nil, err
	}
	letters, err := realLetters()
	if err != nil {
		return nil, err
	}
	service := recovery.New(recovery.Deps{Store: store, Now: fast(begun)})
	return outbox.New(outbox.Config{
		Queue: store, Channel: recovery.ChannelDesk, Composer: letters, Finder: service, Now: fast(begun), Name: "desk",
		Sender: desk.Sender{Desk: z, Filed: service.Filed}, Workers: 8, InHand: 16, Poll: 5 * time.Millisecond,
		SendTimeout: 4 * time.Second, Lease: speed * 5 * time.Second,
	})
}

func realLetters() (*outbox.Letters, error) {
	words, err := templates.New(templates.Options{Asset: assets.Path, Site: templates.Site{
		Vendor: "Acme", Portal: "Customers Portal", Identity: "GitLab.com",
	}})
	if err != nil {
		return nil, err
	}
	key := func(b byte) string {
		return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{b}, secret.KeyBytes))
	}
	keys, err := secret.Parse("address " + key(1) + "\nkey k1 " + key(2))
	return &outbox.Letters{
		Renderer: words, Keys: keys, PublicURL: "https://help.acme.example", MessageIDDomain: "acme.example",
		ConsoleURL: "https://ops.acme.example", Support: "support@acme.example",
	}, err
}

// filed is a hand-off of the test, and what has to come of it.
type filed struct {
	job     recovery.Job
	message recovery.Message // as it is composed
	bound   int64            // the ticket there is already, 0 for none
	note    bool             // it becomes a note there
	follows bool             // it follows that one up
}

// scene is the desk, with tickets that were there before, and the queue.
type scene struct {
	t       *testing.T
	desk    *desktest.Zendesk
	store   *sqlstore.Store
	path    string
	url     string
	begun   time.Time
	letters *outbox.Letters
	filed   []*filed
	others  map[int64]desktest.Ticket // as they were
}

// Five hundred hand-offs go to a desk at which a fifth of what they ask for fails, in one kind of failure
// without an answer although the desk acted, while their worker is killed again and again. In the end each case has one ticket
// with its message and its note, or one note on its own ticket, and nobody else's ticket was touched.
func TestFiveHundredHandOffs(t *testing.T) {
	s := newScene(t)
	for i := range *handOffs {
		s.handOff(i)
	}
	for _, ticket := range s.desk.Tickets() {
		s.others[ticket.ID] = ticket
	}
	failures := s.fail()
	for range *deskKills {
		s.killOnce()
	}
	s.finish()
	s.desk.Settle()
	s.check()
	t.Logf("%d hand-offs, %d kills, %d requests, failures %v, in %v", len(s.filed), *deskKills, len(s.desk.Wire()),
		failures(), time.Since(s.begun).Round(time.Millisecond))
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, path: filepath.Join(t.TempDir(), "desk.db"), begun: time.Now(), others: map[int64]desktest.Ticket{}}
	var err error
	if s.store, err = sqlstore.Open(t.Context(), s.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() })
	if err := s.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.letters, err = realLetters(); err != nil {
		t.Fatal(err)
	}
	s.desk = desktest.NewZendesk(desktest.Options{User: agent, Token: token})
	server := httptest.NewServer(s.desk)
	t.Cleanup(server.CloseClientConnections)
	s.url = server.URL
	return s
}

// handOff queues a hand-off; some are of cases that are bound to a ticket: the customer's own, one of theirs
// that is closed, a stranger's, or none; some are "this wasn't me".
func (s *scene) handOff(i int) {
	s.t.Helper()
	address := fmt.Sprintf("customer%d@example.com", i)
	f := &filed{job: recovery.Job{
		Delivery: recovery.Delivery{ID: secret.NewID(), Kind: recovery.KindTicket, State: recovery.StateQueued, CreatedAt: s.begun, DueAt: s.begun},
		Case: recovery.Case{
			ID: secret.NewID(), Reference: secret.NewReference(s.begun.Add(time.Duration(i) * time.Second)), CreatedAt: s.begun,
			Language: "en", Address: address,
			Browser: "Firefox on Linux", Entry: recovery.EntryDirect,
		},
		HandOff: &recovery.HandOff{
			Kind: recovery.HandOffSupport, Address: address, Message: fmt.Sprintf("This is customer %d.\nI cannot get in.", i), CreatedAt: s.begun,
		},
	}}
	switch i % 10 {
	case 1:
		f.bound, f.note = s.desk.Add(desktest.Ticket{Requester: address, Subject: "Help", Status: "pending"}), true
	case 2:
		f.bound = s.desk.Add(desktest.Ticket{Requester: fmt.Sprintf("stranger%d@example.com", i), Subject: "Theirs"})
	case 3:
		f.bound, f.follows = s.desk.Add(desktest.Ticket{Requester: address, Subject: "Old", Status: "closed"}), true
	case 4:
		f.bound = 900_000
	case 5:
		f.job.Delivery.Kind, f.job.HandOff.Kind, f.job.HandOff.Message = recovery.KindDisowned, recovery.HandOffDisown, ""
	}
	if f.bound != 0 {
		f.job.Case.Entry, f.job.Case.Ticket = recovery.EntrySigned, strconv.FormatInt(f.bound, 10)
	}
	e := evidence()
	e.Reference, e.Proven = f.job.Case.Reference, []recovery.EvidenceProof{{Address: address, Via: recovery.ViaCode, At: s.begun}}
	f.job.HandOff.Evidence, _ = json.Marshal(e)
	f.job.Delivery.CaseID, f.job.HandOff.CaseID = f.job.Case.ID, f.job.Case.ID
	s.queue(f)
}

func (s *scene) queue(f *filed) {
	s.t.Helper()
	ctx := s.t.Context()
	err := s.store.Update(ctx, func(tx recovery.Tx) error {
		if err := tx.InsertCase(ctx, f.job.Case); err != nil {
			return err
		}
		if _, err := tx.InsertHandOff(ctx, *f.job.HandOff); err != nil {
			return err
		}
		return tx.InsertDelivery(ctx, f.job.Delivery)
	})
	if err == nil {
		f.message, err = s.letters.Compose(f.job)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.filed = append(s.filed, f)
}

// fail has a fifth of the requests fail that make something, and a twentieth of the others, and returns how many of each kind did so far.
func (s *scene) fail() (soFar func() map[string]int) {
	var mu sync.Mutex
	rolls := rand.New(rand.NewPCG(1, 2))
	counts := map[string]int{}
	s.desk.Fail(func(r desktest.Request) *desktest.Fault {
		mu.Lock()
		defer mu.Unlock()
		var kind string
		var f *desktest.Fault
		roll := rolls.Float64()
		if r.Method == http.MethodGet {
			roll *= 4
		}
		switch {
		case roll < 0.07:
			kind, f = "429", &desktest.Fault{Status: 429, RetryAfter: "1"}
		case roll < 0.13:
			kind, f = "500", &desktest.Fault{Status: 500}
		case roll < 0.16:
			kind, f = "time-out after it was done", &desktest.Fault{Hang: true, Acted: true}
		case roll < 0.185:
			kind, f = "reset after it was done", &desktest.Fault{Reset: true, Acted: true}
		case roll < 0.20:
			kind, f = "done when the client has gone", &desktest.Fault{Delay: 180 * time.Millisecond}
		default:
			return nil
		}
		counts[kind]++
		return f
	})
	return func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		return counts
	}
}

// killOnce starts a worker in a process of its own and kills it in the middle of its work.
func (s *scene) killOnce() {
	s.t.Helper()
	child := exec.CommandContext(s.t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDB+"="+s.path, childDesk+"="+s.url,
		childStart+"="+strconv.FormatInt(s.begun.UnixNano(), 10))
	child.Stderr = os.Stderr
	before := len(s.desk.Wire())
	if err := child.Start(); err != nil {
		s.t.Fatal(err)
	}
	enough := before + 20 + rand.IntN(150)
	deadline := time.Now().Add(time.Minute)
	for len(s.desk.Wire()) < enough && time.Now().Before(deadline) && !s.done() {
		time.Sleep(time.Duration(1+rand.IntN(5)) * time.Millisecond)
	}
	if err := child.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = child.Wait() // killed
	if len(s.desk.Wire()) == before {
		s.t.Fatal("the worker asked nothing within a minute")
	}
}

func (s *scene) done() bool {
	stats, err := s.store.HandOffStats(s.t.Context(), time.Time{})
	return err == nil && stats.Waiting == 0
}

// finish lets a worker live until all is done.
func (s *scene) finish() {
	s.t.Helper()
	o, err := killable(s.store, s.url, s.begun)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, end := context.WithCancel(s.t.Context())
	var run sync.WaitGroup
	run.Go(func() { o.Run(ctx) })
	deadline := time.Now().Add(3 * time.Minute)
	for !s.done() && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	finished := s.done()
	end()
	run.Wait()
	if !finished {
		stats, _ := s.store.HandOffStats(s.t.Context(), time.Time{})
		s.t.Fatalf("%d hand-offs still wait", stats.Waiting)
	}
}

func (s *scene) check() {
	s.t.Helper()
	byID := map[int64]desktest.Ticket{}
	byExternal := map[string][]desktest.Ticket{}
	wantMade := 0
	for _, ticket := range s.desk.Tickets() {
		byID[ticket.ID] = ticket
		if ticket.ExternalID != "" {
			byExternal[ticket.ExternalID] = append(byExternal[ticket.ExternalID], ticket)
		}
	}
	for _, f := range s.filed {
		made := byExternal["latchkey:"+f.job.Delivery.ID]
		var number int64
		if f.note {
			number = f.bound
			s.checkNote(f, byID[f.bound], made)
			delete(s.others, f.bound)
		} else {
			wantMade++
			if len(made) != 1 {
				s.t.Errorf("%s has %d tickets, want one", f.job.Case.Reference, len(made))
				continue
			}
			number = made[0].ID
			s.checkTicket(f, made[0])
		}
		h, err := s.store.HandOff(s.t.Context(), f.job.Case.ID, f.job.HandOff.Kind)
		if err != nil || h.Ticket != strconv.FormatInt(number, 10) {
			s.t.Errorf("%s knows ticket %q, %v; want %d", f.job.Case.Reference, h.Ticket, err, number)
		}
	}
	if got := len(byID) - len(s.others) - s.notes(); got != wantMade {
		s.t.Errorf("%d tickets were made, want %d", got, wantMade)
	}
	for id, before := range s.others {
		after := byID[id]
		if !after.UpdatedAt.Equal(before.UpdatedAt) || len(after.Comments) != len(before.Comments) || after.Status != before.Status {
			s.t.Errorf("ticket %d of %s was touched: %+v", id, before.Requester, after)
		}
	}
}

func (s *scene) notes() (n int) {
	for _, f := range s.filed {
		if f.note {
			n++
		}
	}
	return n
}

func (s *scene) checkTicket(f *filed, got desktest.Ticket) {
	s.t.Helper()
	want := f.message.Ticket
	follows := int64(0)
	if f.follows {
		follows = f.bound
	}
	comments := []desktest.Comment{{Body: want.Message, Public: true, Author: want.Requester}, {Body: want.Note}}
	if want.Message == "" {
		comments = comments[1:]
	}
	same := slices.EqualFunc(got.Comments, comments, func(a, b desktest.Comment) bool {
		return a.Body == b.Body && a.Public == b.Public && a.Author == b.Author
	})
	if !same || got.Requester != want.Requester || got.FollowUpOf != follows || got.Subject != f.message.Subject {
		s.t.Errorf("%s: got %+v", f.job.Case.Reference, got)
	}
	steps := strings.Contains(want.Note, "Unlink the identity") // of a disowned case support is told no steps
	if !strings.Contains(want.Note, f.job.Case.Reference) || steps != (want.Message != "") {
		s.t.Errorf("%s: the note is not whole:\n%s", f.job.Case.Reference, want.Note)
	}
}

func (s *scene) checkNote(f *filed, got desktest.Ticket, made []desktest.Ticket) {
	s.t.Helper()
	want := "> " + strings.ReplaceAll(f.message.Ticket.Message, "\n", "\n> ") + "\n\n" + f.message.Ticket.Note
	if len(made) != 0 || len(got.Comments) != 1 || got.Comments[0].Public || got.Comments[0].Body != want || got.Status != "open" {
		s.t.Errorf("%s: %d tickets of its own, its ticket: %+v", f.job.Case.Reference, len(made), got)
	}
}
