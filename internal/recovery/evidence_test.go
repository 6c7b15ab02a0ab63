package recovery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// Two accounts can be in the same situation: support is told of it once, by the finding that came first.
func TestSituationsFoundAreNamedOnce(t *testing.T) {
	e := recovery.Evidence{Findings: []recovery.EvidenceFinding{
		{Situation: diagnosis.Unconfirmed, AccountID: "1"},
		{Situation: diagnosis.NoBillingAccess, AccountID: "1"},
		{Situation: diagnosis.Unconfirmed, AccountID: "2"},
		{Situation: diagnosis.Ready, AccountID: "3"},
		{Situation: diagnosis.NoBillingAccess, AccountID: "2"},
	}}
	if got, want := e.SituationsFound(), []string{"unconfirmed", "no-billing-access", "ready"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	var accounts []string
	for _, f := range e.FirstOfEach() {
		accounts = append(accounts, f.AccountID)
	}
	if want := []string{"1", "1", "3"}; !slices.Equal(accounts, want) {
		t.Errorf("the first of each are of %v, want %v", accounts, want)
	}
	if got := (recovery.Evidence{}).SituationsFound(); len(got) > 0 {
		t.Errorf("of nothing found: %v", got)
	}
}

// Whoever is in somebody's mailbox presses the same buttons for hours. The owner's "this wasn't me" still is a ticket
// that a desk takes, with each kind of step, how often it was made, and none of the others crowded out.
func TestNobodyMakesATicketTooLongForItsDesk(t *testing.T) {
	h := newHouse(t)
	h.Messages = diagnosis.Messages{{ID: sawTaken, Text: "“Email has been taken”"}}
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.diagnose()
	for i := range 300 {
		h.clock.Pass(time.Second)
		b.must(b.say([]diagnosis.Symptom{sawTaken, diagnosis.SaidNothing}[i%2]))
		if i == 150 || i < 20 {
			_, err := b.signInNow("acc-ann@example.com")
			b.must(err)
		}
	}
	reference, notice := b.theCase().Reference, b.mails(recovery.KindSignedIn)[0]
	owner := h.browser()
	owner.open(h.token(notice.AsideID))
	owner.must(owner.pressDisown("ann@example.com"))

	e := h.disownedEvidence(reference)
	if got, want := told(e.Acts, recovery.ActSaid), 11; got != want {
		t.Errorf("%d lines tell of what was said, want %d: the first and last five, and how many between", got, want)
	}
	if got, want := leftOut(e.Acts), []string{"said +290", "signed-in +11"}; !slices.Equal(got, want) {
		t.Errorf("left out are %v, want %v", got, want)
	}
	if got, want := told(e.Acts, recovery.ActSignedIn), 11; got != want {
		t.Errorf("%d lines tell of signing in, want %d", got, want)
	}
	if last := e.Acts[len(e.Acts)-1]; last.Act != recovery.ActSaid || last.Detail != string(diagnosis.SaidNothing) {
		t.Errorf("the last step is %v, want the last that was made", last)
	}
	for _, act := range []string{recovery.ActStarted, recovery.ActProven, recovery.ActExplained} {
		if told(e.Acts, act) != 1 {
			t.Errorf("%s: told %d times, want once", act, told(e.Acts, act))
		}
	}
	mails := 0
	for _, m := range e.Mails {
		if m.Kind == recovery.KindSignedIn {
			mails++
		}
	}
	if n := slices.IndexFunc(e.Mails, func(m recovery.EvidenceDelivery) bool { return m.Reason == "+11" }); n < 0 || e.Mails[n].State != "others" {
		t.Errorf("of the notices in the middle the ticket says how each ended: %+v", e.Mails)
	}
	if mails != 11 || e.Mails[0].Kind != recovery.KindProve {
		t.Errorf("%d notices of 21 are listed after %q, want 11 after the code", mails, e.Mails[0].Kind)
	}
}

// Nor do hundreds of mailboxes of their own that they prove beside it, none of which has an account.
func TestNobodyMakesATicketTooLongByManyMailboxes(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.diagnose()
	_, err := b.signInNow("acc-ann@example.com")
	b.must(err)
	reference, notice := b.theCase().Reference, b.mails(recovery.KindSignedIn)[0]
	for i := range 40 {
		h.clock.Pass(time.Minute)
		b.net = networks(40)[i]
		typed := fmt.Sprintf("eve%d@example.org", i)
		b.start(typed)
		b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
		b.diagnose()
	}
	agent := h.grace()
	shown := agent.story(reference).Evidence
	owner := h.browser()
	owner.open(h.token(notice.AsideID))
	owner.must(owner.pressDisown("ann@example.com"))

	for which, e := range map[string]recovery.Evidence{"the ticket": h.disownedEvidence(reference), "the console": shown} {
		if len(e.Proven) != 12 || e.Proven[0].Address != "ann@example.com" || e.Proven[11].Address != "eve39@example.org" {
			t.Errorf("%s names %d mailboxes, %v, want its own, the first and last five of the others, and how many between", which, len(e.Proven), e.Proven)
		}
		others := slices.IndexFunc(e.Proven, func(p recovery.EvidenceProof) bool { return p.Via == "others" })
		if others != 5 && others != 6 || e.Proven[others].Address != "+30" {
			t.Errorf("%s has those in the middle at %d of %v, want +30 after the first five", which, others, e.Proven)
		}
		var found []string
		for _, f := range e.Findings {
			found = append(found, strings.TrimSpace(string(f.Situation)+" "+f.AccountID))
		}
		if want := []string{"unlinked-legacy acc-ann@example.com", "different-email"}; !slices.Equal(found, want) {
			t.Errorf("%s has the findings %q, want %q", which, found, want)
		}
	}
}

// Nor does who proves mailboxes of their own around it hide that the owner's was proven, and when.
func TestNobodyHidesTheMailboxThatATicketIsAbout(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.browser()
	prove := func(i int, typed string) {
		h.clock.Pass(time.Minute)
		b.net = networks(40)[i]
		b.start(typed)
		b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
		b.diagnose()
	}
	for i := range 8 {
		prove(i, fmt.Sprintf("eve%d@example.org", i))
	}
	prove(8, "ann@example.com")
	proven := h.clock.Now()
	_, err := b.signInNow("acc-ann@example.com")
	b.must(err)
	reference, notice := b.theCase().Reference, b.mails(recovery.KindSignedIn)[0]
	for i := 10; i < 18; i++ {
		prove(i, fmt.Sprintf("eve%d@example.org", i))
	}
	owner := h.browser()
	owner.open(h.token(notice.AsideID))
	owner.must(owner.pressDisown("ann@example.com"))

	e := h.disownedEvidence(reference)
	if want := (recovery.EvidenceProof{Address: "ann@example.com", Via: recovery.ViaCode, At: proven}); !slices.Contains(e.Proven, want) {
		t.Errorf("the ticket names %+v and not the owner's mailbox %+v", e.Proven, want)
	}
}

func told(acts []recovery.EvidenceAct, act string) (n int) {
	for _, a := range acts {
		if a.Act == act {
			n++
		}
	}
	return n
}

// leftOut are the lines that tell how many steps are not told one by one.
func leftOut(acts []recovery.EvidenceAct) (lines []string) {
	for _, a := range acts {
		if strings.HasPrefix(a.Detail, "+") {
			lines = append(lines, a.Act+" "+a.Detail)
		}
	}
	return lines
}

func (h *house) disownedEvidence(reference string) recovery.Evidence {
	h.t.Helper()
	c, err := h.store.CaseByReference(h.t.Context(), reference)
	if err != nil {
		h.t.Fatal(err)
	}
	filed, err := h.store.HandOff(h.t.Context(), c.ID, recovery.HandOffDisown)
	if err != nil {
		h.t.Fatal(err)
	}
	e, err := recovery.DecodeEvidence(filed.Evidence)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}
