package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

func (b *browser) pressStop(typed string) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.StopByLink(ctx, v, typed) })
}

func (b *browser) pressDisown(typed string) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.DisownByLink(ctx, v, typed) })
}

func (b *browser) pressSignIn(typed string) (url string, err error) {
	err = b.do(func(ctx context.Context, v *recovery.Visitor) (err error) {
		url, err = b.h.SignInByLink(ctx, v, typed)
		return err
	})
	return url, err
}

func (b *browser) signInNow(id string) (url string, err error) {
	err = b.do(func(ctx context.Context, v *recovery.Visitor) (err error) {
		url, err = b.h.SignInNow(ctx, v, id)
		return err
	})
	return url, err
}

func (b *browser) mailSignIn(id string) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.EmailSignInLink(ctx, v, id) })
}

func (b *browser) handOff(message string) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.HandOff(ctx, v, message) })
}

func TestNothingIsAskedOfThePortalBeforeProof(t *testing.T) {
	h := newHouse(t)
	h.portal.fail = recovery.ErrPortal
	b := h.prove("ann@example.com")
	if h.portal.calls != 0 {
		t.Fatalf("%d calls to the portal before proof", h.portal.calls)
	}
	if d := b.diagnose(); !d.Report.Incomplete || len(d.Report.General) > 0 {
		t.Errorf("a portal that fails led to %+v", d.Report)
	}
}

func TestSignInNow(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("Ann@example.com"))
	b := h.prove("ann@example.com")
	url, err := b.signInNow("acc-Ann@example.com")
	b.must(err)
	if !strings.HasPrefix(url, portalURL) {
		t.Errorf("signed in at %s", url)
	}
	notices := b.mails(recovery.KindSignedIn)
	if len(notices) != 1 {
		t.Fatalf("%d notices, want 1", len(notices))
	}
	if got := h.challenge(notices[0].AsideID).Address; got != "Ann@example.com" {
		t.Errorf("the notice goes to %q, want the stored bytes (R6)", got)
	}
	_, err = b.signInNow("acc-somebody-else")
	wantErr(t, err, recovery.ErrNotAllowed)
}

func TestRedirectsLeadToThePortalOnly(t *testing.T) {
	for _, url := range []string{"https://evil.example/in", "//evil.example", "javascript:alert(1)", portalURL + "@evil.example/", "http://portal.example/"} {
		h := newHouse(t)
		h.portal.has(legacyAccount("ann@example.com"))
		h.portal.url = url
		b := h.prove("ann@example.com")
		got, err := b.signInNow("acc-ann@example.com")
		if !errors.Is(err, recovery.ErrPortal) || !strings.Contains(err.Error(), "--portal-origins") || strings.Contains(err.Error(), url) {
			t.Errorf("redirected to %q for %s, %v; want to be told what to look at, and not the URL", got, url, err)
		}
	}
}

// R3: who proves the mailbox of an identity may be shown the account linked to it, and have a link sent
// to that account's address; "sign in now" is not for them.
func TestEstablishedAccountIsSignedInToByItsOwnMailboxAlone(t *testing.T) {
	h := newHouse(t)
	a := legacyAccount("owner@example.com")
	a.Identity = &account.Identity{Email: "ann@example.com", EmailVerified: true, State: account.IdentityActive}
	h.portal.has(a)
	b := h.prove("ann@example.com")
	if got := len(b.diagnose().Report.Accounts); got != 1 {
		t.Fatalf("%d accounts established, want 1", got)
	}
	_, err := b.signInNow("acc-owner@example.com")
	wantErr(t, err, recovery.ErrNotAllowed)
	b.must(b.mailSignIn("acc-owner@example.com"))
	if got := h.challenge(b.mails(recovery.KindSignIn)[0].ChallengeID).Address; got != "owner@example.com" {
		t.Errorf("the link went to %q", got)
	}
	unverified := newHouse(t)
	a.Identity.EmailVerified = false
	unverified.portal.has(a)
	if got := len(unverified.prove("ann@example.com").diagnose().Report.Accounts); got != 0 {
		t.Error("an unverified email of an identity established its account (R2)")
	}
}

func (h *house) signInLink() (asker *browser, token string) {
	h.t.Helper()
	h.portal.has(legacyAccount("ann@example.com"))
	asker = h.prove("ann@example.com")
	asker.must(asker.mailSignIn("acc-ann@example.com"))
	return asker, h.token(asker.mails(recovery.KindSignIn)[0].ChallengeID)
}

