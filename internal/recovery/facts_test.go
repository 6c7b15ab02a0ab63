package recovery_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/recovery"
)

// systems are all that facts are asked of. Each look-up may fail, and calls `each` first.
type systems struct {
	*portal
	fails map[string]error
	each  func(ctx context.Context, what string)
	mu    sync.Mutex
	asked []string
}

func (s *systems) ask(ctx context.Context, what string) error {
	s.mu.Lock()
	s.asked = append(s.asked, what)
	s.mu.Unlock()
	if s.each != nil {
		s.each(ctx, what)
	}
	return s.fails[what]
}

func (s *systems) AccountsByEmail(ctx context.Context, a account.Address) ([]account.Account, error) {
	if err := s.ask(ctx, "accounts"); err != nil {
		return nil, err
	}
	return s.portal.AccountsByEmail(ctx, a)
}

func (s *systems) AccountsByIdentityEmail(ctx context.Context, a account.Address) ([]account.Account, error) {
	if err := s.ask(ctx, "linked"); err != nil {
		return nil, err
	}
	return s.portal.AccountsByIdentityEmail(ctx, a)
}

func (s *systems) BillingAccountsByContact(ctx context.Context, a account.Address) ([]account.BillingRelation, error) {
	if err := s.ask(ctx, "contacts"); err != nil {
		return nil, err
	}
	return s.portal.BillingAccountsByContact(ctx, a)
}

func (s *systems) BillingAccountsByInvitation(ctx context.Context, a account.Address) ([]account.BillingRelation, error) {
	if err := s.ask(ctx, "invitations"); err != nil {
		return nil, err
	}
	return s.portal.BillingAccountsByInvitation(ctx, a)
}

func (s *systems) PasswordResets(ctx context.Context, _ account.Address, since time.Time) (account.Resets, error) {
	return account.Resets{Identity: since.Add(time.Hour)}, s.ask(ctx, "resets")
}

// lists are the suppressions behind the systems.
type lists struct{ *systems }

func (l lists) Of(ctx context.Context, address string) ([]account.Suppression, error) {
	return []account.Suppression{{List: account.ListBounces, Code: "550"}}, l.ask(ctx, "suppressions of "+address)
}

const zoe = "Zoe@example.com"

// troubled is a house with a customer whom every look-up has something to tell of.
func troubled(t *testing.T, change ...func(*recovery.Policy)) (*house, *systems) {
	t.Helper()
	h := newHouse(t, change...)
	h.portal.has(account.Account{
		ID: "1", Email: zoe, SignInEnabled: true, ConfirmedAt: h.clock.Now().AddDate(-1, 0, 0),
		Identity: &account.Identity{
			Provider: "gitlab", Subject: "9", Email: "zoe@example.com", EmailVerified: true, State: account.IdentityActive, PasswordEnabled: true,
		},
		BillingAccounts: []account.Membership{{ID: "A-1"}},
	})
	h.portal.contacts = map[string][]account.BillingRelation{"zoe@example.com": {{ID: "A-2", Relation: account.RelationSoldTo}}}
	h.portal.invitations = map[string][]account.BillingRelation{}
	s := &systems{portal: h.portal, fails: map[string]error{}}
	h.Portal, h.MailLog, h.Suppressions = s, s, lists{s}
	return h, s
}

func TestALookUpThatFailsIsNoFinding(t *testing.T) {
	away := errors.Join(recovery.ErrPortal, errors.New("away"))
	all := []diagnosis.ID{diagnosis.MailSuppressed, diagnosis.ResetOnWrongSite, diagnosis.TwoBillingAccounts}
	without := func(id diagnosis.ID) []diagnosis.ID {
		return slices.DeleteFunc(slices.Clone(all), func(other diagnosis.ID) bool { return other == id })
	}
	for _, tt := range []struct {
		fails string
		want  []diagnosis.ID
		check diagnosis.CheckID // that could not be made
	}{
		{"", all, ""},
		{"contacts", without(diagnosis.TwoBillingAccounts), diagnosis.CheckInvitations},
		{"invitations", all, diagnosis.CheckInvitations},
		{"suppressions of " + zoe, without(diagnosis.MailSuppressed), diagnosis.CheckPortalMail},
		{"resets", without(diagnosis.ResetOnWrongSite), diagnosis.CheckResets},
		{"linked", all, diagnosis.CheckLinkedAccounts},
		{"accounts", nil, diagnosis.CheckAccounts},
	} {
		t.Run(tt.fails, func(t *testing.T) {
			h, s := troubled(t)
			s.fails[tt.fails] = away
			r := h.prove(zoe).diagnose().Report
			var got []diagnosis.ID
			for _, a := range r.Accounts {
				for _, f := range a.Findings {
					got = append(got, f.ID)
				}
			}
			if !slices.Equal(got, tt.want) || len(r.General) > 0 {
				t.Errorf("found %v and %v, want %v", got, r.General, tt.want)
			}
			var failed []diagnosis.CheckID
			for _, c := range r.Checks {
				if c.State == diagnosis.CheckFailed {
					failed = append(failed, c.ID)
				}
			}
			if want := slices.DeleteFunc([]diagnosis.CheckID{tt.check}, func(c diagnosis.CheckID) bool { return c == "" }); !slices.Equal(failed, want) {
				t.Errorf("not made: %v, want %v", failed, want)
			}
		})
	}
}

