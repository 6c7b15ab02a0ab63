package recovery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

func TestEveryStepOfAnAgentIsInTheTrail(t *testing.T) {
	h := newHouse(t)
	customer := h.prove("ann@example.com")
	reference := customer.theCase().Reference
	g := h.grace()
	ann := parse(t, "ann@example.com")
	for _, step := range []func(context.Context, *recovery.AgentVisitor) error{
		func(ctx context.Context, v *recovery.AgentVisitor) error {
			found, err := g.agents.FindReference(ctx, v, " lk"+reference[2:]+" ")
			if found != reference {
				t.Errorf("found %q, want %q", found, reference)
			}
			return err
		},
		func(ctx context.Context, v *recovery.AgentVisitor) error { return g.agents.FindAddress(ctx, v, ann) },
		func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := g.agents.Story(ctx, v, reference)
			return err
		},
		func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := g.agents.DryRuns(ctx, v, ann, "")
			return err
		},
		func(ctx context.Context, v *recovery.AgentVisitor) error {
			of, err := g.agents.DryRuns(ctx, v, account.Address{}, reference)
			if of != ann {
				t.Errorf("runs dry for %s, want the address of the case", of)
			}
			return err
		},
		func(ctx context.Context, v *recovery.AgentVisitor) error {
			return g.agents.LinkMade(ctx, v, "12345", ann)
		},
		func(ctx context.Context, v *recovery.AgentVisitor) error {
			return g.agents.Resend(ctx, v, reference, recovery.KindProve, "")
		},
		func(ctx context.Context, v *recovery.AgentVisitor) error { return g.agents.Resolve(ctx, v, reference) },
		func(ctx context.Context, v *recovery.AgentVisitor) error { return g.agents.Resolve(ctx, v, reference) }, // once
		g.agents.SignOut,
	} {
		g.must(g.do(step))
	}
	who := "Grace (token): "
	want := []string{
		who + "agent-signed-out () console",
		who + "resolved () " + reference,
		who + "agent-resent (prove) " + reference,
		who + "agent-linked (12345) console",
		who + "agent-dry-ran () " + reference,
		who + "agent-dry-ran () console",
		who + "agent-viewed () " + reference,
		who + "agent-searched (address) console",
		who + "agent-searched (reference) " + reference,
		who + "agent-signed-in (token) console",
	}
	if got := h.trail(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	hash := h.keys.HashAddress("ann@example.com")
	entries, err := h.store.AgentAudit(t.Context(), 0, 100)
	g.must(err)
	for _, e := range entries {
		named := e.Act == recovery.ActAgentDryRan || e.Act == recovery.ActAgentLinked || e.Reference == reference ||
			(e.Act == recovery.ActAgentSearched && e.Detail == "address")
		if (e.AddressHash == hash) != named {
			t.Errorf("%s names the address by %q", e.Act, e.AddressHash)
		}
	}
	if customer.next() != recovery.StepSituation {
		t.Errorf("the customer is led to %s", customer.next())
	}
}

func TestAnAgentFindsCases(t *testing.T) {
	h := newHouse(t)
	var want []string
	for range 3 {
		h.clock.Pass(time.Minute)
		want = append([]string{h.prove("ann@example.com").theCase().Reference}, want...)
	}
	h.prove("bob@example.com")
	g := h.grace()
	g.must(g.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		return g.agents.FindAddress(ctx, v, parse(t, "Ann@Example.com"))
	}))
	var got []string
	for page, more := 0, true; more; page++ {
		cases, further, err := g.agents.Sought(t.Context(), g.visitor(), page, 2)
		g.must(err)
		for _, c := range cases {
			got = append(got, c.Reference)
		}
		more = further
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	for typed, wanted := range map[string]error{
		"LK-CCCC-CCCC": recovery.ErrNotFound, "ann": recovery.ErrReferenceForm, "": recovery.ErrReferenceForm,
	} {
		wantErr(t, g.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := g.agents.FindReference(ctx, v, typed)
			return err
		}), wanted)
	}
	if got := h.trail()[0]; got != "Grace (token): agent-searched (reference) console" {
		t.Errorf("looking in vain is written down as %q", got)
	}
}

