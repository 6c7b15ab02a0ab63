package outbox_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/recovery"
	"latchkey/templates"
)

// handOff is a queued hand-off to the desk.
func handOff(id string) recovery.Job {
	return with(notice(id), func(j *recovery.Job) {
		j.Delivery.Kind, j.Delivery.AsideID, j.Aside = recovery.KindTicket, "", nil
		j.HandOff = &recovery.HandOff{AddressHash: "hash-of-" + id}
	})
}

// disownedNote is a queued note that a ticket was disowned.
func disownedNote(id string) recovery.Job {
	return with(handOff(id), func(j *recovery.Job) { j.Delivery.Kind = recovery.KindNoteDisowned })
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func forDesk(c *outbox.Config) { c.Channel = recovery.ChannelDesk }

func TestEachChannelIsSentByItsOwnOutbox(t *testing.T) {
	mails, desk := newBench(t), newBench(t, forDesk)
	for _, b := range []*bench{mails, desk} {
		b.queue.add(notice("mail"), handOff("ticket"))
		b.flush(t)
	}
	if got := mails.sender.ids(); !slices.Equal(got, []string{"mail"}) {
		t.Errorf("the mails' outbox sent %v", got)
	}
	if got := desk.sender.ids(); !slices.Equal(got, []string{"ticket"}) {
		t.Errorf("the desk's outbox sent %v", got)
	}
	for _, want := range []string{"hand-off accepted", "address=hash-of-ticket"} {
		if !strings.Contains(desk.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, desk.log)
		}
	}
}

// A desk that is away for a week gets its tickets when it is back, and is told which of them was disowned.
func TestAHandOffIsNeverGivenUp(t *testing.T) {
	b := newBench(t, forDesk)
	down := true
	b.sender.answer = func(context.Context, recovery.Message) error {
		if down {
			return errors.New("connection refused")
		}
		return nil
	}
	b.queue.add(handOff("d"), disownedNote("n"))
	for b.now.Before(start.Add(7 * 24 * time.Hour)) {
		b.flush(t)
		next := b.now.Add(13 * time.Minute)
		for _, d := range b.queue.all() {
			if d.State != recovery.StateQueued || d.DueAt.Sub(b.now) > 13*time.Minute {
				t.Fatalf("%s after %v: %s, due in %v; want queued, within the longest back-off", d.ID, b.now.Sub(start), d.State, d.DueAt.Sub(b.now))
			}
			next = earlier(next, d.DueAt)
		}
		b.now = next
	}
	down = false
	for range 2 { // the first one out shows that the desk is back
		b.now = b.now.Add(13 * time.Minute)
		b.flush(t)
	}
	for _, d := range b.queue.all() {
		if d.State != recovery.StateAccepted {
			t.Errorf("the desk is back: %s is %s, want accepted", d.ID, d.State)
		}
	}
}

// What the desk refuses is kept with the reason and tried again every hour, until people have put it right.
func TestARefusedHandOffIsKept(t *testing.T) {
	b := newBench(t, forDesk)
	var refusal error = &recovery.SendError{Permanent: true, Reason: "desk-422", Err: errors.New("status 422")}
	b.sender.answer = func(context.Context, recovery.Message) error { return refusal }
	b.queue.add(handOff("d"), disownedNote("n"))
	for range 60 {
		b.flush(t)
		for _, d := range b.queue.all() {
			if d.State != recovery.StateQueued || d.Reason != "desk-422" || d.DueAt.Sub(b.now) != time.Hour {
				t.Fatalf("%s: %s %q, due in %v; want queued, the desk's reason, an hour", d.ID, d.State, d.Reason, d.DueAt.Sub(b.now))
			}
		}
		b.now = b.now.Add(time.Hour)
	}
	refusal = nil
	b.flush(t)
	for _, d := range b.queue.all() {
		if d.State != recovery.StateAccepted {
			t.Errorf("put right: %s is %s, want accepted", d.ID, d.State)
		}
	}
}

