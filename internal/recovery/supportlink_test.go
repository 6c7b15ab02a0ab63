package recovery_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// reply makes a signed link as support would, and returns its token.
func (h *house) reply(change ...func(*recovery.SupportLink)) string {
	h.t.Helper()
	l := recovery.SupportLink{Ticket: "12345", Address: "ann@example.com", Expected: diagnosis.UnlinkedLegacy, Life: 72 * time.Hour}
	for _, f := range change {
		f(&l)
	}
	link, err := h.SupportLink(l)
	if err != nil {
		h.t.Fatal(err)
	}
	_, token, ok := strings.Cut(link, recovery.SupportLinkPath)
	if !ok {
		h.t.Fatalf("link %q", link)
	}
	return token
}

// follow opens a signed link.
func (b *browser) follow(token string) (goesOn bool, err error) {
	err = b.do(func(ctx context.Context, v *recovery.Visitor) (err error) {
		goesOn, err = b.h.OpenSupportLink(ctx, v, token)
		return err
	})
	return goesOn, err
}

func (b *browser) mustFollow(token string) {
	b.h.t.Helper()
	_, err := b.follow(token)
	b.must(err)
}

func (b *browser) arrive(l recovery.UnsignedLink) {
	b.h.t.Helper()
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.Arrive(ctx, v, l) }))
}

// proveAgain enters the code of the newest proof mail.
func (b *browser) proveAgain() {
	b.h.t.Helper()
	b.must(b.enter(b.h.code(b.mails(recovery.KindProve)[0])))
}

func (h *house) acts(reference string) []string {
	h.t.Helper()
	entries, err := h.store.Audit(h.t.Context(), reference)
	if err != nil {
		h.t.Fatal(err)
	}
	var acts []string
	for _, e := range entries {
		acts = append(acts, strings.TrimSpace(e.Act+" "+e.Detail))
	}
	return acts
}

func (h *house) stop(typed string) {
	h.t.Helper()
	b := h.browser()
	b.start(typed)
	b.open(h.token(b.mails(recovery.KindProve)[0].AsideID))
	b.must(b.pressStop(typed))
}

func TestASignedLinkBindsItsCase(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.mustFollow(h.reply())
	if p := b.visitor().Session.Prefill; p != "ann@example.com" {
		t.Errorf("the start page is filled in with %q", p)
	}
	if b.next() != recovery.StepStart {
		t.Errorf("before the start at %s", b.next())
	}
	b.start("ann@example.com")
	c := b.theCase()
	if !c.Bound() || c.Entry != recovery.EntrySigned || c.Ticket != "12345" || c.Expected != "unlinked-legacy" {
		t.Errorf("case %+v", c)
	}
	if b.next() != recovery.StepCheckEmail {
		t.Errorf("a signed link led to %s without a proof", b.next())
	}
	if acts := h.acts(c.Reference); len(acts) != 2 || acts[0] != "arrived signed 12345" {
		t.Errorf("audit trail %q", acts)
	}
	b.proveAgain()
	b.must(b.handOff("please help"))
	filed, err := h.store.HandOff(t.Context(), c.ID, recovery.HandOffSupport)
	b.must(err)
	e, err := recovery.DecodeEvidence(filed.Evidence)
	b.must(err)
	if e.Link == nil || *e.Link != (recovery.EvidenceLink{Ticket: "12345", Signed: true, Expected: "unlinked-legacy"}) {
		t.Errorf("the evidence says of the link %+v", e.Link)
	}
}

// Opening a link does nothing but fill in the start page; nobody is asked and nothing is mailed.
func TestOpeningASignedLinkSendsNothing(t *testing.T) {
	h := newHouse(t)
	token := h.reply()
	for range 3 {
		h.browser().mustFollow(token)
	}
	now := h.clock.Now().Add(time.Hour)
	jobs, err := h.store.Lease(t.Context(), recovery.ChannelMail, "test", now, now.Add(time.Minute), 10)
	if err != nil || len(jobs) != 0 || h.portal.calls != 0 {
		t.Errorf("%d mails and %d calls by opening a link (%v)", len(jobs), h.portal.calls, err)
	}
}

