package recovery_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

const consoleToken = "a-token-of-the-console"

// agentsPage stands in for the agents' provider.
type agentsPage struct {
	issuer   string
	who      recovery.AgentIdentity
	fail     error
	asked    []recovery.IdentitySecrets
	redeemed int
}

func (p *agentsPage) Issuer() string { return p.issuer }

func (p *agentsPage) SignInURL(_ context.Context, s recovery.IdentitySecrets) (string, error) {
	p.asked = append(p.asked, s)
	return p.issuer + "/authorize", p.fail
}

func (p *agentsPage) RedeemAgent(_ context.Context, _ string, s recovery.IdentitySecrets) (recovery.AgentIdentity, error) {
	p.redeemed++
	if s != p.asked[len(p.asked)-1] {
		return recovery.AgentIdentity{}, recovery.ErrIdentityProvider
	}
	return p.who, p.fail
}

// agent is a support agent's browser: it keeps its cookie between steps.
type agent struct {
	h      *house
	agents *recovery.Agents
	cookie string
	client string
}

func (h *house) agents(change ...func(*recovery.AgentDeps)) (*recovery.Agents, *agentsPage) {
	p := &agentsPage{issuer: "https://sso.example", who: recovery.AgentIdentity{Subject: "42", Name: "grace", Groups: []string{"staff", "support"}}}
	d := recovery.AgentDeps{Provider: p, Groups: []string{"support"}, Token: consoleToken, Policy: recovery.DefaultAgentPolicy()}
	for _, f := range change {
		f(&d)
	}
	return recovery.NewAgents(h.Service, d), p
}

func (h *house) agent() *agent {
	agents, _ := h.agents()
	return &agent{h: h, agents: agents, client: "198.51.100.7"}
}

// grace is signed in.
func (h *house) grace() *agent {
	h.t.Helper()
	a := h.agent()
	a.must(a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		return a.agents.SignInByToken(ctx, v, consoleToken, "Grace")
	}))
	return a
}

func (a *agent) must(err error) {
	a.h.t.Helper()
	if err != nil {
		a.h.t.Fatal(err)
	}
}

func (a *agent) visitor() *recovery.AgentVisitor {
	a.h.t.Helper()
	s, err := a.agents.Session(a.h.t.Context(), a.cookie)
	a.must(err)
	return &recovery.AgentVisitor{Session: s, Client: a.client}
}

func (a *agent) do(step func(context.Context, *recovery.AgentVisitor) error) error {
	a.h.t.Helper()
	v := a.visitor()
	if v.Session.NewCookie != "" {
		a.cookie = v.Session.NewCookie
	}
	err := step(a.h.t.Context(), v)
	if v.Session.NewCookie != "" {
		a.cookie = v.Session.NewCookie
	}
	return err
}

func (a *agent) signedIn() bool { return a.visitor().Session.SignedIn() }

func (a *agent) begin(back string) {
	a.h.t.Helper()
	a.must(a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		_, err := a.agents.BeginSignIn(ctx, v, back)
		return err
	}))
}

func (a *agent) comeBack(answer recovery.IdentityAnswer) (back string, err error) {
	err = a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		back, err = a.agents.FinishSignIn(ctx, v, answer)
		return err
	})
	return back, err
}

func (a *agent) resend(reference string, kind recovery.Kind, accountID string) error {
	return a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		return a.agents.Resend(ctx, v, reference, kind, accountID)
	})
}

func (a *agent) story(reference string) recovery.Story {
	a.h.t.Helper()
	var s recovery.Story
	a.must(a.do(func(ctx context.Context, v *recovery.AgentVisitor) (err error) {
		s, err = a.agents.Story(ctx, v, reference)
		return err
	}))
	return s
}