func TestSignInLinkIsNotBurntByAPortalThatFails(t *testing.T) {
	h := newHouse(t)
	b, token := h.signInLink()
	b.open(token)
	h.portal.fail = recovery.ErrPortal
	_, err := b.pressSignIn("")
	wantErr(t, err, recovery.ErrPortal)
	h.portal.fail = nil
	_, err = b.pressSignIn("")
	b.must(err)
	_, err = b.pressSignIn("")
	wantErr(t, err, recovery.ErrLinkDead)
}

// By the browser that it names the owner sees whether it was them: it is the one that signed in, wherever the link
// was asked for, and none where that is not known.
func TestTheNoticeNamesTheBrowserThatSignedIn(t *testing.T) {
	for _, name := range []string{"Safari on iPhone", ""} {
		h := newHouse(t)
		asker, token := h.signInLink()
		phone := h.browser()
		phone.name = name
		phone.open(token)
		_, err := phone.pressSignIn("ann@example.com")
		phone.must(err)
		if notices := asker.mails(recovery.KindSignedIn); len(notices) != 1 || notices[0].Browser != name {
			t.Errorf("signed in from %q: got %+v", name, notices)
		}
	}
}

func TestSignInLinkPressedTwiceAtOnceSignsInOnce(t *testing.T) {
	h := newHouse(t)
	b, token := h.signInLink()
	b.open(token)
	h.portal.block, h.portal.waiting = make(chan struct{}), make(chan struct{}, 2)
	first := make(chan error, 1)
	v := b.visitor()
	go func() {
		_, err := h.SignInByLink(t.Context(), v, "")
		first <- err
	}()
	select {
	case <-h.portal.waiting:
	case err := <-first:
		t.Fatalf("the first press ended without the portal: %v", err)
	}
	_, err := b.pressSignIn("")
	wantErr(t, err, recovery.ErrInProgress)
	close(h.portal.block)
	b.must(<-first)
	if h.portal.links != 1 {
		t.Errorf("%d sign-ins, want 1", h.portal.links)
	}
}

// A crash between claim and answer: nobody releases the claim.
func TestClaimLapses(t *testing.T) {
	h := newHouse(t)
	b, token := h.signInLink()
	b.open(token)
	id := b.mails(recovery.KindSignIn)[0].ChallengeID
	now := h.clock.Now()
	b.must(h.store.Update(t.Context(), func(tx recovery.Tx) error {
		_, err := tx.ClaimChallenge(t.Context(), id, now, now.Add(15*time.Second))
		return err
	}))
	_, err := b.pressSignIn("")
	wantErr(t, err, recovery.ErrInProgress)
	h.clock.Pass(15 * time.Second)
	_, err = b.pressSignIn("")
	b.must(err)
}

func TestSignInLinkAsksOtherBrowsersForTheAddress(t *testing.T) {
	h := newHouse(t)
	_, token := h.signInLink()
	phone := h.browser()
	phone.open(token)
	_, err := phone.pressSignIn("")
	wantErr(t, err, account.ErrAddressEmpty)
	_, err = phone.pressSignIn("bob@example.com")
	wantErr(t, err, recovery.ErrOtherAddress)
	_, err = phone.pressSignIn("ann@example.com")
	phone.must(err)
}

// A sign-in link grants what its account, looked up anew, still permits: an account that is not at the mailbox any more
// is none of its reader's, also where the portal goes on finding it by that address (R3).
func TestSignInLinkDoesNothingOnceItMayNot(t *testing.T) {
	const ann = "ann@example.com"
	for name, change := range map[string]func(p *portal){
		"signing in is forbidden":             func(p *portal) { p.accounts[ann][0].SignInEnabled = false },
		"the account is gone":                 func(p *portal) { delete(p.accounts, ann) },
		"another account has the address now": func(p *portal) { p.accounts[ann][0].ID = "another" },
		"the account has another address":     func(p *portal) { p.accounts[ann][0].Email = "new.owner@example.com" },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			b, token := h.signInLink()
			change(h.portal)
			b.open(token)
			_, err := b.pressSignIn("")
			wantErr(t, err, recovery.ErrLinkDead) // and no word of why
			if h.portal.links != 0 {
				t.Error("the portal was asked for a link")
			}
			acts, err := h.store.Audit(t.Context(), b.theCase().Reference)
			b.must(err)
			for _, a := range acts {
				if a.Act == recovery.ActPortalFailed {
					t.Error("the trail says that the portal failed")
				}
			}
		})
	}
}

