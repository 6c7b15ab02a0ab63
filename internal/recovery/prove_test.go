package recovery_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

func TestCodeProvesThisBrowserAndRenewsItsID(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	before := b.cookie
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	if b.cookie == before {
		t.Error("the session's id did not change with the proof (R8)")
	}
	if got := b.next(); got != recovery.StepSituation {
		t.Errorf("next step %q, want situation", got)
	}
	planted := h.browser()
	planted.cookie = before
	if got := planted.next(); got != recovery.StepStart {
		t.Errorf("the id from before the proof leads to %q", got)
	}
	planted.start("mallory@example.com")
	if got := b.next(); got != recovery.StepSituation {
		t.Errorf("a planted id took the proven session over: next step %q", got)
	}
}

func TestCodeIsComparedFiveTimesAtMost(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	d := b.mails(recovery.KindProve)[0]
	wrong := wrongCode(h.code(d))
	visitors := make([]*recovery.Visitor, 50)
	for i := range visitors {
		visitors[i] = b.visitor()
	}
	var pressed sync.WaitGroup
	for _, v := range visitors {
		pressed.Go(func() { wantErr(t, h.EnterCode(t.Context(), v, wrong), recovery.ErrWrongCode) })
	}
	pressed.Wait()
	if got := h.challenge(d.ChallengeID).Tries; got != 5 {
		t.Errorf("50 wrong codes at once: %d compared, want 5", got)
	}
	wantErr(t, b.enter(h.code(d)), recovery.ErrWrongCode)
}

func TestCodeForm(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	d := b.mails(recovery.KindProve)[0]
	for _, typed := range []string{"", "1234", "123456789", "abcdefgh"} {
		wantErr(t, b.enter(typed), recovery.ErrCodeForm)
	}
	if got := h.challenge(d.ChallengeID).Tries; got != 0 {
		t.Errorf("%d tries counted for what is no code", got)
	}
	code := h.code(d)
	b.must(b.enter(" " + code[:4] + " - " + code[4:] + " "))
}

// Codes of many cases, typed at once, are compared no more often in a day than those of one.
func TestWrongCodesOfManyCasesAtOnceAreThoseOfADay(t *testing.T) {
	h := newBusyHouse(t, 8, func(p *recovery.Policy) {
		p.AddressHour, p.AddressNetHour, p.AddressDay, p.AddressNetDay = 99, 99, 99, 99
	})
	browsers, visitors, codes := make([]*browser, 30), make([]*recovery.Visitor, 30), make([]string, 30)
	for i := range browsers {
		b := h.browser()
		b.start("ann@example.com")
		browsers[i], visitors[i], codes[i] = b, b.visitor(), h.code(b.mails(recovery.KindProve)[0])
	}
	var pressed sync.WaitGroup
	for i, v := range visitors {
		pressed.Go(func() { wantErr(t, h.EnterCode(t.Context(), v, wrongCode(codes[i])), recovery.ErrWrongCode) })
	}
	pressed.Wait()
	of := h.challenge(browsers[0].mails(recovery.KindProve)[0].ChallengeID)
	n, err := h.store.Counted(t.Context(), "wrong-code:"+of.AddressHash, h.Now().Add(-time.Hour))
	if err != nil || n != 15 {
		t.Errorf("%d wrong codes were compared, want 15 (%v)", n, err)
	}
	wantErr(t, browsers[0].enter(codes[0]), recovery.ErrWrongCode)
}

// What was typed right is none of the wrong ones, however often.
func TestRightCodesAreNotCounted(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) {
		p.AddressHour, p.AddressNetHour, p.AddressDay, p.AddressNetDay, p.WrongCodesADay = 99, 99, 99, 99, 1
	})
	for range 3 {
		h.prove("ann@example.com")
	}
}

func TestWrongCodesOfADayLockCodesButNoLinks(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.AddressHour, p.AddressNetHour = 99, 99 })
	for range 3 {
		b := h.browser()
		b.start("ann@example.com")
		for range 5 {
			wantErr(t, b.enter(wrongCode(h.code(b.mails(recovery.KindProve)[0]))), recovery.ErrWrongCode)
		}
	}
	b := h.browser()
	b.start("ann@example.com")
	d := b.mails(recovery.KindProve)[0]
	wantErr(t, b.enter(h.code(d)), recovery.ErrWrongCode)
	b.open(h.token(d.ChallengeID))
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "") }))

	h.clock.Pass(26 * time.Hour)
	h.prove("ann@example.com")
}

func TestRightCodesDoNotCountAsWrong(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) {
		p.AddressHour, p.AddressNetHour, p.AddressDay, p.AddressNetDay = 99, 99, 99, 99
	})
	for range 20 {
		h.prove("ann@example.com")
	}
}

func TestCodeExpires(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	h.clock.Pass(15 * time.Minute)
	wantErr(t, b.enter(h.code(b.mails(recovery.KindProve)[0])), recovery.ErrWrongCode)
}