func TestTheCodeGoesToTheCasesAddressOnly(t *testing.T) {
	h := newHouse(t)
	customer := h.browser()
	customer.start("ann@example.com")
	c := customer.theCase()
	h.sendAll()
	g := h.grace()
	g.must(g.resend(c.Reference, recovery.KindProve, "any"))
	mails := customer.mails(recovery.KindProve)
	if len(mails) != 2 || h.challenge(mails[0].ChallengeID).Address != "ann@example.com" || mails[0].Refusal != "" {
		t.Errorf("mails %+v", mails)
	}
	if mails[0].ChallengeID != mails[1].ChallengeID {
		t.Error("the customer's code is another one now")
	}
	customer.must(customer.enter(h.code(mails[0])))
	if customer.next() != recovery.StepSituation {
		t.Errorf("led to %s", customer.next())
	}
}

// A mail that still waits is not queued a second time, however often it is asked for, and takes nothing from anybody.
func TestAMailThatWaitsIsNotQueuedTwice(t *testing.T) {
	h := newHouse(t)
	theirs := portalAccount(h, "ann@example.com")
	customer := h.prove("ann@example.com")
	c := customer.theCase()
	customer.diagnose()
	h.sendAll()
	g := h.grace()
	for range 5 {
		customer.must(customer.mailSignIn(theirs.ID))
		g.must(g.resend(c.Reference, recovery.KindSignIn, theirs.ID))
		g.must(g.resend(c.Reference, recovery.KindProve, ""))
	}
	if codes, links := len(customer.mails(recovery.KindProve)), len(customer.mails(recovery.KindSignIn)); codes != 2 || links != 1 {
		t.Errorf("%d codes and %d links, want 2 and 1", codes, links)
	}
	if got, want := h.trail()[0], "Grace (token): agent-resent (prove) "+c.Reference; got != want || strings.Count(strings.Join(h.trail(), "\n"), "agent-resent") != 1 {
		t.Errorf("trail %q, want one mail of the agent's", h.trail())
	}
}