// trail is what agents did, newest first, as "who: act (detail) reference".
func (h *house) trail() []string {
	h.t.Helper()
	entries, err := h.store.AgentAudit(h.t.Context(), 0, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	var lines []string
	for _, e := range entries {
		lines = append(lines, e.Actor+": "+e.Act+" ("+e.Detail+") "+e.Reference)
	}
	return lines
}

func TestAgentsSignInByTheProvider(t *testing.T) {
	h := newHouse(t)
	agents, p := h.agents()
	a := &agent{h: h, agents: agents}
	a.begin("lk 7f3k 9mqd")
	before := a.cookie
	back, err := a.comeBack(recovery.IdentityAnswer{State: p.asked[0].State, Code: "code", Issuer: p.issuer})
	a.must(err)
	if back != "LK-7F3K-9MQD" || !a.signedIn() {
		t.Errorf("back to %q, signed in: %v", back, a.signedIn())
	}
	id, seed, _ := strings.Cut(a.cookie, ".")
	oldID, oldSeed, _ := strings.Cut(before, ".")
	if id == oldID || seed == oldSeed {
		t.Error("the cookie is, in part, the one from before the sign-in")
	}
	if s, err := agents.Session(t.Context(), before); err != nil || s.Stored {
		t.Errorf("the session from before still stands: %+v, %v", s, err)
	}
	if got, want := h.trail(), []string{"grace (42): agent-signed-in (provider) console"}; !slices.Equal(got, want) {
		t.Errorf("trail %q, want %q", got, want)
	}
}

// Who comes back otherwise is not let in, and no code is redeemed for them.
func TestAgentsWhoAreNotLetIn(t *testing.T) {
	type attempt struct {
		h     *house
		p     *agentsPage
		asked *agent
		good  recovery.IdentityAnswer
	}
	for _, tt := range []struct {
		name string
		come func(attempt) error
		want error
	}{
		{"another browser", func(a attempt) error {
			_, err := (&agent{h: a.h, agents: a.asked.agents}).comeBack(a.good)
			return err
		}, recovery.ErrIdentityState},
		{"another browser that asked as well", func(a attempt) error {
			other := &agent{h: a.h, agents: a.asked.agents}
			other.begin("")
			_, err := other.comeBack(a.good)
			return err
		}, recovery.ErrIdentityState},
		{"no state", func(a attempt) error { _, err := a.asked.comeBack(recovery.IdentityAnswer{Code: "code"}); return err }, recovery.ErrIdentityState},
		{"too late", func(a attempt) error {
			a.h.clock.Pass(10 * time.Minute)
			_, err := a.asked.comeBack(a.good)
			return err
		}, recovery.ErrIdentityState},
		{"declined", func(a attempt) error {
			_, err := a.asked.comeBack(recovery.IdentityAnswer{State: a.good.State, Error: "access_denied"})
			return err
		}, recovery.ErrIdentityDenied},
		{"another issuer", func(a attempt) error {
			_, err := a.asked.comeBack(recovery.IdentityAnswer{State: a.good.State, Code: "code", Issuer: "https://evil.example"})
			return err
		}, recovery.ErrIdentityProvider},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			agents, p := h.agents()
			a := &agent{h: h, agents: agents}
			a.begin("")
			good := recovery.IdentityAnswer{State: p.asked[0].State, Code: "code"}
			wantErr(t, tt.come(attempt{h, p, a, good}), tt.want)
			if a.signedIn() || p.redeemed > 0 {
				t.Errorf("signed in: %v, redeemed %d times", a.signedIn(), p.redeemed)
			}
		})
	}
}

func TestOnlyTheGroupsAreLetIn(t *testing.T) {
	for _, groups := range [][]string{nil, {"staff"}, {"Support"}, {"support "}, {"support/other"}, {""}} {
		h := newHouse(t)
		agents, p := h.agents()
		p.who.Groups = groups
		a := &agent{h: h, agents: agents}
		a.begin("")
		answer := recovery.IdentityAnswer{State: p.asked[0].State, Code: "code"}
		_, err := a.comeBack(answer)
		wantErr(t, err, recovery.ErrAgentGroup)
		if a.signedIn() {
			t.Errorf("groups %q are let in", groups)
		}
		if got, want := h.trail(), []string{"grace (42): agent-refused (group) console"}; !slices.Equal(got, want) {
			t.Errorf("trail %q, want %q", got, want)
		}
		_, err = a.comeBack(answer)
		wantErr(t, err, recovery.ErrIdentityState)
	}
}

