package recovery_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

const annBee = "ann.bee@example.com"

// Who asked for no more mail gets no blind mail either (R12), nobody gets more than their own cap or that of all
// together (R10), and metrics alone are told what came of it (R2).
func TestWhatComesOfABlindMail(t *testing.T) {
	hourPasses := func(h *house) { h.clock.Pass(2 * time.Hour) }
	for name, tt := range map[string]struct {
		before func(h *house)
		change func(p *recovery.Policy)
		mails  int
		told   string
	}{
		"nobody there": {before: func(h *house) { h.portal.similar = nil }, told: "blind:nobody"},
		"mailed":       {mails: 1, told: "blind:queued"},
		"three accounts of one mailbox, and two more": {before: func(h *house) {
			for _, email := range []string{"Ann.Bee@Example.com", annBee, "a.bee@example.com", "annbee@example.com"} {
				h.portal.similar = append(h.portal.similar, account.Account{ID: email, Email: email})
			}
		}, mails: 3, told: "blind:queued"},
		"mailed by another who asked": {before: func(h *house) {
			b := h.prove("ann-bee@example.com")
			b.diagnose()
			b.must(b.do(h.MailOtherAddress))
			h.sendAll()
		}, told: "blind:already-today"},
		"stopped":                  {before: func(h *house) { h.stop(annBee) }, told: "blind:stopped"},
		"one below the hour's cap": {before: func(h *house) { h.sent(annBee, networks(4)...) }, mails: 1, told: "blind:queued"},
		"at the hour's cap":        {before: func(h *house) { h.sent(annBee, networks(5)...) }, told: "blind:capped"},
		"one below the day's cap": {before: func(h *house) {
			for _, n := range []int{5, 5, 1} {
				h.sent(annBee, networks(n)...)
				hourPasses(h)
			}
		}, mails: 1, told: "blind:queued"},
		"at the day's cap": {before: func(h *house) {
			for _, n := range []int{5, 5, 2} {
				h.sent(annBee, networks(n)...)
				hourPasses(h)
			}
		}, told: "blind:capped"},
		"nothing left for all together": {change: func(p *recovery.Policy) { p.GlobalHour = 1 }, told: "blind:capped"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, func(p *recovery.Policy) {
				if tt.change != nil {
					tt.change(p)
				}
			})
			h.portal.similar = []account.Account{{ID: "1", Email: annBee}}
			if tt.before != nil {
				tt.before(h)
			}
			var told []string
			deps := h.Deps
			deps.Store, deps.Observe = h.store, func(act string) { told = append(told, act) }
			h.Service = recovery.New(deps)
			b := h.prove("ann_bee@example.com")
			b.diagnose()
			b.must(b.do(h.MailOtherAddress))
			told = nil
			h.sendAll()
			if got := len(b.mails(recovery.KindOtherAddress)); got != tt.mails {
				t.Errorf("%d blind mails, want %d", got, tt.mails)
			}
			if !slices.Contains(told, tt.told) {
				t.Errorf("told %q, want %s", told, tt.told)
			}
		})
	}
}

// The portal is away: the job is tried again, and counted. Who asked is erased: there is nothing left to ask about.
func TestABlindMailThatCannotBeAskedFor(t *testing.T) {
	h := newHouse(t)
	var told []string
	deps := h.Deps
	deps.Store, deps.Observe = h.store, func(act string) { told = append(told, act) }
	s := recovery.New(deps)
	h.portal.fail = recovery.ErrPortal
	wantErr(t, s.FindOthers(t.Context(), recovery.Job{Notice: &recovery.OtherNotice{Address: "ann_bee@example.com"}}), recovery.ErrPortal)
	if want := []string{"blind:failed"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	calls := h.portal.calls
	wantErr(t, s.FindOthers(t.Context(), recovery.Job{}), nil)
	if h.portal.calls != calls {
		t.Error("the portal was asked about nobody")
	}
}