func TestForbiddenActionsAreRefusedWhateverTheFormSays(t *testing.T) {
	h := newHouse(t)
	a := legacyAccount("ann@example.com")
	a.ConfirmedAt = time.Time{}
	h.portal.has(a)
	b := h.prove("ann@example.com")
	_, err := b.signInNow("acc-ann@example.com")
	wantErr(t, err, recovery.ErrNotAllowed)
	wantErr(t, b.mailSignIn("acc-ann@example.com"), recovery.ErrNotAllowed)
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.ResendConfirmation(ctx, v, "acc-ann@example.com")
	}))
	if got := len(b.mails(recovery.KindConfirm)); got != 1 {
		t.Errorf("%d confirmations mailed, want 1", got)
	}
}

func TestCaseGetsTenMailsAfterProof(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	for range 10 {
		b.must(b.mailSignIn("acc-ann@example.com"))
		h.sendAll()
	}
	wantErr(t, b.mailSignIn("acc-ann@example.com"), recovery.ErrTooManyMails)
}

// Who has mailboxes of their own makes a case with each, in a browser that stays proven by the one that permits mail to
// somebody else's account: their mailbox is not flooded all the same, and its owner still gets what they ask for (R10).
func TestManyCasesDoNotFloodAnAccount(t *testing.T) {
	h := newHouse(t)
	h.portal.has(linkedAccount("ann@example.com", "7", "mallory@example.org"))
	b := h.prove("mallory@example.org")
	sent := 0
	flood := func() {
		for b.mailSignIn("acc-ann@example.com") == nil {
			sent++
			h.sendAll()
		}
	}
	flood()
	for i := range 4 {
		own := fmt.Sprintf("m%d@mallory.example", i)
		other := h.browser()
		other.start(own)
		h.sendAll()
		b.proveByLink(own, other.mails(recovery.KindProve)[0])
		b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.LookAt(ctx, v, "mallory@example.org") }))
		flood()
	}
	if sent != 20 {
		t.Errorf("%d mails to an account by who is linked to it, want 20 a day", sent)
	}
	owner := h.prove("ann@example.com")
	owner.must(owner.mailSignIn("acc-ann@example.com"))
	h.clock.Pass(25 * time.Hour)
	b = h.prove("mallory@example.org")
	b.must(b.mailSignIn("acc-ann@example.com"))
}

// What the vendor mails for us is of the same ten.
func TestTheVendorsMailsCountWithOurs(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.ConfirmHere = false })
	h.portal.has(legacyAccount("ann@example.com"))
	unconfirmed := legacyAccount("ann@example.com")
	unconfirmed.ID, unconfirmed.ConfirmedAt = "unconfirmed", time.Time{}
	h.portal.has(unconfirmed)
	b := h.prove("ann@example.com")
	b.diagnose()
	confirm := func() error {
		return b.do(func(ctx context.Context, v *recovery.Visitor) error {
			return h.ResendConfirmation(ctx, v, "unconfirmed")
		})
	}
	for range 5 {
		b.must(b.mailSignIn("acc-ann@example.com"))
		b.must(confirm())
		h.sendAll()
	}
	wantErr(t, b.mailSignIn("acc-ann@example.com"), recovery.ErrTooManyMails)
	wantErr(t, confirm(), recovery.ErrTooManyMails)
}

func TestDisownEndsTheCaseAndFilesIt(t *testing.T) {
	h := newHouse(t)
	attacker, token := h.signInLink()
	_, err := attacker.signInNow("acc-ann@example.com")
	attacker.must(err)
	caseID := attacker.theCase().ID
	disown := h.token(attacker.mails(recovery.KindSignedIn)[0].AsideID)

	owner := h.browser()
	owner.open(disown)
	wantErr(t, owner.pressDisown(""), account.ErrAddressEmpty)
	wantErr(t, owner.pressDisown("bob@example.com"), recovery.ErrOtherAddress)
	owner.must(owner.pressDisown("ann@example.com"))

	if got := attacker.next(); got != recovery.StepStart {
		t.Errorf("the disowned browser's next step is %q", got)
	}
	phone := h.browser()
	phone.open(token)
	_, err = phone.pressSignIn("ann@example.com")
	wantErr(t, err, recovery.ErrLinkDead)
	if got := len(h.mails(caseID, recovery.KindDisowned)); got != 1 {
		t.Errorf("%d tickets, want 1", got)
	}
	wantErr(t, owner.pressDisown("ann@example.com"), recovery.ErrLinkDead)
}

