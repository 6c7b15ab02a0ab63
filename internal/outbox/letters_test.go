package outbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/internal/secret"
	"latchkey/templates"
)

// renderer keeps what it is given and writes its fields out as the text.
type renderer struct {
	texts
	lang string
	data templates.Mail
}

func (r *renderer) Mail(lang string, m templates.Mail) (templates.Rendered, error) {
	r.lang, r.data = lang, m
	return templates.Rendered{Subject: "subject", Text: fmt.Sprintf("%+v", m), HTML: "<p>html</p>"}, nil
}

func testRing(t *testing.T) *secret.Ring {
	t.Helper()
	r, err := fixedRing()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fixedRing is the same in every process.
func fixedRing() (*secret.Ring, error) {
	key := func(b byte) string {
		return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{b}, secret.KeyBytes))
	}
	return secret.Parse("address " + key(1) + "\nkey k1 " + key(2))
}

const (
	actID   = "00112233445566778899aabbccddeeff"
	asideID = "ffeeddccbbaa99887766554433221100"
	support = "support@vendor.example"
	reader  = "help@vendor.example"
	owner   = "Owner.Bytes@Example.com"
)

func letters(t *testing.T) (*outbox.Letters, *renderer) {
	r := &renderer{}
	return &outbox.Letters{
		Renderer: r, Keys: testRing(t), PublicURL: "https://latchkey.vendor.example/", ReplyTo: reader,
		Support: support, MessageIDDomain: "mail.vendor.example",
	}, r
}

// full is a job of a kind with every row that any kind names.
func full(kind recovery.Kind) recovery.Job {
	evidence, _ := json.Marshal(recovery.Evidence{
		Proven: []recovery.EvidenceProof{{Address: customer, Via: recovery.ViaCode, At: start}},
		Findings: []recovery.EvidenceFinding{
			{Situation: "unlinked-legacy", AccountID: "7", Identity: "4711", BillingAccounts: []string{"A-7"}},
			{Situation: "reset-on-wrong-site", AccountID: "7"},
			{Situation: "unlinked-legacy", AccountID: "8"},
		},
		Acts:  []recovery.EvidenceAct{{At: start, Act: "start"}},
		Mails: []recovery.EvidenceDelivery{{Kind: recovery.KindProve, State: recovery.StateAccepted}},
	})
	return recovery.Job{
		Delivery: recovery.Delivery{ID: "0d", Kind: kind, CreatedAt: start, AsideID: asideID},
		Case:     recovery.Case{Reference: "LK-7F3K-92QD", Language: "fr", Browser: "Firefox on Linux", Address: customer},
		Challenge: &recovery.Challenge{
			ID: actID, KeyID: "k1", Address: owner, ExpiresAt: start.Add(15 * time.Minute),
		},
		Aside:   &recovery.Challenge{ID: asideID, KeyID: "k1", Address: owner},
		HandOff: &recovery.HandOff{Address: customer, Message: "please", Evidence: evidence},
		Notice:  &recovery.OtherNotice{Address: "other@org.example", AskedDomain: "example.com"},
	}
}

// What was asked for is told of the browser that asked, what was done of the one that did it.
func TestLettersNameTheBrowser(t *testing.T) {
	const done = "Safari on iPhone"
	for kind, want := range map[recovery.Kind]string{
		recovery.KindProve: "Firefox on Linux", recovery.KindSignIn: "Firefox on Linux", recovery.KindConfirm: "Firefox on Linux",
		recovery.KindTicket: "Firefox on Linux", recovery.KindSignedIn: done, recovery.KindHandedOff: done, recovery.KindHandOffNotice: done,
	} {
		l, _ := letters(t)
		job := full(kind)
		job.Delivery.Browser = done
		m, err := l.Compose(job)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, want) || strings.Contains(m.Text, done) != (want == done) {
			t.Errorf("%s: want %q, got %s", kind, want, m.Text)
		}
	}
}

func TestWhereLettersGo(t *testing.T) {
	tests := []struct {
		kind                      recovery.Kind
		to, replyTo, lang, header string // the header is the reference's
		auto                      bool
	}{
		{recovery.KindProve, owner, reader, "fr", "LK-7F3K-92QD", true},
		{recovery.KindSignIn, owner, reader, "fr", "LK-7F3K-92QD", true},
		{recovery.KindConfirm, owner, reader, "fr", "LK-7F3K-92QD", true},
		{recovery.KindSignedIn, owner, reader, "fr", "LK-7F3K-92QD", true},
		{recovery.KindHandedOff, owner, reader, "fr", "LK-7F3K-92QD", true},
		{recovery.KindTicket, support, customer, "en", "LK-7F3K-92QD", false},
		{recovery.KindDisowned, support, customer, "en", "LK-7F3K-92QD", false},
		{recovery.KindOtherAddress, "other@org.example", reader, "fr", "", true},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			l, r := letters(t)
			m, err := l.Compose(full(tt.kind))
			if err != nil {
				t.Fatal(err)
			}
			if m.To != tt.to || m.ReplyTo != tt.replyTo || r.lang != tt.lang {
				t.Errorf("to %q, reply to %q, in %q; want %q, %q, %q", m.To, m.ReplyTo, r.lang, tt.to, tt.replyTo, tt.lang)
			}
			if got := m.Headers["X-Latchkey-Reference"]; got != tt.header {
				t.Errorf("reference header %q, want %q", got, tt.header)
			}
			if got := m.Headers["Auto-Submitted"] == "auto-generated"; got != tt.auto {
				t.Errorf("auto-submitted %v, want %v", got, tt.auto)
			}
			if got := m.Headers["Message-ID"]; got != "<0d@mail.vendor.example>" {
				t.Errorf("Message-ID %q", got)
			}
		})
	}
}