// What support has on top is three a day (R10), whatever the customer has used up.
func TestAnAgentsMailsAreCounted(t *testing.T) {
	h := newHouse(t)
	customer := h.browser()
	customer.start("ann@example.com")
	c := customer.theCase()
	g := h.grace()
	for range 5 {
		customer.must(customer.do(h.Resend))
		h.sendAll()
		h.clock.Pass(2 * time.Minute)
	}
	for range 3 {
		g.must(g.resend(c.Reference, recovery.KindProve, ""))
		h.sendAll()
		h.clock.Pass(2 * time.Minute)
	}
	wantErr(t, g.resend(c.Reference, recovery.KindProve, ""), recovery.ErrTooManyMails)
	sent := len(customer.mails(recovery.KindProve))
	wantErr(t, g.resend(c.Reference, recovery.KindProve, ""), recovery.ErrTooManyMails)
	if got := len(customer.mails(recovery.KindProve)); got != sent {
		t.Errorf("%d mails became %d", sent, got)
	}
	refused := 0
	for _, line := range h.trail() {
		if line == "Grace (token): agent-resent (prove) "+c.Reference {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("the trail has %d mails, want 3", refused)
	}
}

// A mailbox that asked for no more mail gets what its owner asked support for; proof through it, and nothing
// less, lifts the stop (R12).
func TestProofThroughAnAgentLiftsAStop(t *testing.T) {
	h := newHouse(t)
	customer := h.browser()
	customer.start("ann@example.com")
	d := customer.mails(recovery.KindProve)[0]
	customer.open(h.token(d.AsideID))
	customer.must(customer.pressStop("ann@example.com"))
	stopped := func() bool {
		on, err := h.store.Stopped(t.Context(), h.keys.HashAddress("ann@example.com"), h.clock.Now())
		customer.must(err)
		return on
	}
	h.sendAll()
	customer.must(customer.enter(h.code(d)))
	if !stopped() {
		t.Fatal("proof by the customer's own code lifts the stop")
	}
	g := h.grace()
	h.clock.Pass(11 * time.Minute) // the old code is not worth repeating
	g.must(g.resend(customer.theCase().Reference, recovery.KindProve, ""))
	sent := customer.mails(recovery.KindProve)[0]
	if sent.Refusal != "" || !stopped() {
		t.Errorf("refusal %q, stopped: %v", sent.Refusal, stopped())
	}
	h.sendAll()
	customer.must(customer.enter(h.code(sent)))
	if stopped() {
		t.Error("proof through an agent does not lift the stop")
	}
}

func TestASignInLinkGoesToTheAccountsAddressOnly(t *testing.T) {
	h := newHouse(t)
	theirs := portalAccount(h, "Ann@Example.com")
	customer := h.prove("ann@example.com")
	c := customer.theCase()
	g := h.grace()
	wantErr(t, g.resend(c.Reference, recovery.KindSignIn, theirs.ID), recovery.ErrNotAllowed) // none was sent yet
	customer.diagnose()
	customer.must(customer.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.EmailSignInLink(ctx, v, theirs.ID)
	}))
	h.sendAll()
	if got, want := g.story(c.Reference).Resends, []recovery.Resend{
		{Kind: recovery.KindProve, Address: "ann@example.com"},
		{Kind: recovery.KindSignIn, AccountID: theirs.ID, Address: "Ann@Example.com"},
	}; !slices.Equal(got, want) {
		t.Errorf("may be sent again: %+v, want %+v", got, want)
	}
	wantErr(t, g.resend(c.Reference, recovery.KindSignIn, "another"), recovery.ErrNotAllowed)
	wantErr(t, g.resend(c.Reference, recovery.KindConfirm, theirs.ID), recovery.ErrNotAllowed)
	g.must(g.resend(c.Reference, recovery.KindSignIn, theirs.ID))
	mails := customer.mails(recovery.KindSignIn)
	if len(mails) != 2 || h.challenge(mails[0].ChallengeID).Address != "Ann@Example.com" || mails[0].AsideID == "" {
		t.Errorf("mails %+v", mails)
	}
	// It counts among the case's mails (R10).
	for range 8 {
		h.sendAll()
		g.must(g.resend(c.Reference, recovery.KindSignIn, theirs.ID))
	}
	h.sendAll()
	wantErr(t, g.resend(c.Reference, recovery.KindSignIn, theirs.ID), recovery.ErrTooManyMails)
	// What forbids it to the customer forbids it to support.
	h.portal.accounts["ann@example.com"][0].SignInEnabled = false
	wantErr(t, g.resend(c.Reference, recovery.KindSignIn, theirs.ID), recovery.ErrNotAllowed)
	h.portal.fail = recovery.ErrPortal
	wantErr(t, g.resend(c.Reference, recovery.KindSignIn, theirs.ID), recovery.ErrPortal)
}

func TestNothingIsMailedInACaseThatHasEnded(t *testing.T) {
	h := newHouse(t)
	theirs := portalAccount(h, "ann@example.com")
	customer := h.prove("ann@example.com")
	c := customer.theCase()
	customer.diagnose()
	customer.must(customer.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.EmailSignInLink(ctx, v, theirs.ID)
	}))
	owner := h.browser()
	owner.open(h.token(customer.mails(recovery.KindSignIn)[0].AsideID))
	owner.must(owner.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.DisownByLink(ctx, v, "ann@example.com")
	}))
	g := h.grace()
	for _, kind := range []recovery.Kind{recovery.KindProve, recovery.KindSignIn} {
		wantErr(t, g.resend(c.Reference, kind, theirs.ID), recovery.ErrCaseEnded)
	}
	if s := g.story(c.Reference); len(s.Resends) > 0 || s.Filed == nil || s.Filed.Kind != recovery.HandOffDisown {
		t.Errorf("offers %+v, filed %+v", s.Resends, s.Filed)
	}
}