// To stop mail and to disown take the address, typed, in the browser that asked as well (R12).
func TestStopAndDisownAskForTheAddressEvenInTheBrowserThatAsked(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	_, err := b.signInNow("acc-ann@example.com")
	b.must(err)
	b.open(h.token(b.mails(recovery.KindSignedIn)[0].AsideID))
	wantErr(t, b.pressDisown(""), account.ErrAddressEmpty)
	b.open(h.token(b.mails(recovery.KindProve)[0].AsideID))
	for _, purpose := range []recovery.Purpose{recovery.PurposeDisown, recovery.PurposeStop} {
		link, err := h.HeldLink(t.Context(), b.visitor(), purpose)
		b.must(err)
		if !link.AskAddress || link.Address != "" {
			t.Errorf("%s: asked for the address: %t, shown is %q", purpose, link.AskAddress, link.Address)
		}
	}
	wantErr(t, b.pressStop(""), account.ErrAddressEmpty)
}

func TestHandOffIsOneTicketACase(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	wantErr(t, b.handOff("  \r\n "), recovery.ErrNoMessage)
	wantErr(t, b.handOff(strings.Repeat("x", recovery.MaxMessageRunes+1)), recovery.ErrMessageTooLong)
	b.diagnose()
	visitors := make([]*recovery.Visitor, 8)
	for i := range visitors {
		visitors[i] = b.visitor()
	}
	var pressed sync.WaitGroup
	for _, v := range visitors {
		pressed.Go(func() {
			if err := h.HandOff(t.Context(), v, "Please help."); err != nil {
				t.Error(err)
			}
		})
	}
	pressed.Wait()
	if tickets, copies := len(b.mails(recovery.KindTicket)), len(b.mails(recovery.KindHandedOff)); tickets != 1 || copies != 1 {
		t.Errorf("%d tickets and %d copies, want one of each", tickets, copies)
	}
	if got := b.next(); got != recovery.StepSupport {
		t.Errorf("next step %q, want support", got)
	}
}

// The field takes so many characters, and so many may be sent.
func TestTheLongestMessageGoes(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	message := strings.Repeat("ü", recovery.MaxMessageRunes)
	b.must(b.handOff(" " + message + "\r\n"))
	filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
	b.must(err)
	if filed.Message != message {
		t.Errorf("%d bytes went, want %d", len(filed.Message), len(message))
	}
}

// Who goes back to the form after it has gone is not told to put right a message whose field is no more.
func TestAFiledHandOffAsksForNoOtherWords(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.must(b.handOff("Please help."))
	b.must(b.handOff(""))
	b.must(b.handOff(strings.Repeat("x", recovery.MaxMessageRunes+1)))
	if n := len(b.mails(recovery.KindTicket)); n != 1 {
		t.Errorf("%d tickets, want one", n)
	}
}

func TestHandOffsAreThreeADayAnAddress(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.AddressHour, p.AddressNetHour = 99, 99 })
	for range 3 {
		b := h.prove("ann@example.com")
		b.must(b.handOff("Please help."))
	}
	fourth := h.prove("ann@example.com")
	wantErr(t, fourth.handOff("Please help."), recovery.ErrTooManyHandOffs)
	if got := len(fourth.mails(recovery.KindTicket)); got != 0 {
		t.Error("a ticket was queued all the same")
	}
}

func TestHandOffsAreTenADayAClient(t *testing.T) {
	h := newHouse(t)
	handOff := func(i int, client string) error {
		b := h.browser()
		b.client = client
		b.start(fmt.Sprintf("n%d@example.com", i))
		b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
		return b.handOff("Please help.")
	}
	for i := range 10 {
		if err := handOff(i, "192.0.2.7"); err != nil {
			t.Fatalf("hand-off %d: %v", i+1, err)
		}
	}
	wantErr(t, handOff(10, "192.0.2.7"), recovery.ErrTooManyHandOffs)
	wantErr(t, handOff(11, "192.0.2.8"), nil)
	h.clock.Pass(25 * time.Hour)
	wantErr(t, handOff(12, "192.0.2.7"), nil)
}

func TestEvidenceNamesNoOtherAddress(t *testing.T) {
	h := newHouse(t)
	a := legacyAccount("ann@example.com")
	a.Name = "Ann Other"
	a.Identity = &account.Identity{Email: "hidden@example.net", EmailVerified: true, State: account.IdentityActive, Username: "hidden"}
	h.portal.has(a)
	b := h.prove("ann@example.com")
	b.must(b.handOff("Please help."))
	filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
	b.must(err)
	for _, secret := range []string{"hidden", "Ann Other"} {
		if strings.Contains(string(filed.Evidence), secret) {
			t.Errorf("the evidence holds %q: %s", secret, filed.Evidence)
		}
	}
	e, err := recovery.DecodeEvidence(filed.Evidence)
	b.must(err)
	if len(e.Findings) != 1 || e.Findings[0].Situation != "linked-email-mismatch" || len(e.Proven) != 1 || len(e.Mails) != 1 {
		t.Errorf("evidence lacks what was found, proven and mailed: %+v", e)
	}
}