// A way in that is not configured is none: no token is not the empty one.
func TestAWayThatIsNotConfiguredLetsNobodyIn(t *testing.T) {
	h := newHouse(t)
	a := h.agent()
	a.agents, _ = h.agents(func(d *recovery.AgentDeps) { d.Token = "" })
	for _, token := range []string{"", consoleToken} {
		wantErr(t, a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
			return a.agents.SignInByToken(ctx, v, token, "Ann")
		}), recovery.ErrNotAllowed)
	}
	a.agents, _ = h.agents(func(d *recovery.AgentDeps) { d.Provider = nil })
	wantErr(t, a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		_, err := a.agents.BeginSignIn(ctx, v, "")
		return err
	}), recovery.ErrNotAllowed)
	if a.signedIn() || len(h.trail()) > 0 {
		t.Errorf("signed in: %v, trail %q", a.signedIn(), h.trail())
	}
}

// Whoever the provider vouches for has an id that nobody can choose; a name alone is nobody's.
func TestAnAgentHasAnID(t *testing.T) {
	h := newHouse(t)
	agents, p := h.agents()
	p.who.Subject = ""
	a := &agent{h: h, agents: agents}
	a.begin("")
	_, err := a.comeBack(recovery.IdentityAnswer{State: p.asked[0].State, Code: "code"})
	wantErr(t, err, recovery.ErrIdentityProvider)
	if a.signedIn() || len(h.trail()) > 0 {
		t.Errorf("signed in: %v, trail %q", a.signedIn(), h.trail())
	}
}

// An answer counts once, also where it comes twice at the same moment.
func TestAnAgentsAnswerCountsOnce(t *testing.T) {
	h := newHouse(t)
	agents, p := h.agents()
	a := &agent{h: h, agents: agents}
	a.begin("")
	answer := recovery.IdentityAnswer{State: p.asked[0].State, Code: "code"}
	both := []*recovery.AgentVisitor{a.visitor(), a.visitor()}
	for i, want := range []error{nil, recovery.ErrIdentityState} {
		_, err := agents.FinishSignIn(t.Context(), both[i], answer)
		wantErr(t, err, want)
	}
	if p.redeemed != 1 {
		t.Errorf("redeemed %d times", p.redeemed)
	}
}

// leavingStore has an agent sign out in another tab as soon as a session was loaded.
type leavingStore struct{ recovery.Store }

func (s leavingStore) AgentSession(ctx context.Context, idHash string, now time.Time) (recovery.AgentSession, error) {
	found, err := s.Store.AgentSession(ctx, idHash, now)
	if err != nil {
		return found, err
	}
	return found, s.Update(ctx, func(tx recovery.Tx) error { return tx.EndAgentSession(ctx, idHash) })
}

// Who signed out in one tab is not in by another that was just loading, and looks for nobody from it.
func TestSigningOutOvertakesAnotherTab(t *testing.T) {
	h := newHouse(t)
	g := h.grace()
	loading := g.visitor()
	h.clock.Pass(2 * time.Minute) // long enough for the session to be marked as in use
	deps := h.Deps
	deps.Store = leavingStore{h.store}
	s, err := recovery.NewAgents(recovery.New(deps), recovery.AgentDeps{Token: consoleToken, Policy: recovery.DefaultAgentPolicy()}).Session(t.Context(), g.cookie)
	if err != nil || s.SignedIn() {
		t.Errorf("signed in as %q (%v)", s.Who, err)
	}
	wantErr(t, g.agents.FindAddress(t.Context(), loading, parse(t, "ann@example.com")), recovery.ErrNotSignedIn)
	if got, want := h.trail(), []string{"Grace (token): agent-signed-in (token) console"}; !slices.Equal(got, want) {
		t.Errorf("trail %q, want %q", got, want)
	}
}

