package outbox_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
	"latchkey/templates"
)

// kills is how often TestKilledAtAnyMoment kills; the acceptance run asks for 200.
var kills = flag.Int("kills", 12, "how often TestKilledAtAnyMoment kills the outbox")

// In the process that is to be killed these name the database and the mail service.
const childDB, childAPI = "OUTBOX_TEST_DB", "OUTBOX_TEST_API"

func TestMain(m *testing.M) {
	if path := os.Getenv(childDB); path != "" {
		if err := runChild(path, os.Getenv(childAPI)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runChild sends what is due in the database until it is killed.
func runChild(path, api string) error {
	store, err := sqlstore.Open(context.Background(), path)
	if err != nil {
		return err
	}
	o, err := killable(store, api)
	if err != nil {
		return err
	}
	o.Run(context.Background())
	return nil
}

// killable has short leases, so that the test need not wait for 20 s after every kill.
func killable(store *sqlstore.Store, api string) (*outbox.Outbox, error) {
	sender, err := mail.NewMailgun(mail.MailgunConfig{
		Domain: sendingDomain, APIKey: "key", Base: api, From: "help@" + sendingDomain,
	})
	if err != nil {
		return nil, err
	}
	keys, err := fixedRing()
	if err != nil {
		return nil, err
	}
	return outbox.New(outbox.Config{
		Queue: store, Sender: sender, Finder: &finder{}, Now: time.Now, Workers: 4, Poll: 5 * time.Millisecond,
		SendTimeout: 2 * time.Second, Lease: 3 * time.Second,
		Composer: &outbox.Letters{
			Renderer: codeOnly{}, Keys: keys, PublicURL: "https://latchkey.example", MessageIDDomain: sendingDomain,
		},
	})
}

// codeOnly is a renderer whose mails are their code and link.
type codeOnly struct{ texts }

func (codeOnly) Mail(_ string, m templates.Mail) (templates.Rendered, error) {
	p, ok := m.(templates.MailProof)
	if !ok {
		return templates.Rendered{}, fmt.Errorf("a %T", m)
	}
	return templates.Rendered{Subject: "code", Text: p.Code + " " + p.LinkURL}, nil
}

// The outbox is killed between a request to the mail service and the record of its answer, again and
// again. No mail may be missing in the end, and no two of one delivery may differ.
func TestKilledAtAnyMoment(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "killed.db")
	store, err := sqlstore.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.store = store
	service := mailguntest.New(mailguntest.Options{Domains: map[string]string{sendingDomain: "key"}})
	service.Fail(&mailguntest.Fault{Delay: 2 * time.Millisecond, Late: 5 * time.Millisecond})
	web := httptest.NewServer(service)
	t.Cleanup(func() { service.Close(); web.Close() })

	var cases []string
	for range *kills {
		for range 6 {
			cases = append(cases, h.ask(t, fmt.Sprintf("customer%d@example.com", len(cases))))
		}
		killOnce(t, path, web.URL+"/v3", service)
	}
	service.Fail(nil)
	finishAll(t, store, web.URL+"/v3")
	checkAllArrived(t, store, service, cases)
}

// killOnce starts the outbox in a process of its own and kills it some moments after its first request.
func killOnce(t *testing.T, path, api string, service *mailguntest.Server) {
	t.Helper()
	before := len(service.Wire())
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDB+"="+path, childAPI+"="+api)
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for len(service.Wire()) == before && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	if len(service.Wire()) == before {
		t.Fatal("the outbox sent nothing within a minute")
	}
}

// finishAll lets an outbox that lives send what is left.
func finishAll(t *testing.T, store *sqlstore.Store, api string) {
	t.Helper()
	o, err := killable(store, api)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second) // by which an accepted start has its mail
	for time.Now().Before(deadline) {
		if err := o.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if depth, _, err := store.QueueStats(t.Context()); err == nil && depth == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("mails are still queued after 30 s")
}

func checkAllArrived(t *testing.T, store *sqlstore.Store, service *mailguntest.Server, cases []string) {
	t.Helper()
	texts := map[string]string{}
	again := 0
	for _, m := range service.Messages() {
		id := m.Variables[mail.DeliveryVariable]
		if text, ok := texts[id]; ok {
			again++
			if text != m.Text {
				t.Errorf("delivery %s went out twice with different codes", id)
			}
		}
		texts[id] = m.Text
		if !strings.HasPrefix(m.ID, id+"@") {
			t.Errorf("delivery %s went out with Message-ID %s", id, m.ID)
		}
	}
	for _, c := range cases {
		deliveries, err := store.Deliveries(t.Context(), c)
		if err != nil || len(deliveries) != 1 {
			t.Fatalf("case %s: %v, %v", c, deliveries, err)
		}
		d := deliveries[0]
		if texts[d.ID] == "" || d.State != recovery.StateAccepted {
			t.Errorf("delivery %s: %s, sent: %v; want it sent and accepted", d.ID, d.State, texts[d.ID] != "")
		}
	}
	t.Logf("%d kills, %d mails, %d of them sent again", *kills, len(texts), again)
}