func TestMailOtherAddressIsBlind(t *testing.T) {
	for _, c := range []struct {
		name    string
		similar []string
		want    int
	}{
		{"nobody", nil, 0},
		{"one", []string{"ann.bee@example.com"}, 1},
		{"no more than three", []string{"a1@example.com", "a2@example.com", "a3@example.com", "a4@example.com"}, 3},
		{"no other company", []string{"ann.bee@example.net"}, 0},
		{"not the one that asked", []string{"ann_bee@example.com"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			for _, email := range c.similar {
				h.portal.similar = append(h.portal.similar, account.Account{ID: email, Email: email})
			}
			b := h.prove("ann_bee@example.com")
			before := b.diagnose()
			if !slices.Contains(before.Report.General[0].Actions, diagnosis.MailOtherAddress) {
				t.Fatal("not offered")
			}
			calls := h.portal.calls
			b.must(b.do(h.MailOtherAddress))
			if h.portal.calls != calls {
				t.Error("the press asked the portal")
			}
			h.sendAll()
			if got := len(b.mails(recovery.KindOtherAddress)); got != c.want {
				t.Errorf("%d blind mails, want %d", got, c.want)
			}
			b.must(b.do(h.MailOtherAddress))
			h.sendAll()
			if got := len(b.mails(recovery.KindOtherAddress)); got != c.want {
				t.Errorf("%d blind mails after a second press, want %d", got, c.want)
			}
		})
	}
}

func TestBlindMailGoesOnceADayWhoeverAsks(t *testing.T) {
	h := newHouse(t)
	h.portal.similar = []account.Account{{ID: "1", Email: "ann.bee@example.com"}}
	total := 0
	for _, asked := range []string{"ann_bee@example.com", "ann-bee@example.com"} {
		b := h.prove(asked)
		b.diagnose()
		b.must(b.do(h.MailOtherAddress))
		h.sendAll()
		total += len(b.mails(recovery.KindOtherAddress))
	}
	if total != 1 {
		t.Errorf("%d blind mails in a day, want 1", total)
	}
}

// A stranger who asks for the other address over and over sees which mail is the first over its cap. It is the
// same one whether or not a blind mail went there, or the cap would tell who has an account (R2).
func TestTheCapTellsNothingOfABlindMail(t *testing.T) {
	accepted := map[string]int{}
	for name, similar := range map[string][]account.Account{
		"account": {{ID: "1", Email: "ann.bee@example.com"}}, "none": nil,
	} {
		h := newHouse(t)
		h.portal.similar = similar
		b := h.prove("ann_bee@example.com")
		b.diagnose()
		b.must(b.do(h.MailOtherAddress))
		h.sendAll()
		if got := len(b.mails(recovery.KindOtherAddress)); got != len(similar) {
			t.Fatalf("%s: %d blind mails", name, got)
		}
		accepted[name] = h.sent("ann.bee@example.com", networks(8)...)
	}
	if accepted["account"] != accepted["none"] || accepted["none"] != 5 {
		t.Errorf("accepted %v, want 5 whether or not there is an account", accepted)
	}
}

func TestABlindMailKeepsToTheCap(t *testing.T) {
	h := newHouse(t)
	h.portal.similar = []account.Account{{ID: "1", Email: "ann.bee@example.com"}}
	if got := h.sent("ann.bee@example.com", networks(8)...); got != 5 {
		t.Fatalf("%d mails, want 5", got)
	}
	b := h.prove("ann_bee@example.com")
	b.diagnose()
	b.must(b.do(h.MailOtherAddress))
	h.sendAll()
	if got := len(b.mails(recovery.KindOtherAddress)); got != 0 {
		t.Errorf("%d blind mails to a mailbox that has had its five", got)
	}
}

