package recovery_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

const sawTaken diagnosis.Symptom = "saw-email-taken"

// sayingHouse is a house that has a message which is a sign of owner-left, and a customer with two findings
// of one rank.
func sayingHouse(t *testing.T) (*house, *browser) {
	t.Helper()
	h := newHouse(t)
	h.Messages = diagnosis.Messages{{ID: sawTaken, Text: "“Email has been taken”", Signs: []diagnosis.ID{diagnosis.OwnerLeft}}}
	h.portal.accounts["zoe@example.com"] = []account.Account{{
		ID: "1", Email: "zoe@example.com", SignInEnabled: true, ConfirmedAt: h.clock.Now().AddDate(-1, 0, 0),
		Identity:        &account.Identity{Provider: "gitlab", Subject: "9", Email: "other@example.com", State: account.IdentityActive},
		BillingAccounts: []account.Membership{{ID: "A-1", Role: account.RoleFormerOwner}},
	}}
	return h, h.prove("zoe@example.com")
}

func (b *browser) say(symptom diagnosis.Symptom) error {
	return b.do(func(ctx context.Context, v *recovery.Visitor) error { return b.h.Say(ctx, v, symptom) })
}

func (b *browser) acts(act string) []string {
	b.h.t.Helper()
	all, err := b.h.store.Audit(b.h.t.Context(), b.theCase().Reference)
	b.must(err)
	var details []string
	for _, a := range all {
		if a.Act == act {
			details = append(details, a.Detail)
		}
	}
	return details
}

func first(d recovery.Diagnosis) diagnosis.ID { return d.Report.Accounts[0].Findings[0].ID }

func TestWhatACustomerSawSharpensTheOrder(t *testing.T) {
	_, b := sayingHouse(t)
	if got := b.diagnose(); first(got) != diagnosis.LinkedEmailMismatch || got.Said != "" {
		t.Fatalf("before: %s first, said %q", first(got), got.Said)
	}
	b.must(b.say(sawTaken))
	b.must(b.say(sawTaken)) // a double press
	got := b.diagnose()
	if first(got) != diagnosis.OwnerLeft || got.Said != sawTaken {
		t.Errorf("after: %s first, said %q", first(got), got.Said)
	}
	if b.next() != recovery.StepSituation {
		t.Errorf("the next page is %s", b.next())
	}
	b.must(b.say(diagnosis.SaidNothing))
	b.must(b.say(diagnosis.SaidNothing))
	if got := b.diagnose(); first(got) != diagnosis.LinkedEmailMismatch || got.Said != "" {
		t.Errorf("taken back: %s first, said %q", first(got), got.Said)
	}
	if got := b.acts(recovery.ActSaid); !slices.Equal(got, []string{string(sawTaken), "none"}) {
		t.Errorf("the audit trail has %q, want what was said and what took it back, each once", got)
	}
}

func TestOnlyWhatIsAskedMayBeSaidAndOnlyAfterProof(t *testing.T) {
	h, b := sayingHouse(t)
	h.Messages = append(h.Messages, diagnosis.Message{ID: "saw-no-mail", Also: []string{"no mail"}, Signs: []diagnosis.ID{diagnosis.Unconfirmed}})
	for _, unasked := range []diagnosis.Symptom{"saw-made-up", "saw-no-mail"} {
		if err := b.say(unasked); !errors.Is(err, recovery.ErrNotAllowed) {
			t.Errorf("%s, which is not offered: %v", unasked, err)
		}
	}
	if err := h.browser().say(sawTaken); !errors.Is(err, recovery.ErrNoCase) {
		t.Errorf("without a case: %v", err)
	}
	before := h.browser()
	before.start("zoe@example.com")
	if err := before.say(sawTaken); !errors.Is(err, recovery.ErrNotProven) {
		t.Errorf("before proof: %v", err)
	}
	if got := before.acts(recovery.ActSaid); len(got) > 0 {
		t.Errorf("before proof %q was noted", got)
	}
}

// What was said holds for its address alone: another one of the same case has its own answer.
func TestWhatWasSaidBelongsToItsAddress(t *testing.T) {
	h, b := sayingHouse(t)
	b.must(b.say(sawTaken))
	b.start("other@example.com")
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	if got := b.diagnose(); got.Said != "" {
		t.Errorf("the other address is said to have seen %q", got.Said)
	}
}

func TestSupportIsToldWhatWasSeen(t *testing.T) {
	h, b := sayingHouse(t)
	b.must(b.say(sawTaken))
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error { return h.HandOff(ctx, v, "please help") }))
	filed, err := h.store.HandOff(t.Context(), b.theCase().ID, recovery.HandOffSupport)
	if err != nil {
		t.Fatal(err)
	}
	e, err := recovery.DecodeEvidence(filed.Evidence)
	if err != nil || e.Said == nil || e.Said.Symptom != sawTaken || e.Said.Text != "“Email has been taken”" {
		t.Errorf("the ticket has %+v, %v", e.Said, err)
	}
}