// What its ticket itself takes no more is of no use later, whatever it says: the ticket of "this wasn't me" says it too.
func TestADisownedNoteEndsWithItsTicket(t *testing.T) {
	for _, reason := range []recovery.Reason{
		recovery.ReasonTicketClosed, recovery.ReasonNoTicket, recovery.ReasonOtherRequester, recovery.ReasonNoNotes,
	} {
		b := newBench(t, forDesk)
		b.sender.answer = func(context.Context, recovery.Message) error {
			return &recovery.SendError{Permanent: true, Reason: reason, Err: errors.New("no")}
		}
		b.queue.add(disownedNote("n"), handOff("d"))
		b.flush(t)
		if d := b.queue.get(t, "n"); d.State != recovery.StateFailed || d.Reason != reason {
			t.Errorf("%s: the note is %s %q, want failed", reason, d.State, d.Reason)
		}
		if d := b.queue.get(t, "d"); d.State != recovery.StateQueued {
			t.Errorf("%s: the hand-off is %s, want queued", reason, d.State)
		}
	}
}

// A note that the desk refuses is of no use later, and neither is one of last week.
func TestANoteIsGivenUp(t *testing.T) {
	note := with(handOff("d"), func(j *recovery.Job) { j.Delivery.Kind = recovery.KindNoteSignedIn })
	b := newBench(t, forDesk)
	b.sender.answer = func(context.Context, recovery.Message) error {
		return &recovery.SendError{Permanent: true, Reason: recovery.ReasonOtherRequester, Err: errors.New("no")}
	}
	b.queue.add(note)
	b.flush(t)
	if d := b.queue.get(t, "d"); d.State != recovery.StateFailed || d.Reason != recovery.ReasonOtherRequester {
		t.Errorf("refused: %s %q", d.State, d.Reason)
	}
	late := newBench(t, forDesk)
	late.queue.add(note)
	late.now = start.Add(48 * time.Hour)
	late.flush(t)
	if d := late.queue.get(t, "d"); d.State != recovery.StateFailed || d.Reason != recovery.ReasonGivenUp {
		t.Errorf("after two days: %s %q", d.State, d.Reason)
	}
}

// texts are words that name their id.
type texts struct{}

func (texts) Text(_, id string, _ ...any) (string, bool) { return id + "\nsecond line of " + id, true }

func TestATicketCarriesAllThatADeskNeeds(t *testing.T) {
	l, _ := letters(t)
	l.ConsoleURL = "https://ops.vendor.example/"
	job := full(recovery.KindTicket)
	job.HandOff.Kind = recovery.HandOffSupport
	job.Case.Entry, job.Case.Ticket = recovery.EntrySigned, "35436"
	m, err := l.Compose(job)
	if err != nil {
		t.Fatal(err)
	}
	got := m.Ticket
	if got == nil || m.Note != nil {
		t.Fatalf("ticket %v, note %v", got, m.Note)
	}
	for name, pair := range map[string][2]string{
		"id": {got.ID, "0d"}, "requester": {got.Requester, customer}, "bound": {got.Bound, "35436"},
		"message": {got.Message, "please"}, "reference": {got.Reference, "LK-7F3K-92QD"},
		"console": {got.ConsoleURL, "https://ops.vendor.example/console/cases/LK-7F3K-92QD"},
		"kind":    {string(got.Kind), "support"}, "language": {got.Language, "fr"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", name, pair[0], pair[1])
		}
	}
	if strings.Contains(got.Note, "please") || !strings.Contains(m.Text, "please") || !strings.Contains(got.Note, "4711") {
		t.Errorf("the note has the customer's words, or lacks the evidence:\n%s", got.Note)
	}
	if len(got.Evidence.Findings) != 3 || len(got.Support) != 2 {
		t.Fatalf("%d findings, guidance for %d situations; want 3 and, each once, 2", len(got.Evidence.Findings), len(got.Support))
	}
	g := got.Support[0]
	if g.Situation != "unlinked-legacy" || len(g.Steps) != 2 || !strings.HasPrefix(g.Title, "situation.unlinked-legacy.title") {
		t.Errorf("guidance %+v", g)
	}
}