// A day is any 24 hours, not a date: neither the mail nor the question to the portal comes twice around
// midnight.
func TestADayOfBlindMailsIsNotADate(t *testing.T) {
	h := newHouse(t)
	h.portal.similar = []account.Account{{ID: "1", Email: "ann.bee@example.com"}}
	ask := func(asked string) (mails, jobs int) {
		b := h.prove(asked)
		b.diagnose()
		b.must(b.do(h.MailOtherAddress))
		h.sendAll()
		return len(b.mails(recovery.KindOtherAddress)), len(b.mails(recovery.KindFindOther))
	}
	lastMinute := time.Date(2026, 3, 5, 23, 59, 0, 0, time.UTC)
	for _, tt := range []struct {
		at          time.Time
		asked       string
		mails, jobs int
	}{
		{lastMinute, "ann_bee@example.com", 1, 1},
		{lastMinute.Add(2 * time.Minute), "ann_bee@example.com", 0, 0},
		{lastMinute.Add(3 * time.Minute), "ann-bee@example.com", 0, 1},
		{lastMinute.Add(24*time.Hour - time.Millisecond), "annbee@example.com", 0, 1},
		{lastMinute.Add(24 * time.Hour), "ann_bee@example.com", 1, 1},
	} {
		h.clock.Pass(tt.at.Sub(h.clock.Now()))
		if mails, jobs := ask(tt.asked); mails != tt.mails || jobs != tt.jobs {
			t.Errorf("%s, %s: %d mails and %d questions, want %d and %d", tt.at.Format(time.DateTime), tt.asked, mails, jobs, tt.mails, tt.jobs)
		}
	}
}

// Who has a person erased cannot have that address mailed again the same day.
func TestEraseKeepsTheDayOfABlindMail(t *testing.T) {
	h := newHouse(t)
	h.portal.similar = []account.Account{{ID: "1", Email: "ann.bee@example.com"}}
	total := 0
	for range 2 {
		b := h.prove("ann_bee@example.com")
		b.diagnose()
		b.must(b.do(h.MailOtherAddress))
		h.sendAll()
		total += len(b.mails(recovery.KindOtherAddress))
		for _, gone := range []string{"ann_bee@example.com", "ann.bee@example.com"} {
			_, err := h.Erase(t.Context(), parse(t, gone))
			b.must(err)
		}
	}
	if total != 1 {
		t.Errorf("%d blind mails in a day with everything erased in between, want 1", total)
	}
}

func TestFreeMailIsNeverAskedAboutOthers(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@gmail.com")
	b.diagnose()
	wantErr(t, b.do(h.MailOtherAddress), recovery.ErrNotAllowed)
}

func TestEraseLeavesNoAddress(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.must(b.handOff("Please help."))
	c := b.theCase()
	gone, err := h.Erase(t.Context(), parse(t, "ann@example.com"))
	b.must(err)
	if gone != 1 {
		t.Errorf("%d cases erased, want 1", gone)
	}
	if _, err := h.store.Case(t.Context(), c.ID); err == nil {
		t.Error("the case is still there")
	}
	acts, err := h.store.Audit(t.Context(), c.Reference)
	b.must(err)
	for _, a := range acts {
		if a.AddressHash != "" {
			t.Error("the audit trail kept the hash of the address")
		}
	}
	if len(acts) == 0 {
		t.Error("the audit trail lost its acts")
	}
}

// A request that had loaded its browser's session does not write back what was erased meanwhile.
func TestEraseTakesWhatARequestHadLoaded(t *testing.T) {
	h := newHouse(t)
	other := h.browser()
	other.start("carl@example.com")
	b := h.browser()
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		return h.Arrive(ctx, v, recovery.UnsignedLink{Email: "ann@example.com"})
	}))
	v := b.visitor()
	_, err := h.Erase(t.Context(), parse(t, "ann@example.com"))
	b.must(err)
	_, err = h.HoldLink(t.Context(), v, h.token(other.mails(recovery.KindProve)[0].ChallengeID))
	b.must(err)
	if s := b.visitor().Session; s.Prefill != "" || len(s.Held) != 1 {
		t.Errorf("the session holds the address %q, and the links %v", s.Prefill, s.Held)
	}
}