// A case that a browser has is not bound to the ticket, and what it proved is not proof for the ticket.
func TestASignedLinkStartsACaseOfItsOwn(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	first := b.theCase()
	b.mustFollow(h.reply())
	if c := b.theCase(); c.ID != first.ID || c.Bound() || b.next() != recovery.StepSituation {
		t.Errorf("opening the link alone changed the case: %+v, at %s", c, b.next())
	}
	b.start("ann@example.com")
	second := b.theCase()
	if second.ID == first.ID || !second.Bound() {
		t.Errorf("case %+v, want a new one that is bound", second)
	}
	p, err := h.Progress(t.Context(), b.visitor())
	b.must(err)
	if p.May(recovery.StepSituation) || p.Next() != recovery.StepCheckEmail {
		t.Error("the proof of the earlier case opens the new one")
	}
	old, err := h.store.Case(t.Context(), first.ID)
	if err != nil || old.Ticket != "" || old.Entry != recovery.EntryDirect {
		t.Errorf("the earlier case is %+v (%v)", old, err)
	}
	b.proveAgain()
	if proofs, err := h.store.CaseProofs(t.Context(), second.ID); err != nil || len(proofs) != 1 {
		t.Errorf("%d proofs in the new case (%v)", len(proofs), err)
	}
}

// The link once more, in the middle of its case, leads on there; another ticket's does not.
func TestTheSameLinkGoesOn(t *testing.T) {
	h := newHouse(t)
	token := h.reply()
	b := h.browser()
	b.mustFollow(token)
	b.start("ann@example.com")
	b.proveAgain()
	c := b.theCase()
	for name, again := range map[string]string{"the same link": token, "another one of that ticket": h.reply()} {
		if on, err := b.follow(again); err != nil || !on {
			t.Errorf("%s: goes on %v, %v", name, on, err)
		}
	}
	b.start("ann@example.com")
	if got := b.theCase().ID; got != c.ID {
		t.Error("the ticket has a second case")
	}
	if on, err := b.follow(h.reply(func(l *recovery.SupportLink) { l.Ticket = "777" })); err != nil || on {
		t.Errorf("another ticket's link goes on: %v, %v", on, err)
	}
	b.start("ann@example.com")
	if got := b.theCase(); got.ID == c.ID || got.Ticket != "777" {
		t.Errorf("the other ticket has the case of ticket %s", got.Ticket)
	}
}

// A resend in an old tab goes on with the old case, whatever link was opened meanwhile.
func TestAResendTakesUpNoLink(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	c := b.theCase()
	b.mustFollow(h.reply())
	b.must(b.do(h.Resend))
	if got := b.theCase(); got.ID != c.ID || got.Bound() {
		t.Errorf("the resend led to %+v", got)
	}
	b.start("ann@example.com")
	if c := b.theCase(); !c.Bound() {
		t.Error("the link is lost")
	}
}

func TestAProofLinkInAnotherBrowserKeepsTheTicket(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		name  string
		first func(b *browser)
		want  recovery.Case
	}{
		{
			"signed", func(b *browser) { b.mustFollow(h.reply()) },
			recovery.Case{Entry: recovery.EntrySigned, Ticket: "12345", Expected: "unlinked-legacy"},
		},
		{
			"macro", func(b *browser) { b.arrive(recovery.UnsignedLink{Ticket: "99"}) },
			recovery.Case{Entry: recovery.EntryMacro, Ticket: "99"},
		},
		{"form", func(b *browser) { b.arrive(recovery.UnsignedLink{Form: true}) }, recovery.Case{Entry: recovery.EntryForm}},
		{"direct", func(*browser) {}, recovery.Case{Entry: recovery.EntryLink}},
	} {
		first, second := h.browser(), h.browser()
		typed := tt.name + "@example.com"
		tt.first(first)
		first.start(typed)
		second.open(h.token(first.mails(recovery.KindProve)[0].ChallengeID))
		second.must(second.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, typed) }))
		got := second.theCase()
		if got.Entry != tt.want.Entry || got.Ticket != tt.want.Ticket || got.Expected != tt.want.Expected || got.ID == first.theCase().ID {
			t.Errorf("%s: entry %s, ticket %q, expected %q", tt.name, got.Entry, got.Ticket, got.Expected)
		}
		if first.next() != recovery.StepCheckEmail {
			t.Errorf("%s: the first tab is at %s", tt.name, first.next())
		}
	}
}

// Not one bit of a token can be altered, and no other text of it opens.
func TestDeadSupportLinks(t *testing.T) {
	h := newHouse(t)
	token := h.reply()
	b := h.browser()
	dead := func(name, token string) {
		t.Helper()
		if _, err := b.follow(token); !errors.Is(err, recovery.ErrLinkDead) {
			t.Errorf("%s: %v, want ErrLinkDead", name, err)
		}
	}
	for i := range token {
		for bit := range 8 {
			text := []byte(token)
			text[i] ^= 1 << bit
			dead("altered", string(text))
		}
	}
	dead("empty", "")
	dead("another installation's", newHouse(t).reply())
	dead("a mailed link's", h.token(h.prove("bob@example.com").mails(recovery.KindProve)[0].ChallengeID))
	dead("sealed, and not a link", h.keys.SealSupport([]byte("no link")))
	dead("sealed without an end", h.keys.SealSupport([]byte(`{"t":"1"}`)))
	h.clock.Pass(72*time.Hour - time.Second)
	b.mustFollow(token)
	h.clock.Pass(time.Second)
	dead("expired", token)
	if b.theCaseOrNone() {
		t.Error("a dead link opened a case")
	}
}