// Ten wrong tokens an hour; the right one costs nothing, and none is told from "too many" by its being right.
func TestTriesOfTheTokenAreCounted(t *testing.T) {
	h := newHouse(t)
	a := h.agent()
	try := func(token string) error {
		return a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
			return a.agents.SignInByToken(ctx, v, token, "Ann")
		})
	}
	for range 9 {
		wantErr(t, try("wrong"), recovery.ErrAgentToken)
	}
	for range 5 {
		wantErr(t, try(consoleToken), nil)
	}
	for _, token := range []string{"", consoleToken + " "} {
		wantErr(t, try(token), map[bool]error{true: recovery.ErrAgentToken, false: recovery.ErrAgentTries}[token == ""])
	}
	wantErr(t, try(consoleToken), recovery.ErrAgentTries)
	a.client = "198.51.100.8"
	wantErr(t, try(consoleToken), nil)
	a.client = "198.51.100.7"
	h.clock.Pass(time.Hour + 7*time.Minute)
	wantErr(t, try(consoleToken), nil)
	if got := h.trail()[0]; got != "Ann (token): agent-signed-in (token) console" {
		t.Errorf("trail %q", got)
	}
}

// Who gives no name, or none that could be seen, is not let in by the token; it says so before the token is looked
// at, and costs no try.
func TestNobodyIsLetInWithoutAName(t *testing.T) {
	h := newHouse(t)
	a := h.agent()
	for _, name := range []string{"", "  ", "\t\n", "\u200b\u2060", "\u00ad", "\u061c", "\u3164\ufe0f", "\u2800", "\u0301", "()", "（）", " token ", "(token)", "（token）"} {
		for _, token := range []string{consoleToken, "wrong"} {
			for range 6 {
				wantErr(t, a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
					return a.agents.SignInByToken(ctx, v, token, name)
				}), recovery.ErrAgentName)
			}
		}
	}
	if got := h.trail(); len(got) != 0 {
		t.Errorf("trail %q", got)
	}
	wantErr(t, a.do(func(ctx context.Context, v *recovery.AgentVisitor) error {
		return a.agents.SignInByToken(ctx, v, consoleToken, "Ann")
	}), nil)
}

func TestASessionOfAnAgentEnds(t *testing.T) {
	other := func(d *recovery.AgentDeps) { d.Token = "another-token-of-the-console" }
	for _, tt := range []struct {
		name string
		pass func(a *agent)
		in   bool
	}{
		{"just signed in", func(*agent) {}, true},
		{"idle", func(a *agent) { a.h.clock.Pass(30 * time.Minute) }, false},
		{"in use, not idle", func(a *agent) {
			for range 15 {
				a.h.clock.Pass(29 * time.Minute)
				a.signedIn()
			}
		}, true},
		{"in use, too long", func(a *agent) {
			for range 17 {
				a.h.clock.Pass(29 * time.Minute)
				a.signedIn()
			}
		}, false},
		{"signed out", func(a *agent) { a.must(a.do(a.agents.SignOut)) }, false},
		{"the token is another now", func(a *agent) { a.agents, _ = a.h.agents(other) }, false},
		{"the row is of a sign-in under way", func(a *agent) { a.begin("") }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t)
			a := h.grace()
			cookie := a.cookie
			tt.pass(a)
			a.cookie = cookie
			if got := a.signedIn(); got != tt.in {
				t.Errorf("signed in: %v, want %v", got, tt.in)
			}
		})
	}
}

