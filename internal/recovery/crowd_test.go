package recovery_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"latchkey/internal/recovery"
)

// newcomer is the browser's next request, whose cookie is taken for new.
func (b *browser) newcomer() *recovery.Visitor {
	b.h.t.Helper()
	v := b.visitor()
	if v.Session.NewCookie != "" {
		b.cookie = v.Session.NewCookie
	}
	session, ok := b.h.Newcomer(b.cookie)
	if !ok {
		b.h.t.Fatal("no newcomer")
	}
	v.Session = session
	return v
}

// atOnce has all browsers start at the same time, each as a newcomer, and returns what each was told.
func (h *house) atOnce(browsers []*browser, typed func(i int) string) []error {
	h.t.Helper()
	told := make([]error, len(browsers))
	var all sync.WaitGroup
	for i, b := range browsers {
		v, a := b.newcomer(), parse(h.t, typed(i))
		all.Go(func() { told[i] = h.StartNewcomer(h.t.Context(), v, a) })
	}
	all.Wait()
	return told
}

// mailed counts those whose proof mail would go out.
func mailed(browsers []*browser) (n int) {
	for _, b := range browsers {
		if b.mails(recovery.KindProve)[0].Refusal == "" {
			n++
		}
	}
	return n
}

// Whoever comes in a crowd passes no budget, and takes nothing from who comes after it. On PostgreSQL that is so
// for the budget of all where they come to one replica and are new to it.
func TestACrowdKeepsToTheBudgets(t *testing.T) {
	const allHour, netHour = 30, 10
	for name, tt := range map[string]struct {
		typed func(i int) string
		nets  []string
		want  int
	}{
		"of all":       {func(i int) string { return fmt.Sprint("ann", i, "@example.com") }, networks(60), allHour},
		"of a network": {func(i int) string { return fmt.Sprint("ann", i, "@example.com") }, same("198.51.100.0/24", 60), netHour},
		"of a mailbox": {func(int) string { return "ann@example.com" }, networks(20), 5},
	} {
		t.Run(name, func(t *testing.T) {
			h := newBusyHouse(t, 8, func(p *recovery.Policy) {
				p.GlobalHour, p.GlobalNetHour = allHour, netHour
			})
			var crowd []*browser
			for _, net := range tt.nets {
				b := h.browser()
				b.net = net
				crowd = append(crowd, b)
			}
			if err := errors.Join(h.atOnce(crowd, tt.typed)...); err != nil {
				t.Fatal(err)
			}
			n := mailed(crowd)
			if n == 0 || n > tt.want {
				t.Errorf("%d mails at once, want up to %d", n, tt.want)
			}
			for i := range tt.want {
				n += h.sent(tt.typed(1000+i), tt.nets[len(tt.nets)-1-i])
			}
			if n != tt.want {
				t.Errorf("%d mails with those that came after, want %d", n, tt.want)
			}
		})
	}
}

// Who has been here before is told apart from newcomers, keeps the session, and is in nobody's way.
func TestReturningInACrowd(t *testing.T) {
	h := newBusyHouse(t, 8)
	crowd := []*browser{h.prove("ada@example.com"), h.prove("bob@example.com")}
	for i := range 40 {
		b := h.browser()
		b.net = fmt.Sprintf("198.51.%d.0/24", i)
		crowd = append(crowd, b)
	}
	told := h.atOnce(crowd, func(i int) string { return fmt.Sprint("ann", i, "@example.com") })
	for i, err := range told {
		if i < 2 {
			if !errors.Is(err, recovery.ErrSessionTaken) || crowd[i].next() != recovery.StepSituation {
				t.Errorf("returning: told %v, goes on with %v", err, crowd[i].next())
			}
		} else if err != nil {
			t.Error(err)
		}
	}
	if n := mailed(crowd[2:]); n != 40 {
		t.Errorf("%d newcomers are mailed, want 40", n)
	}
}