// A case is somebody's by every address that it ever had, the first one included, which was never proven; and of
// who only started, the audit trail knows nothing but that somebody did.
func TestEraseFindsTheFirstAddressOfACase(t *testing.T) {
	for _, gone := range []string{"first@example.com", "second@example.com"} {
		h := newHouse(t)
		b := h.browser()
		b.start("first@example.com")
		c := b.theCase()
		acts, err := h.store.Audit(t.Context(), c.Reference)
		b.must(err)
		if len(acts) != 1 || acts[0].Act != recovery.ActStarted || acts[0].AddressHash != "" {
			t.Errorf("a start left %+v", acts)
		}
		b.start("second@example.com")
		if now := b.theCase(); now.ID != c.ID || now.Address != "second@example.com" {
			t.Fatalf("another address made case %+v of %+v", now, c)
		}
		if cases, err := h.Erase(t.Context(), parse(t, gone)); err != nil || cases != 1 {
			t.Errorf("erasing %s took %d cases, %v", gone, cases, err)
		}
		acts, err = h.store.Audit(t.Context(), c.Reference)
		b.must(err)
		for _, a := range acts {
			if a.AddressHash != "" {
				t.Errorf("%s: the audit trail kept a hash with %q", gone, a.Act)
			}
		}
	}
}

// A page that is rebuilt because the portal failed does not wait for it as long again.
func TestPortalThatFailedIsAskedBriefly(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	b.diagnose()
	if got := h.portal.patience; got <= 4*time.Second || got > 5*time.Second {
		t.Errorf("the portal gets %s, want 5 s", got)
	}
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.Diagnose(recovery.Briefly(ctx), v)
		return err
	}))
	if got := h.portal.patience; got > time.Second {
		t.Errorf("a portal that has just failed gets %s, want 1 s", got)
	}
}

func TestMessageOutlivesTheProof(t *testing.T) {
	h := newHouse(t)
	b := h.prove("ann@example.com")
	h.clock.Pass(31 * time.Minute)
	wantErr(t, b.handOff("Written at length."), recovery.ErrNotProven)
	b.must(b.do(h.Resend))
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	view, err := h.HandOffView(t.Context(), b.visitor())
	b.must(err)
	if view.Draft != "Written at length." {
		t.Errorf("the message came back as %q", view.Draft)
	}
	b.must(b.handOff(view.Draft))
	if got := b.visitor().Session.Draft; got != "" {
		t.Errorf("the draft is still kept: %q", got)
	}
}

// An account at another address hears of a hand-off in a notice of its own.
func TestOwnersAtOtherAddressesGetANotice(t *testing.T) {
	h := newHouse(t)
	a := legacyAccount("owner@example.com")
	a.Identity = &account.Identity{Email: "ann@example.com", EmailVerified: true, State: account.IdentityActive}
	h.portal.has(a)
	b := h.prove("ann@example.com")
	b.must(b.handOff("For support alone."))
	copies, notices := b.mails(recovery.KindHandedOff), b.mails(recovery.KindHandOffNotice)
	if len(copies) != 1 || len(notices) != 1 {
		t.Fatalf("%d copies and %d notices, want one of each", len(copies), len(notices))
	}
	for want, d := range map[string]recovery.Delivery{"ann@example.com": copies[0], "owner@example.com": notices[0]} {
		if got := h.challenge(d.AsideID).Address; got != want {
			t.Errorf("the %s goes to %s, want %s", d.Kind, got, want)
		}
	}
}

// The ticket of "this wasn't me" says what the case had found, and not that nothing was.
func TestDisownTicketHoldsWhatWasFound(t *testing.T) {
	h := newHouse(t)
	attacker, _ := h.signInLink()
	attacker.diagnose()
	caseID := attacker.theCase().ID
	owner := h.browser()
	owner.open(h.token(attacker.mails(recovery.KindSignIn)[0].AsideID))
	owner.must(owner.pressDisown("ann@example.com"))
	filed, err := h.store.HandOff(t.Context(), caseID, recovery.HandOffDisown)
	owner.must(err)
	e, err := recovery.DecodeEvidence(filed.Evidence)
	owner.must(err)
	if len(e.Findings) != 1 || e.Findings[0].Situation != "unlinked-legacy" || e.Findings[0].AccountID == "" {
		t.Errorf("findings are %+v", e.Findings)
	}
}