// Groups that were taken out of the configuration let nobody stay.
func TestASessionEndsWithItsGroups(t *testing.T) {
	h := newHouse(t)
	agents, p := h.agents()
	a := &agent{h: h, agents: agents}
	a.begin("")
	_, err := a.comeBack(recovery.IdentityAnswer{State: p.asked[0].State, Code: "code"})
	a.must(err)
	a.agents, _ = h.agents(func(d *recovery.AgentDeps) { d.Groups = []string{"admins"} })
	if a.signedIn() {
		t.Error("the session outlives its group")
	}
}

// Nothing is done for who is not signed in, whatever the edge lets by.
func TestNothingWithoutAnAgent(t *testing.T) {
	h := newHouse(t)
	reference := h.prove("ann@example.com").theCase().Reference
	a := h.agent()
	a.begin("") // a stored session, of nobody
	ann := parse(t, "ann@example.com")
	for name, step := range map[string]func(context.Context, *recovery.AgentVisitor) error{
		"reference": func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := a.agents.FindReference(ctx, v, reference)
			return err
		},
		"address": func(ctx context.Context, v *recovery.AgentVisitor) error { return a.agents.FindAddress(ctx, v, ann) },
		"sought": func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, _, err := a.agents.Sought(ctx, v, 0, 10)
			return err
		},
		"newest": func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := a.agents.Newest(ctx, v, 10)
			return err
		},
		"story": func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := a.agents.Story(ctx, v, reference)
			return err
		},
		"trail": func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, _, err := a.agents.Trail(ctx, v, 0, 10)
			return err
		},
		"dry run": func(ctx context.Context, v *recovery.AgentVisitor) error {
			_, err := a.agents.DryRuns(ctx, v, ann, "")
			return err
		},
		"link": func(ctx context.Context, v *recovery.AgentVisitor) error { return a.agents.LinkMade(ctx, v, "1", ann) },
		"resend": func(ctx context.Context, v *recovery.AgentVisitor) error {
			return a.agents.Resend(ctx, v, reference, recovery.KindProve, "")
		},
		"resend in no case": func(ctx context.Context, v *recovery.AgentVisitor) error { // whether there is one is for agents
			return a.agents.Resend(ctx, v, "LK-CCCC-CCCC", recovery.KindProve, "")
		},
		"resolve":  func(ctx context.Context, v *recovery.AgentVisitor) error { return a.agents.Resolve(ctx, v, reference) },
		"sign out": a.agents.SignOut,
	} {
		if err := a.do(step); err == nil || !strings.Contains(err.Error(), "no agent is signed in") {
			t.Errorf("%s: got %v, want ErrNotSignedIn", name, err)
		}
	}
	if got := h.trail(); len(got) > 0 {
		t.Errorf("trail %q", got)
	}
}

// Names are shown in the trail beside an id that nobody can choose, and cannot pass for one.
func TestAnAgentsName(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"grace", "grace (42)"},
		{"", "42"},
		{"42", "42"},
		{"root (1)\n", "root 1 (42)"},
		{"a\u202eb\u200bc", "a b c (42)"},
		{"root （1）\u00ad\u3164", "root 1 (42)"},
		{"Zoë O’Hara-Čapek", "Zoë O’Hara-Čapek (42)"},
		{strings.Repeat("x", 100), strings.Repeat("x", 60) + " (42)"},
	} {
		h := newHouse(t)
		agents, p := h.agents()
		p.who.Name = tt.name
		a := &agent{h: h, agents: agents}
		a.begin("")
		_, err := a.comeBack(recovery.IdentityAnswer{State: p.asked[0].State, Code: "code"})
		a.must(err)
		if got := a.visitor().Session.Who; got != tt.want {
			t.Errorf("%q is called %q, want %q", tt.name, got, tt.want)
		}
	}
}

// portalAccount is a legacy account that a sign-in link is offered for.
func portalAccount(h *house, email string) account.Account {
	a := legacyAccount(email)
	a.ID = "7"
	h.portal.accounts[strings.ToLower(email)] = []account.Account{a}
	return a
}