func (b *browser) theCaseOrNone() bool {
	p, err := b.h.Progress(b.h.t.Context(), b.visitor())
	b.must(err)
	return p.Case != nil
}

// What was opened in time and not used in time has expired all the same.
func TestALinkExpiresOnTheStartPage(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.mustFollow(h.reply(func(l *recovery.SupportLink) { l.Life = time.Hour }))
	h.clock.Pass(time.Hour)
	b.start("ann@example.com")
	if c := b.theCase(); c.Bound() || c.Entry != recovery.EntryDirect {
		t.Errorf("an expired link led to %+v", c)
	}
}

// Nothing that a link says can be read in it.
func TestASupportLinkShowsNothing(t *testing.T) {
	h := newHouse(t)
	token := h.reply()
	raw, err := base64.RawURLEncoding.DecodeString(token[strings.LastIndex(token, ".")+1:])
	if err != nil || strings.Contains(string(raw), "12345") || strings.Contains(string(raw), "ann@") {
		t.Errorf("the link shows what it says (%v)", err)
	}
	if len(token) > 320 {
		t.Errorf("%d characters", len(token))
	}
}

func TestASupportLinkIsCheckedWhenItIsMade(t *testing.T) {
	h := newHouse(t)
	good := recovery.SupportLink{Ticket: "#A-1.2_b", Language: "pt-BR", Life: recovery.MinSupportLinkLife}
	if _, err := h.SupportLink(good); err != nil {
		t.Errorf("%+v: %v", good, err)
	}
	bad := recovery.SupportLink{Ticket: "1 2", Address: "nobody", Expected: "made-up", Language: "en;q=1", Life: time.Second}
	_, err := h.SupportLink(bad)
	for _, want := range []error{
		recovery.ErrLinkTicket, recovery.ErrLinkAddress, recovery.ErrLinkSituation, recovery.ErrLinkLanguage, recovery.ErrLinkLife,
	} {
		wantErr(t, err, want)
	}
	for _, ticket := range []string{"", "#", "-1", "a@b", "1/2", strings.Repeat("1", 41), "1\n", "{{ticket.id}}", "１２"} {
		_, err := h.SupportLink(recovery.SupportLink{Ticket: ticket, Life: time.Hour})
		if !errors.Is(err, recovery.ErrLinkTicket) {
			t.Errorf("ticket %q: %v", ticket, err)
		}
	}
	_, err = h.SupportLink(recovery.SupportLink{Ticket: "1", Life: recovery.MaxSupportLinkLife + 1})
	wantErr(t, err, recovery.ErrLinkLife)
}

// An address that a signed link names has three mails a day on top, and nobody else spends them.
func TestTheNamedAddressHasMailsOnTop(t *testing.T) {
	h := newHouse(t)
	if got := h.sent("ann@example.com", networks(8)...); got != 5 {
		t.Fatalf("%d mails without a link, want 5", got)
	}
	refused := func(b *browser) bool { return b.mails(recovery.KindProve)[0].Refusal != "" }
	for _, tt := range []struct {
		name  string
		token string
	}{
		{"a link that names another address", h.reply(func(l *recovery.SupportLink) { l.Address = "bob@example.com" })},
		{"a link that names none", h.reply(func(l *recovery.SupportLink) { l.Address = "" })},
	} {
		b := h.browser()
		b.mustFollow(tt.token)
		if b.start("ann@example.com"); !refused(b) {
			t.Errorf("%s: a mail on top", tt.name)
		}
	}
	macro := h.browser()
	macro.arrive(recovery.UnsignedLink{Ticket: "12345", Email: "ann@example.com"})
	if macro.start("ann@example.com"); !refused(macro) {
		t.Error("a link without a signature has a mail on top")
	}
	sent := 0
	for range 5 {
		b := h.browser()
		b.mustFollow(h.reply())
		if b.start("ANN@example.com"); !refused(b) {
			sent++
		}
	}
	if sent != 3 {
		t.Errorf("%d mails on top, want 3", sent)
	}
	h.clock.Pass(25 * time.Hour)
	if got := h.sent("ann@example.com", "198.51.0.0/24"); got != 1 {
		t.Error("the next day the ordinary budget is spent")
	}
}