// meanwhileStore has something happen before the next transaction.
type meanwhileStore struct {
	recovery.Store
	happens func()
}

func (s *meanwhileStore) Update(ctx context.Context, fn func(tx recovery.Tx) error) error {
	if happens := s.happens; happens != nil {
		s.happens = nil
		happens()
	}
	return s.Store.Update(ctx, fn)
}

// An agent presses while the owner of the mailbox says that it wasn't them: nothing is mailed, and the agent is told.
func TestNothingIsMailedInACaseThatEndsMeanwhile(t *testing.T) {
	for _, kind := range []recovery.Kind{recovery.KindSignIn, recovery.KindProve} {
		t.Run(string(kind), func(t *testing.T) {
			h := newHouse(t)
			theirs := portalAccount(h, "ann@example.com")
			customer := h.prove("ann@example.com")
			customer.diagnose()
			customer.must(customer.mailSignIn(theirs.ID))
			c, mail := customer.theCase(), customer.mails(recovery.KindSignIn)[0]
			h.sendAll()
			g := h.grace()
			deps := h.Deps
			deps.Store = &meanwhileStore{h.store, func() {
				owner := h.browser()
				owner.open(h.token(mail.AsideID))
				owner.must(owner.pressDisown("ann@example.com"))
			}}
			agents := recovery.NewAgents(recovery.New(deps), recovery.AgentDeps{})
			wantErr(t, agents.Resend(t.Context(), g.visitor(), c.Reference, kind, theirs.ID), recovery.ErrCaseEnded)
			if got := len(h.mails(c.ID, kind)); got != 1 {
				t.Errorf("%d mails, want the 1 of before", got)
			}
			if slices.Contains(h.acts(c.Reference), recovery.ActAgentResent) {
				t.Error("the trail says that an agent had something mailed")
			}
		})
	}
}

// A story has all of its case and nothing else; blind mails are not told of (R2).
func TestAStory(t *testing.T) {
	h := newHouse(t)
	h.portal.similar = append(h.portal.similar, legacyAccount("ann_b@company.example"))
	other := h.prove("bob@company.example")
	other.diagnose()
	customer := h.prove("ann.b@company.example")
	customer.diagnose()
	customer.must(customer.do(h.MailOtherAddress))
	h.sendAll()
	c := customer.theCase()
	s := h.grace().story(c.Reference)
	if s.Case.ID != c.ID || len(s.Proofs) != 1 || len(s.Found) != 1 || s.Found[0].AccountID != "" {
		t.Errorf("case %s, proofs %+v, found %+v", s.Case.Reference, s.Proofs, s.Found)
	}
	if len(s.Evidence.Findings) != 1 || s.Evidence.Findings[0].AccountID != "" || s.Filed != nil {
		t.Errorf("evidence %+v", s.Evidence)
	}
	for _, d := range s.Deliveries {
		if d.CaseID != c.ID || d.Kind != recovery.KindProve {
			t.Errorf("delivery %+v", d)
		}
	}
	for _, ch := range s.Challenges {
		if ch.CaseID != c.ID || ch.Address != "ann.b@company.example" {
			t.Errorf("challenge %+v", ch)
		}
	}
	told := fmt.Sprintf("%+v", s)
	for _, foreign := range []string{"ann_b@", "bob@", other.theCase().Reference} {
		if strings.Contains(told, foreign) {
			t.Errorf("the story tells of %s", foreign)
		}
	}
	for _, e := range s.Evidence.Acts {
		if e.Act == recovery.ActAgentViewed {
			t.Error("that an agent looked is evidence")
		}
	}
	customer.must(customer.do(func(ctx context.Context, v *recovery.Visitor) error { return h.HandOff(ctx, v, "Help me") }))
	if s = h.grace().story(c.Reference); s.Filed == nil || s.Filed.Message != "Help me" || s.Evidence.Reference != c.Reference {
		t.Errorf("filed %+v", s.Filed)
	}
}