// Only a signature binds: what a plain link says of a ticket is no leave to write to it.
func TestAPlainLinkBindsNothing(t *testing.T) {
	l, _ := letters(t)
	job := full(recovery.KindTicket)
	job.Case.Entry, job.Case.Ticket = recovery.EntryMacro, "35436"
	m, err := l.Compose(job)
	if err != nil || m.Ticket.Bound != "" {
		t.Errorf("bound to %q, %v", m.Ticket.Bound, err)
	}
}

// What is no situation any more is left out: rows outlive an update.
func TestANoteSaysWhatWasFound(t *testing.T) {
	l, r := letters(t)
	job := full(recovery.KindNoteGotIn)
	job.Case.Entry, job.Case.Ticket = recovery.EntrySigned, "35436"
	job.Found = []recovery.FoundRecord{{Situation: "ready"}, {Situation: "no-more"}, {Situation: "ready", AccountID: "8"}, {Situation: "unlinked-legacy"}}
	for expected, want := range map[string]string{"unconfirmed": "unconfirmed", "no-more": "", "": ""} {
		job.Case.Expected = expected
		if _, err := l.Compose(job); err != nil {
			t.Fatal(err)
		}
		got := r.data.(templates.MailOutcome)
		if !slices.Equal(got.Situations, []string{"ready", "unlinked-legacy"}) || got.Expected != want {
			t.Errorf("expecting %q: found %v, expected %q", expected, got.Situations, got.Expected)
		}
	}
}

func TestANoteNamesWhoWasProven(t *testing.T) {
	l, _ := letters(t)
	job := full(recovery.KindNoteSignedIn)
	job.Case.Entry, job.Case.Ticket = recovery.EntrySigned, "35436"
	job.Proven = []string{customer}
	m, err := l.Compose(job)
	if err != nil || m.Ticket != nil {
		t.Fatalf("ticket %v, %v", m.Ticket, err)
	}
	want := recovery.Note{
		ID: "0d", Reference: "LK-7F3K-92QD", Ticket: "35436", Requesters: []string{customer},
		Outcome: recovery.EndingSignedIn, Text: m.Text, At: start,
	}
	if got := m.Note; got == nil || got.ID != want.ID || got.Ticket != want.Ticket || got.Text != want.Text ||
		got.Outcome != want.Outcome || !slices.Equal(got.Requesters, want.Requesters) || got.Reference != want.Reference {
		t.Errorf("got %+v, want %+v", m.Note, want)
	}
	if !strings.Contains(m.Text, "signed-in") {
		t.Errorf("the note does not say how it ended: %s", m.Text)
	}
}

// A ticket that its owner disowned is told so: the one that the case became, and that a support link bound it to where
// it became none. What a plain link says of a ticket is no leave to write to it.
func TestADisownedTicketIsTold(t *testing.T) {
	for name, tt := range map[string]struct {
		entry         recovery.Entry
		filed, ticket string
		requesters    []string
	}{
		"filed":            {recovery.EntryDirect, "77", "77", []string{customer, owner}},
		"filed, and bound": {recovery.EntrySigned, "77", "77", []string{customer, owner}},
		"bound":            {recovery.EntrySigned, "", "35436", []string{owner}},
		"by a plain link":  {recovery.EntryMacro, "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := letters(t)
			job := full(recovery.KindNoteDisowned)
			job.Case.Entry, job.Case.Ticket = tt.entry, "35436"
			job.Proven, job.HandOff.Ticket = []string{owner}, tt.filed
			m, err := l.Compose(job)
			if tt.ticket == "" {
				if err == nil {
					t.Errorf("written to %q", m.Note.Ticket)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if m.Note.Ticket != tt.ticket || m.Note.Outcome != recovery.EndingDisowned || !slices.Equal(m.Note.Requesters, tt.requesters) {
				t.Errorf("got %+v", m.Note)
			}
		})
	}
}