func TestResendRepeatsTheCodeWhileItHasFiveMinutesAndATry(t *testing.T) {
	for _, c := range []struct {
		name   string
		passed time.Duration
		wrong  int
		same   bool
	}{
		{"at once", 0, 0, true},
		{"five minutes left", 10 * time.Minute, 0, true},
		{"less than five left", 10*time.Minute + time.Second, 0, false},
		{"one try left", 0, 4, true},
		{"no try left", 0, 5, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			b := h.browser()
			b.start("ann@example.com")
			first := h.code(b.mails(recovery.KindProve)[0])
			h.sendAll()
			for range c.wrong {
				wantErr(t, b.enter(wrongCode(first)), recovery.ErrWrongCode)
			}
			h.clock.Pass(c.passed)
			b.must(b.do(h.Resend))
			mails := b.mails(recovery.KindProve)
			if len(mails) != 2 {
				t.Fatalf("%d mails, want 2", len(mails))
			}
			second := h.code(mails[0])
			if got := second == first; got != c.same {
				t.Errorf("same code: %v, want %v", got, c.same)
			}
			if c.wrong == 0 {
				b.must(b.enter(first)) // a resend never kills the code the customer holds
			}
		})
	}
}

func TestResendWaitsForAMailThatIsStillQueued(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	b.must(b.do(h.Resend))
	if got := len(b.mails(recovery.KindProve)); got != 1 {
		t.Errorf("%d mails for a double press, want 1", got)
	}
	h.clock.Pass(time.Minute)
	b.must(b.do(h.Resend))
	if got := len(b.mails(recovery.KindProve)); got != 2 {
		t.Errorf("%d mails after the wait, want 2", got)
	}
}

func TestTwoTabsOfOneCase(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	first := h.code(b.mails(recovery.KindProve)[0])
	b.start("bob@example.com")
	b.must(b.enter(first)) // the tab that still waits for Ann's code
	if got := b.diagnose().Address; got != "ann@example.com" {
		t.Errorf("looks at %q, want the address that was proven", got)
	}
}

func TestTryCountsAgainstEveryLiveCodeOfTheCase(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	b.start("bob@example.com")
	wantErr(t, b.enter("00000000"), recovery.ErrWrongCode)
	for _, d := range b.mails(recovery.KindProve) {
		if got := h.challenge(d.ChallengeID).Tries; got != 1 {
			t.Errorf("%d tries, want 1", got)
		}
	}
}

func TestLinkInTheBrowserThatAskedTakesOneButton(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	b.open(h.token(b.mails(recovery.KindProve)[0].ChallengeID))
	held, err := h.HeldLink(t.Context(), b.visitor(), recovery.PurposeProve)
	b.must(err)
	if held.AskAddress {
		t.Error("the browser that asked has to type its address")
	}
	reference := b.theCase().Reference
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, "") }))
	if got := b.theCase().Reference; got != reference {
		t.Errorf("the case became %s, was %s", got, reference)
	}
}

// An attacker starts for somebody else's address; the owner of the mailbox presses the link.
func TestLinkInAnotherBrowserOpensNothingInTheFirst(t *testing.T) {
	h := newHouse(t)
	attacker, victim := h.browser(), h.browser()
	attacker.start("ann@example.com")
	d := attacker.mails(recovery.KindProve)[0]
	victim.open(h.token(d.ChallengeID))
	press := func(typed string) error {
		return victim.do(func(ctx context.Context, v *recovery.Visitor) error { return h.ProveByLink(ctx, v, typed) })
	}
	wantErr(t, press(""), account.ErrAddressEmpty)
	for _, typed := range []string{"bob@example.com", "not an address"} {
		wantErr(t, press(typed), recovery.ErrOtherAddress)
	}
	before, err := h.Waiting(t.Context(), attacker.visitor())
	attacker.must(err)
	victim.must(press("ANN@example.com"))

	if got := victim.next(); got != recovery.StepSituation {
		t.Errorf("the victim's next step is %q", got)
	}
	if victim.theCase().Reference == attacker.theCase().Reference {
		t.Error("both browsers have one case")
	}
	after, err := h.Waiting(t.Context(), attacker.visitor())
	attacker.must(err)
	if before != after {
		t.Errorf("the attacker's page changed from %+v to %+v", before, after)
	}
	wantErr(t, attacker.enter(h.code(d)), recovery.ErrWrongCode)
	if got := attacker.next(); got != recovery.StepCheckEmail {
		t.Errorf("the attacker's next step is %q", got)
	}
	if _, err := h.Diagnose(t.Context(), attacker.visitor()); err == nil {
		t.Error("the attacker was shown a diagnosis")
	}
}

func TestLinkUsedTwentyTimesAtOnceWorksOnce(t *testing.T) {
	h := newHouse(t)
	asker := h.browser()
	asker.start("ann@example.com")
	token := h.token(asker.mails(recovery.KindProve)[0].ChallengeID)
	visitors := make([]*recovery.Visitor, 20)
	for i := range visitors {
		b := h.browser()
		b.open(token)
		visitors[i] = b.visitor()
	}
	worked := 0
	var mu sync.Mutex
	var pressed sync.WaitGroup
	for _, v := range visitors {
		pressed.Go(func() {
			err := h.ProveByLink(t.Context(), v, "ann@example.com")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				worked++
				return
			}
			wantErr(t, err, recovery.ErrLinkDead)
		})
	}
	pressed.Wait()
	if worked != 1 {
		t.Errorf("the link worked %d times, want 1", worked)
	}
}

