package recovery_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// sent counts the proof mails that would go out for starts from the networks, in turn.
func (h *house) sent(typed string, nets ...string) int {
	h.t.Helper()
	n := 0
	for _, net := range nets {
		b := h.browser()
		b.net = net
		b.start(typed)
		if b.mails(recovery.KindProve)[0].Refusal == "" {
			n++
		}
	}
	return n
}

func networks(n int) []string {
	nets := make([]string, n)
	for i := range nets {
		nets[i] = fmt.Sprintf("198.51.%d.0/24", i)
	}
	return nets
}

func same(net string, n int) []string {
	nets := make([]string, n)
	for i := range nets {
		nets[i] = net
	}
	return nets
}

func TestAddressGetsFiveAnHourAndTwelveADay(t *testing.T) {
	h := newHouse(t)
	if got := h.sent("ann@example.com", networks(8)...); got != 5 {
		t.Errorf("%d mails in an hour, want 5", got)
	}
	h.clock.Pass(59 * time.Minute)
	if got := h.sent("ann@example.com", networks(1)...); got != 0 {
		t.Error("a sixth mail within the hour")
	}
	total := 5
	for range 30 {
		h.clock.Pass(67 * time.Minute)
		if h.clock.Now().Sub(time.Date(2026, 3, 5, 14, 2, 0, 0, time.UTC)) > 23*time.Hour {
			break
		}
		total += h.sent("ann@example.com", networks(5)...)
	}
	if total != 12 {
		t.Errorf("%d mails in a day, want 12", total)
	}
}

func TestOneNetworkGetsThreeOfThem(t *testing.T) {
	h := newHouse(t)
	if got := h.sent("ann@example.com", same("198.51.100.0/24", 6)...); got != 3 {
		t.Errorf("one network had %d mails sent, want 3", got)
	}
	if got := h.sent("ann@example.com", networks(6)...); got != 2 {
		t.Errorf("the others had %d mails sent, want the 2 that are left", got)
	}
}

// Whatever the moments at which two networks ask, and whatever is swept in between, no hour and no day holds more
// than the mailbox may have, nor more of one network than its share. That as many as that are mailed is said by the
// tests above: here it depends on where the network's slot, which follows from the key, lies between the moments.
func TestTwoNetworksShareAMailbox(t *testing.T) {
	h := newHouse(t)
	all, of := []time.Time{}, map[string][]time.Time{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		h.clock.Pass(time.Duration(random.Int64N(int64(20 * time.Minute))))
		if _, err := h.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		net := networks(2)[random.IntN(2)]
		if h.sent("ann@example.com", net) == 1 {
			all, of[net] = append(all, h.clock.Now()), append(of[net], h.clock.Now())
		}
	}
	atMost := func(what string, sent []time.Time, hour, day int) {
		if most := mostWithin(sent, time.Hour); most > hour || most == 0 {
			t.Errorf("%s had %d mails in an hour, want 1 to %d", what, most, hour)
		}
		if most := mostWithin(sent, 24*time.Hour); most > day || most == 0 {
			t.Errorf("%s had %d mails in a day, want 1 to %d", what, most, day)
		}
	}
	atMost("the mailbox", all, 5, 12)
	for net, sent := range of {
		atMost(net, sent, 3, 6)
	}
}

// mostWithin is how many of the moments, which are in order, any stretch of that length holds.
func mostWithin(moments []time.Time, length time.Duration) int {
	most, first := 0, 0
	for i, at := range moments {
		for at.Sub(moments[first]) >= length {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func TestDotsAndPlusTagsAreOneMailboxForLimits(t *testing.T) {
	h := newHouse(t)
	n := 0
	for i, typed := range []string{"a.nn@example.com", "ann+1@example.com", "ANN@example.com", "ann@example.com", "a.n.n+x@example.com", "ann+2@example.com"} {
		n += h.sent(typed, networks(6)[i])
	}
	if n != 5 {
		t.Errorf("%d mails, want 5", n)
	}
}

// Which budget refused a mail is told for metrics and the log, once it was kept; the customer sees the same for all.
func TestWhichBudgetIsSpentIsTold(t *testing.T) {
	for name, tt := range map[string]struct {
		policy func(p *recovery.Policy)
		want   string
	}{
		"of all":       {func(p *recovery.Policy) { p.GlobalHour = 1 }, recovery.CappedAll},
		"of a network": {func(p *recovery.Policy) { p.GlobalNetHour = 1 }, recovery.CappedNetwork},
		"of a mailbox": {func(p *recovery.Policy) { p.AddressDay = 1 }, recovery.CappedMailbox},
		"the share that a network has of a mailbox": {func(p *recovery.Policy) { p.AddressNetHour = 1 }, recovery.CappedMailbox},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, tt.policy)
			var told []string
			deps := h.Deps
			deps.Store, deps.Observe = busyStore{Store: h.store}, func(act string) { told = append(told, act) }
			h.Service = recovery.New(deps)
			if sent := h.sent("ann@example.com", same("198.51.100.0/24", 2)...); sent != 1 {
				t.Fatalf("%d mails, want 1", sent)
			}
			if want := []string{recovery.ActStarted, tt.want, recovery.ActStarted}; !slices.Equal(told, want) {
				t.Errorf("told of %q, want %q", told, want)
			}
		})
	}
}

func TestGlobalBudgetAndItsShareOfOneNetwork(t *testing.T) {
	h := newHouse(t, func(p *recovery.Policy) { p.GlobalHour, p.GlobalNetHour = 20, 4 })
	one := 0
	for i := range 10 {
		one += h.sent(fmt.Sprintf("one%d@example.com", i), "203.0.113.0/24")
	}
	if one != 4 {
		t.Errorf("one network had %d mails, want 4", one)
	}
	all := one
	for i, net := range networks(30) {
		all += h.sent(fmt.Sprintf("all%d@example.com", i), net)
	}
	if all != 20 {
		t.Errorf("%d mails in all, want 20", all)
	}
}

// Refused starts look like any other: a case, a challenge and a delivery that waits for its worker.
func TestRefusedStartsAreLikeOthers(t *testing.T) {
	h := newHouse(t)
	stopped := h.browser()
	stopped.start("ann@example.com")
	d := stopped.mails(recovery.KindProve)[0]
	stopped.open(h.token(d.AsideID))
	stopped.must(stopped.pressStop("ann@example.com"))

	b := h.browser()
	b.start("ann@example.com")
	other := h.browser()
	other.start("bob@example.com")
	got, err := h.Waiting(t.Context(), b.visitor())
	b.must(err)
	want, err := h.Waiting(t.Context(), other.visitor())
	b.must(err)
	got.Reference, got.Address = want.Reference, want.Address
	if got != want {
		t.Errorf("a stopped address waits as %+v, another as %+v", got, want)
	}
	h.sendAll()
	if got := b.mails(recovery.KindProve)[0]; got.State != recovery.StateFailed || got.Reason != recovery.ReasonStopped {
		t.Errorf("the worker left it %s (%s)", got.State, got.Reason)
	}
	h.clock.Pass(30*24*time.Hour + time.Minute)
	again := h.browser()
	again.start("ann@example.com")
	if got := again.mails(recovery.KindProve)[0].Refusal; got != "" {
		t.Errorf("after thirty days mail is still refused: %s", got)
	}
}