// Nor are the numbers lost that the case's own request to support told of the accounts, those of a neutral finding aside.
func TestDisownTicketHoldsTheNumbersOfTheRequest(t *testing.T) {
	h := newHouse(t)
	a := legacyAccount("ann@example.com")
	a.Identity = &account.Identity{Provider: "gitlab", Subject: "4711", Email: "other@example.net", EmailVerified: true, State: account.IdentityActive}
	a.BillingAccounts = []account.Membership{{ID: "A-7", Role: "manager"}}
	h.portal.has(a)
	b := h.prove("ann@example.com")
	b.must(b.handOff("Please help."))
	c := b.theCase()
	owner := h.browser()
	owner.open(h.token(b.mails(recovery.KindHandedOff)[0].AsideID))
	calls := h.portal.calls
	owner.must(owner.pressDisown("ann@example.com"))
	if h.portal.calls != calls {
		t.Error("the portal was asked while somebody disowned a case")
	}
	found := func(kind recovery.HandOffKind) []recovery.EvidenceFinding {
		filed, err := h.store.HandOff(t.Context(), c.ID, kind)
		b.must(err)
		e, err := recovery.DecodeEvidence(filed.Evidence)
		b.must(err)
		return e.Findings
	}
	asked, disowned := found(recovery.HandOffSupport), found(recovery.HandOffDisown)
	if len(asked) == 0 || len(asked) != len(disowned) {
		t.Fatalf("asked with %+v, disowned with %+v", asked, disowned)
	}
	for i, f := range disowned {
		if f.Identity != "4711" || !slices.Equal(f.BillingAccounts, []string{"A-7"}) || f.Situation != asked[i].Situation {
			t.Errorf("got %+v, want the numbers of %+v", f, asked[i])
		}
	}
}

// A proof goes from the store a day after its end; that it was made does not. Of an address that was never
// proven, nothing is told then either.
func TestEvidenceOutlivesTheProofs(t *testing.T) {
	h := newHouse(t)
	attacker, _ := h.signInLink()
	attacker.diagnose()
	c := attacker.theCase()
	aside := h.token(attacker.mails(recovery.KindSignIn)[0].AsideID)
	proven := h.clock.Now()
	attacker.start("second@example.com")
	attacker.must(attacker.enter(h.code(attacker.mails(recovery.KindProve)[0])))
	attacker.start("never-proven@example.com")
	h.clock.Pass(3 * 24 * time.Hour)
	_, err := h.Sweep(t.Context())
	attacker.must(err)
	if left, err := h.store.CaseProofs(t.Context(), c.ID); err != nil || len(left) > 0 {
		t.Fatalf("%d proofs are left, %v", len(left), err)
	}
	check := func(where string, e recovery.Evidence) {
		t.Helper()
		if len(e.Proven) != 2 || e.Proven[0].Address != "ann@example.com" || e.Proven[0].Via != recovery.ViaCode ||
			!e.Proven[0].At.Equal(proven) || e.Proven[1].Address != "second@example.com" {
			t.Errorf("%s: proven are %+v", where, e.Proven)
		}
	}
	g := h.grace()
	g.must(g.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		story, err := g.agents.Story(ctx, v, c.Reference)
		check("the console", story.Evidence)
		return err
	}))
	owner := h.browser()
	owner.open(aside)
	owner.must(owner.pressDisown("ann@example.com"))
	filed, err := h.store.HandOff(t.Context(), c.ID, recovery.HandOffDisown)
	owner.must(err)
	e, err := recovery.DecodeEvidence(filed.Evidence)
	owner.must(err)
	check("the ticket", e)
}

// What was handed off is shown as it went: a portal that hangs keeps nobody from reading the reference.
func TestFiledHandOffAsksNobody(t *testing.T) {
	h := newHouse(t)
	h.portal.has(legacyAccount("ann@example.com"))
	b := h.prove("ann@example.com")
	b.must(b.handOff("Please help."))
	calls := h.portal.calls
	view, err := h.HandOffView(t.Context(), b.visitor())
	b.must(err)
	if h.portal.calls != calls {
		t.Errorf("the portal was asked %d times more", h.portal.calls-calls)
	}
	if view.Filed == nil || len(view.Report.General) != 1 || view.Report.General[0].ID != "unlinked-legacy" {
		t.Errorf("shown are %+v", view.Report.General)
	}
}

// What a customer writes stands quoted, line by line, above what was proven and found. Whatever else ends a line on its
// way to an agent's screen is a new line here, so that nothing of it is left outside of the quotation.
func TestTheWordsOfAHandOffHaveOneKindOfLine(t *testing.T) {
	for name, typed := range map[string]string{
		"windows": "a\r\nb", "old mac": "a\rb", "vertical tab": "a\vb", "form feed": "a\fb", "next line": "a\u0085b",
		"line separator": "a\u2028b", "paragraph separator": "a\u2029b", "escapes": "a\n\x1b\bb", "as it is": "a\nb",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.portal.has(legacyAccount("ann@example.com"))
			b := h.prove("ann@example.com")
			b.must(b.handOff(typed + "\tc d"))
			filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
			b.must(err)
			if want := "a\nb\tc d"; filed.Message != want {
				t.Errorf("filed is %q, want %q", filed.Message, want)
			}
		})
	}
}