func TestEveryAttemptIsTheSameMail(t *testing.T) {
	l, _ := letters(t)
	first, _ := l.Compose(full(recovery.KindProve))
	second, _ := l.Compose(full(recovery.KindProve))
	if first.Text != second.Text || first.Headers["Message-ID"] != second.Headers["Message-ID"] {
		t.Errorf("two attempts differ:\n%v\n%v", first, second)
	}
}

func TestProofCarriesCodeAndBothLinks(t *testing.T) {
	l, r := letters(t)
	if _, err := l.Compose(full(recovery.KindProve)); err != nil {
		t.Fatal(err)
	}
	m := r.data.(templates.MailProof)
	if !l.Keys.CodeEqual("k1", actID, m.Code) {
		t.Errorf("code %q is not that of the challenge", m.Code)
	}
	for url, want := range map[string]string{m.LinkURL: actID, m.StopURL: asideID} {
		token, ok := strings.CutPrefix(url, "https://latchkey.vendor.example/l/")
		if id, genuine := l.Keys.ParseLinkToken(token); !ok || !genuine || id != want {
			t.Errorf("%q names %q, want %q", url, id, want)
		}
	}
	if !m.Until.Equal(start.Add(15*time.Minute)) || m.Browser != "Firefox on Linux" || !m.AskedAt.Equal(start) {
		t.Errorf("got %+v", m)
	}
}

func TestBlindMailSaysOnlyTheDomain(t *testing.T) {
	l, r := letters(t)
	m, err := l.Compose(full(recovery.KindOtherAddress))
	if err != nil {
		t.Fatal(err)
	}
	want := templates.MailOtherAddress{
		MailBase: templates.MailBase{AskedAt: start},
		StartURL: "https://latchkey.vendor.example/", Domain: "example.com",
	}
	if r.data != want {
		t.Errorf("got %+v, want %+v", r.data, want)
	}
	all := fmt.Sprint(m.Text, m.Headers, m.ReplyTo)
	for _, leak := range []string{customer, "LK-7F3K-92QD", "Firefox", "/l/"} {
		if strings.Contains(all, leak) {
			t.Errorf("the blind mail holds %q", leak)
		}
	}
}

func TestTicketCarriesTheEvidence(t *testing.T) {
	l, r := letters(t)
	sent, err := l.Compose(full(recovery.KindTicket))
	if err != nil {
		t.Fatal(err)
	}
	m := r.data.(templates.MailTicket)
	if len(m.Proofs) != 1 || len(m.Findings) != 3 || len(m.Steps) != 1 || len(m.Deliveries) != 1 {
		t.Errorf("got %+v", m)
	}
	if m.Message != "please" || m.Language != "fr" || m.Address != customer {
		t.Errorf("got %+v", m)
	}
	numbersInNoteAlone := func(sent recovery.Message) { // a reply to the mail quotes it; a note is for support alone
		t.Helper()
		for _, number := range []string{"4711", "A-7"} {
			if strings.Contains(sent.Text, number) || strings.Contains(sent.HTML, number) || !strings.Contains(sent.Ticket.Note, number) {
				t.Errorf("%s is in the mail, or not in the desk's note:\n%s\n%s", number, sent.Text, sent.Ticket.Note)
			}
		}
	}
	numbersInNoteAlone(sent)
	for _, f := range m.Findings {
		if f.Disowned {
			t.Errorf("%s is disowned in the customer's own ticket", f.Situation)
		}
	}
	if sent, err = l.Compose(full(recovery.KindDisowned)); err != nil {
		t.Fatal(err)
	}
	numbersInNoteAlone(sent)
	for _, f := range r.data.(templates.MailDisowned).Findings {
		if !f.Disowned {
			t.Errorf("%s tells support to let in whoever asked", f.Situation)
		}
	}
	if _, err := l.Compose(full(recovery.KindHandedOff)); err != nil {
		t.Fatal(err)
	}
	copied := r.data.(templates.MailHandedOff)
	if want := []string{"unlinked-legacy", "reset-on-wrong-site"}; !slices.Equal(copied.Situations, want) {
		t.Errorf("the copy names %v, want %v", copied.Situations, want)
	}
	if want := []string{"mailbox"}; !slices.Equal(copied.Proofs, want) || copied.Needs != nil {
		t.Errorf("the copy asks for %v and %v, want %v", copied.Proofs, copied.Needs, want)
	}
}

func TestMissingRowsAreErrors(t *testing.T) {
	for _, kind := range []recovery.Kind{
		recovery.KindProve, recovery.KindSignIn, recovery.KindConfirm, recovery.KindSignedIn,
		recovery.KindHandedOff, recovery.KindTicket, recovery.KindDisowned, recovery.KindOtherAddress,
		recovery.KindFindOther,
	} {
		l, _ := letters(t)
		bare := recovery.Job{Delivery: recovery.Delivery{ID: "0d", Kind: kind}}
		if m, err := l.Compose(bare); err == nil {
			t.Errorf("%s without its rows made a mail: %+v", kind, m)
		}
	}
}

func TestARemovedKeyIsAnErrorWithoutSecrets(t *testing.T) {
	l, _ := letters(t)
	job := full(recovery.KindProve)
	job.Challenge.KeyID = "gone"
	if _, err := l.Compose(job); err == nil || strings.Contains(err.Error(), owner) {
		t.Errorf("got %v, want an error without the address", err)
	}
}