// While the ordinary budget lasts, none of the three is taken.
func TestTheOrdinaryBudgetIsTakenFirst(t *testing.T) {
	h := newHouse(t)
	sent := 0
	for i := range 12 {
		b := h.browser()
		b.net = networks(12)[i]
		b.mustFollow(h.reply())
		if b.start("ann@example.com"); b.mails(recovery.KindProve)[0].Refusal == "" {
			sent++
		}
	}
	if sent != 5+3 {
		t.Errorf("%d mails, want the 5 of everybody and 3 on top", sent)
	}
}

// A mail on top is sent: it is not told as one that a budget refused, until those on top are spent, too.
func TestAMailOnTopIsNotToldAsRefused(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.GlobalHour, p.SupportLinkDay = 1, 1 })
	deps, told := h.Deps, 0
	deps.Store, deps.Observe = h.store, func(act string) {
		if act == recovery.CappedAll {
			told++
		}
	}
	h.Service = recovery.New(deps)
	for i, want := range []int{0, 0, 1} {
		b := h.browser()
		b.mustFollow(h.reply())
		b.start("ann@example.com")
		if refused := b.mails(recovery.KindProve)[0].Refusal != ""; refused != (want > 0) || told != want {
			t.Errorf("mail %d: refused: %t, told %d times, want %d", i+1, refused, told, want)
		}
	}
}

func TestAResendInTheCaseOfALinkHasTheMailsOnTop(t *testing.T) {
	h := newHouse(t)
	h.sent("ann@example.com", networks(8)...)
	b := h.browser()
	b.mustFollow(h.reply())
	b.start("ann@example.com")
	for i, want := range []recovery.Reason{"", "", "", recovery.ReasonCapped} {
		if got := b.mails(recovery.KindProve)[0].Refusal; got != want {
			t.Errorf("mail %d: refusal %q, want %q", i+1, got, want)
		}
		h.sendAll()
		b.must(b.do(h.Resend))
	}
}

// "Stop mailing me" holds for who comes without a signed link that names the address, and until a mailbox is
// proven in the case of a signed link.
func TestProofThroughASupportLinkLiftsAStop(t *testing.T) {
	h := newHouse(t)
	h.stop("ann@example.com")
	stopped := func(want bool, when string) {
		t.Helper()
		b := h.browser()
		b.start("ann@example.com")
		if got := b.mails(recovery.KindProve)[0].Refusal == recovery.ReasonStopped; got != want {
			t.Errorf("%s: stopped %v, want %v", when, got, want)
		}
	}
	unnamed := h.browser()
	unnamed.mustFollow(h.reply(func(l *recovery.SupportLink) { l.Address = "" }))
	unnamed.start("ann@example.com")
	if got := unnamed.mails(recovery.KindProve)[0].Refusal; got != recovery.ReasonStopped {
		t.Errorf("a link that does not name the address: refusal %q", got)
	}
	b := h.browser()
	b.mustFollow(h.reply())
	b.start("ann@example.com")
	if got := b.mails(recovery.KindProve)[0].Refusal; got != "" {
		t.Fatalf("a link that names the address: refusal %q", got)
	}
	stopped(true, "before the proof")
	b.proveAgain()
	stopped(false, "after the proof")
	if acts := strings.Join(h.acts(b.theCase().Reference), ","); !strings.Contains(acts, "stop-lifted") {
		t.Errorf("audit trail %s", acts)
	}
}

// The link of the mail proves as the code does, so it lifts the stop as well.
func TestTheMailedLinkOfASupportLinksCaseLiftsAStop(t *testing.T) {
	h := newHouse(t)
	h.stop("ann@example.com")
	b := h.browser()
	b.mustFollow(h.reply())
	b.start("ann@example.com")
	b.open(h.token(b.mails(recovery.KindProve)[0].ChallengeID))
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "ann@example.com") }))
	next := h.browser()
	next.start("ann@example.com")
	if got := next.mails(recovery.KindProve)[0].Refusal; got != "" {
		t.Errorf("after the proof: refusal %q", got)
	}
}

// Whoever proves without a support link lifts nothing.
func TestAnotherProofLiftsNoStop(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.arrive(recovery.UnsignedLink{Ticket: "12345"})
	b.start("ann@example.com")
	code := h.code(b.mails(recovery.KindProve)[0])
	h.stop("ann@example.com")
	b.must(b.enter(code))
	c := h.browser()
	c.start("ann@example.com")
	if got := c.mails(recovery.KindProve)[0].Refusal; got != recovery.ReasonStopped {
		t.Errorf("a proof without a support link lifted the stop: %q", got)
	}
}