func TestOpeningALinkUsesNothing(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.start("ann@example.com")
	d := b.mails(recovery.KindProve)[0]
	for range 10 {
		h.browser().open(h.token(d.ChallengeID))
	}
	b.must(b.enter(h.code(d)))
}

func TestDeadLinks(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	hold := func(token string) error {
		return b.do(func(ctx context.Context, v *recovery.Visitor) error {
			_, err := h.HoldLink(ctx, v, token)
			return err
		})
	}
	wantErr(t, hold("nonsense"), recovery.ErrLinkDead)
	b.start("ann@example.com")
	token := h.token(b.mails(recovery.KindProve)[0].ChallengeID)
	b.must(hold(token))
	h.clock.Pass(15 * time.Minute)
	_, err := h.HeldLink(t.Context(), b.visitor(), recovery.PurposeProve)
	wantErr(t, err, recovery.ErrLinkDead)
	_, err = h.HeldLink(t.Context(), b.visitor(), recovery.PurposeSignIn)
	wantErr(t, err, recovery.ErrLinkDead)
}

func TestProofLastsThirtyMinutesIdleAndTwoHoursAtMost(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	for range 4 {
		h.clock.Pass(29 * time.Minute)
		b.diagnose()
	}
	h.clock.Pass(5 * time.Minute) // 121 minutes
	if got := b.next(); got != recovery.StepCheckEmail {
		t.Errorf("after two hours the next step is %q", got)
	}
	idle := h.prove("ann@example.com")
	h.clock.Pass(30 * time.Minute)
	if got := idle.next(); got != recovery.StepCheckEmail {
		t.Errorf("after thirty idle minutes the next step is %q", got)
	}
}

// However short it is configured, who is there is not idle.
func TestAShortIdleTimeIsForWhoIsIdle(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.ProofIdle = 10 * time.Second })
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	for range 30 {
		h.clock.Pass(2 * time.Second)
		b.diagnose()
	}
	h.clock.Pass(10 * time.Second)
	if got := b.next(); got != recovery.StepCheckEmail {
		t.Errorf("after ten idle seconds the next step is %q", got)
	}
}

func TestStartOverEndsTheProof(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	old := *b
	b.must(b.do(h.EndSession))
	if got := old.next(); got != recovery.StepStart {
		t.Errorf("the ended session's next step is %q", got)
	}
}

// What the attacker's tab can do and see is the same, whether the owner of the mailbox used the link or
// never opened the mail: resends, expiries and tries included.
func TestFirstTabSeesTheSameWhetherTheLinkWasUsedOrNot(t *testing.T) {
	story := func(used bool) (seen []recovery.Waiting) {
		h := newHouse(t)
		attacker := h.browser()
		attacker.start("ann@example.com")
		look := func() {
			h.sendAll()
			w, err := h.Waiting(t.Context(), attacker.visitor())
			attacker.must(err)
			w.Reference = ""
			seen = append(seen, w)
		}
		wantErr(t, attacker.enter("00000000"), recovery.ErrWrongCode)
		look()
		if used {
			victim := h.browser()
			victim.open(h.token(attacker.mails(recovery.KindProve)[0].ChallengeID))
			victim.must(victim.do(func(ctx context.Context, v *recovery.Visitor) error {
				return h.ProveByLink(ctx, v, "ann@example.com")
			}))
		}
		h.clock.Pass(2 * time.Minute)
		attacker.must(attacker.do(h.Resend))
		look()
		for range 4 {
			wantErr(t, attacker.enter("00000000"), recovery.ErrWrongCode)
		}
		attacker.must(attacker.do(h.Resend))
		look()
		return seen
	}
	got, want := story(true), story(false)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("look %d: after the link was used %+v, else %+v", i+1, got[i], want[i])
		}
	}
}

// Who has proven a mailbox and asks for a mail to it once more waits for that one, until it is proven again; the page
// of what was found stays theirs meanwhile.
func TestWhoAsksAgainWaitsAgain(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	expect := func(when string, next recovery.Step, waits bool) {
		t.Helper()
		p, err := h.Progress(t.Context(), b.visitor())
		b.must(err)
		if p.Next() != next || p.May(recovery.StepCheckEmail) != waits || !p.May(recovery.StepSituation) {
			t.Errorf("%s: led to %s, may wait: %v, may look: %v; want %s and %v", when,
				p.Next(), p.May(recovery.StepCheckEmail), p.May(recovery.StepSituation), next, waits)
		}
	}
	expect("proven", recovery.StepSituation, false)
	h.sendAll()
	b.start("ann@example.com")
	expect("asked again", recovery.StepCheckEmail, true)
	h.sendAll()
	b.must(b.do(h.Resend))
	expect("asked for the mail once more", recovery.StepCheckEmail, true)
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	expect("proven again", recovery.StepSituation, false)
}
