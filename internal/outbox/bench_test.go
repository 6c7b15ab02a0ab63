package outbox_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/mail"
	"latchkey/internal/mail/mailguntest"
	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/internal/sqlstore"
	"latchkey/templates"
)

// benchMails is how many mails one round of the benchmark gets out.
const benchMails = 3000

// BenchmarkOutbox gets real mails out of a SQLite file: leased, rendered with their codes and links, sent,
// recorded. It reports mails a second and processor time a mail; for the senders over HTTP that includes
// the service at the other end.
func BenchmarkOutbox(b *testing.B) {
	b.Run("a sender that answers at once", func(b *testing.B) { benchOutbox(b, slowSender(0)) })
	b.Run("a sender that takes 50 ms", func(b *testing.B) { benchOutbox(b, slowSender(50*time.Millisecond)) })
	b.Run("Mailgun over HTTP", func(b *testing.B) { benchOutbox(b, benchMailgun(b, nil)) })
	b.Run("Mailgun over HTTP that takes 50 ms", func(b *testing.B) {
		benchOutbox(b, benchMailgun(b, &mailguntest.Fault{Delay: 50 * time.Millisecond}))
	})
}

func benchOutbox(b *testing.B, to recovery.Sender) {
	store, keys := benchStore(b)
	sent := &counted{Sender: to}
	o, err := outbox.New(outbox.Config{
		Queue: store, Sender: sent, Composer: benchLetters(b, keys), Finder: &finder{}, Now: time.Now,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	var took, cpu time.Duration
	for round := range b.N {
		queueProofs(b, store, keys, round)
		sent.left = make(chan struct{}, benchMails)
		began, used := time.Now(), processorTime()
		ctx, cancel := context.WithCancel(b.Context())
		var running sync.WaitGroup
		running.Go(func() { o.Run(ctx) })
		for range benchMails {
			<-sent.left
		}
		cancel()
		running.Wait()
		took, cpu = took+time.Since(began), cpu+processorTime()-used
		if depth, _, err := store.QueueStats(b.Context()); err != nil || depth != 0 {
			b.Fatalf("%d mails are left, %v", depth, err)
		}
	}
	mails := float64(b.N * benchMails)
	b.ReportMetric(mails/took.Seconds(), "mails/s")
	b.ReportMetric(cpu.Seconds()*1000/mails, "cpu-ms/mail")
}

// counted tells of each mail that went out.
type counted struct {
	recovery.Sender
	left chan struct{}
}

func (c *counted) Send(ctx context.Context, m recovery.Message) (string, error) {
	id, err := c.Sender.Send(ctx, m)
	if err == nil {
		c.left <- struct{}{}
	}
	return id, err
}

type slowSender time.Duration

func (s slowSender) Send(_ context.Context, m recovery.Message) (string, error) {
	time.Sleep(time.Duration(s))
	return m.DeliveryID, nil
}

func benchMailgun(b *testing.B, fault *mailguntest.Fault) recovery.Sender {
	b.Helper()
	s := mailguntest.New(mailguntest.Options{Domains: map[string]string{"mail.vendor.example": "key"}})
	s.Fail(fault)
	web := httptest.NewServer(s)
	b.Cleanup(func() { s.Close(); web.Close() })
	g, err := mail.NewMailgun(mail.MailgunConfig{
		Domain: "mail.vendor.example", APIKey: "key", Base: web.URL + "/v3", From: "help@mail.vendor.example",
	})
	if err != nil {
		b.Fatal(err)
	}
	return g
}

func benchStore(b *testing.B) (*sqlstore.Store, *secret.Ring) {
	b.Helper()
	store, err := sqlstore.Open(b.Context(), filepath.Join(b.TempDir(), "latchkey.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	if err := store.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	text, err := secret.Generate()
	if err != nil {
		b.Fatal(err)
	}
	keys, err := secret.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	return store, keys
}

func benchLetters(b *testing.B, keys *secret.Ring) *outbox.Letters {
	b.Helper()
	r, err := templates.New(templates.Options{
		Site: templates.Site{
			Vendor: "Acme", Portal: "Customers Portal", PortalURL: "https://portal.example", Identity: "GitLab.com",
			SupportContact: "support@acme.example",
		},
		Asset: func(name string) string { return "/assets/" + name },
	})
	if err != nil {
		b.Fatal(err)
	}
	return &outbox.Letters{
		Renderer: r, Keys: keys, PublicURL: "https://latchkey.acme.example", ReplyTo: "help@acme.example",
		Support: "support@acme.example", MessageIDDomain: "mail.vendor.example",
	}
}

// queueProofs stores a case, two challenges and a proof mail for each of benchMails customers.
func queueProofs(b *testing.B, store *sqlstore.Store, keys *secret.Ring, round int) {
	b.Helper()
	err := store.Update(b.Context(), func(tx recovery.Tx) error {
		for i := range benchMails {
			if err := queueProof(b.Context(), tx, keys, round*benchMails+i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func queueProof(ctx context.Context, tx recovery.Tx, keys *secret.Ring, i int) error {
	now := time.Now()
	to := fmt.Sprintf("customer%d@example.com", i)
	c := recovery.Case{
		ID: secret.NewID(), Reference: secret.NewReference(now.Add(time.Duration(i) * time.Second)), CreatedAt: now, Language: "en",
		Browser: "Firefox on Linux", Address: to,
	}
	if err := tx.InsertCase(ctx, c); err != nil {
		return err
	}
	act := recovery.Challenge{
		ID: secret.NewOrderedID(now), KeyID: keys.CurrentKey(), Purpose: recovery.PurposeProve, CaseID: c.ID, Address: to,
		AddressHash: keys.HashAddress(to), CreatedAt: now, ExpiresAt: now.Add(15 * time.Minute),
	}
	if err := tx.InsertChallenge(ctx, act); err != nil {
		return err
	}
	return tx.InsertDelivery(ctx, recovery.Delivery{
		ID: secret.NewID(), Kind: recovery.KindProve, CaseID: c.ID, ChallengeID: act.ID, AsideID: secret.SiblingID(act.ID),
		State: recovery.StateQueued, CreatedAt: now, DueAt: now,
	})
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