func TestUnsignedLinksMarkAndBindNothing(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		link   recovery.UnsignedLink
		entry  recovery.Entry
		ticket string
	}{
		{recovery.UnsignedLink{Ticket: "12345"}, recovery.EntryMacro, "12345"},
		{recovery.UnsignedLink{Ticket: "12345", Form: true}, recovery.EntryMacro, "12345"},
		{recovery.UnsignedLink{Form: true}, recovery.EntryForm, ""},
		{recovery.UnsignedLink{Ticket: "{{ticket.id}}", Email: "x@example.com"}, recovery.EntryDirect, ""},
		{recovery.UnsignedLink{Ticket: strings.Repeat("9", 41), Form: true}, recovery.EntryForm, ""},
		{recovery.UnsignedLink{Language: "de"}, recovery.EntryDirect, ""},
		{recovery.UnsignedLink{}, recovery.EntryDirect, ""},
	} {
		b := h.browser()
		b.arrive(tt.link)
		b.start("ann@example.com")
		if c := b.theCase(); c.Entry != tt.entry || c.Ticket != tt.ticket || c.Bound() {
			t.Errorf("%+v: entry %s, ticket %q, bound %v", tt.link, c.Entry, c.Ticket, c.Bound())
		}
	}
	// In the middle of a case the mark is a line of its audit trail.
	b := h.prove("bob@example.com")
	before := b.theCase()
	b.arrive(recovery.UnsignedLink{Ticket: "12345"})
	b.start("bob@example.com")
	c := b.theCase()
	if c.ID != before.ID || c.Entry != recovery.EntryDirect || c.Ticket != "" {
		t.Errorf("the case became %+v", c)
	}
	if acts := strings.Join(h.acts(c.Reference), ","); !strings.Contains(acts, "arrived macro 12345") {
		t.Errorf("audit trail %s", acts)
	}
}

func TestEvidenceSaysThatALinkWasNotSigned(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.arrive(recovery.UnsignedLink{Ticket: "12345"})
	b.start("ann@example.com")
	b.proveAgain()
	b.must(b.handOff("please help"))
	filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
	b.must(err)
	e, err := recovery.DecodeEvidence(filed.Evidence)
	if err != nil || e.Link == nil || *e.Link != (recovery.EvidenceLink{Ticket: "12345"}) {
		t.Errorf("the evidence says of the link %+v (%v)", e.Link, err)
	}
}

// The mails on top are those of the link's own case, and only while the link is good.
func TestTheMailsOnTopEndWithTheLink(t *testing.T) {
	h := newHouse(t)
	elsewhere := h.browser()
	elsewhere.start("ann@example.com")
	proof := h.token(elsewhere.mails(recovery.KindProve)[0].ChallengeID)
	h.sent("ann@example.com", networks(8)...)
	refusal := func(b *browser) recovery.Reason { return b.mails(recovery.KindProve)[0].Refusal }

	moved := h.browser()
	moved.mustFollow(h.reply())
	if moved.start("ann@example.com"); refusal(moved) != "" {
		t.Fatal("no mail by the link")
	}
	moved.open(proof)
	moved.must(moved.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "ann@example.com") }))
	if moved.start("ann@example.com"); refusal(moved) != recovery.ReasonCapped {
		t.Errorf("in another case: refusal %q", refusal(moved))
	}

	late := h.browser()
	late.mustFollow(h.reply(func(l *recovery.SupportLink) { l.Life = 10 * time.Minute }))
	if late.start("ann@example.com"); refusal(late) != "" {
		t.Fatal("no mail by the second link")
	}
	h.sendAll()
	h.clock.Pass(10 * time.Minute)
	late.must(late.do(h.Resend))
	if refusal(late) != recovery.ReasonCapped {
		t.Errorf("after the link has expired: refusal %q", refusal(late))
	}
}

// A case that is gone on with by a link goes on in the link's language.
func TestALinkBringsItsLanguage(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	start := func(language string) string {
		b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
			v.Language = language
			return h.Start(ctx, v, parse(t, "ann@example.com"))
		}))
		return b.theCase().Language
	}
	if got := start("en"); got != "en" {
		t.Errorf("language %q", got)
	}
	if got := start("de"); got != "en" {
		t.Errorf("without a link the case changed its language to %q", got)
	}
	b.arrive(recovery.UnsignedLink{Language: "de"})
	if got := start("de"); got != "de" {
		t.Errorf("by the link: %q", got)
	}
}