// The lists are read for the stored bytes of the accounts at the proven address, once each, and for nobody
// else (R1).
func TestWhoseSuppressionsAreRead(t *testing.T) {
	of := func(s *systems) (addresses []string) {
		for _, what := range s.asked {
			if len(what) > 16 && what[:16] == "suppressions of " {
				addresses = append(addresses, what[16:])
			}
		}
		slices.Sort(addresses)
		return addresses
	}
	h, s := troubled(t)
	h.portal.has(account.Account{ID: "2", Email: zoe, SignInEnabled: true})
	h.portal.has(account.Account{ID: "3", Email: "zoe@EXAMPLE.com", SignInEnabled: true})
	h.portal.has(account.Account{ID: "4", Email: "other@example.com", Identity: &account.Identity{
		Provider: "gitlab", Email: "zoe@example.com", EmailVerified: true,
	}})
	b := h.browser()
	b.start(zoe)
	if len(s.asked) > 0 {
		t.Fatalf("asked before proof: %v", s.asked)
	}
	b.must(b.enter(h.code(b.mails(recovery.KindProve)[0])))
	b.diagnose()
	if got, want := of(s), []string{zoe, "zoe@EXAMPLE.com"}; !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
	s.asked = nil
	h.prove("nobody@example.com").diagnose()
	if got := of(s); len(got) > 0 {
		t.Errorf("without an account, asked for %q", got)
	}
}

// Everything is asked at once: no look-up waits for another, but for the lists, which wait for the accounts.
func TestFactsAreAskedAtOnce(t *testing.T) {
	h, s := troubled(t)
	b := h.prove(zoe)
	var all sync.WaitGroup
	all.Add(5)
	s.each = func(ctx context.Context, what string) {
		if what == "suppressions of "+zoe {
			return
		}
		all.Done()
		together := make(chan struct{})
		go func() { all.Wait(); close(together) }()
		select {
		case <-together:
		case <-ctx.Done():
			t.Errorf("%s was asked alone", what)
		}
	}
	b.diagnose()
}

// What only explains is not asked when a button is pressed: a mail log that hangs keeps nobody out.
func TestAHangingMailLogKeepsNobodyOut(t *testing.T) {
	h, s := troubled(t)
	b := h.prove(zoe)
	s.each = func(ctx context.Context, what string) {
		if what != "accounts" && what != "linked" {
			t.Errorf("%s is asked to sign in", what)
		}
	}
	b.must(b.do(func(ctx context.Context, v *recovery.Visitor) error {
		_, err := h.SignInNow(ctx, v, "1")
		return err
	}))
}

// The policy alone says how old a reset may be to count: whatever the mail log tells of is found.
func TestTheWindowOfResets(t *testing.T) {
	for _, window := range []time.Duration{2 * time.Hour, 7 * 24 * time.Hour, 60 * 24 * time.Hour} {
		h, _ := troubled(t, func(p *recovery.Policy) { p.ResetWindow = window })
		found := h.prove(zoe).diagnose().Report.Accounts[0].Findings
		at := slices.IndexFunc(found, func(f diagnosis.Finding) bool { return f.ID == diagnosis.ResetOnWrongSite })
		if at < 0 {
			t.Errorf("%s: the reset was not found", window)
			continue
		}
		if got, want := found[at].Evidence.At, h.clock.Now().Add(time.Hour-window); !got.Equal(want) {
			t.Errorf("%s: the reset is of %s, want %s", window, got, want)
		}
	}
}

// Without suppressions and a mail log there is no check to be made, and none that failed.
func TestWhatIsNotConfiguredIsNotListed(t *testing.T) {
	h, _ := troubled(t)
	h.MailLog, h.Suppressions = nil, nil
	for _, c := range h.prove(zoe).diagnose().Report.Checks {
		if c.ID == diagnosis.CheckPortalMail || c.ID == diagnosis.CheckResets {
			t.Errorf("%v is listed", c)
		}
	}
}
