package demo

import (
	"fmt"
	"math"
	"strings"
	"time"

	"latchkey/internal/recovery"
)

// weighted is a thing and how often it comes, against the others.
type weighted[T any] struct {
	of     T
	weight float64
}

// sampleSituation is what cases of a situation come to: how often they sign in, and how often a person has to
// help.
type sampleSituation struct {
	id              string
	signIn, handOff float64
	act             string // what they do besides signing in; "" for nothing
}

var sampleSituations = []weighted[sampleSituation]{
	{sampleSituation{"unlinked-legacy", .82, .06, recovery.ActSignInMailed}, 19},
	{sampleSituation{"ready", .9, .03, ""}, 15},
	{sampleSituation{"reset-on-wrong-site", .88, .04, ""}, 13},
	{sampleSituation{"linked-email-mismatch", .62, .22, recovery.ActSignInMailed}, 13},
	{sampleSituation{"different-email", .18, .16, recovery.ActOtherAsked}, 12},
	{sampleSituation{"unconfirmed", .71, .08, recovery.ActConfirmMailed}, 9},
	{sampleSituation{"unlinked-sales", .76, .1, recovery.ActSignInMailed}, 6},
	{sampleSituation{"no-billing-access", .64, .18, ""}, 4},
	{sampleSituation{"several-accounts", .74, .14, ""}, 3},
	{sampleSituation{"identity-locked", .52, .24, recovery.ActSignInMailed}, 2},
	{sampleSituation{"sign-in-disabled", 0, .68, ""}, 2},
	{sampleSituation{"owner-left", .3, .5, ""}, 2},
}

var sampleEntries = []weighted[recovery.Entry]{
	{recovery.EntryDirect, 50},
	{recovery.EntryMacro, 22},
	{recovery.EntryForm, 14},
	{recovery.EntrySigned, 9},
	{recovery.EntryLink, 5},
}

var sampleBrowsers = []weighted[string]{
	{"Chrome on Windows", 40}, {"Safari on macOS", 17}, {"Firefox on Linux", 12}, {"Edge on Windows", 19}, {"Safari on iOS", 12},
}

// sampleDomains are of nobody: .example is kept for that.
var sampleDomains = []weighted[string]{
	{"northwind.example", 5}, {"contoso.example", 4}, {"initech.example", 3}, {"umbrella.example", 2}, {"hooli.example", 2},
}

func draw[T any](m *month, from []weighted[T]) T {
	whole := 0.0
	for _, w := range from {
		whole += w.weight
	}
	at := m.random.Float64() * whole
	for _, w := range from {
		if at -= w.weight; at < 0 {
			return w.of
		}
	}
	return from[len(from)-1].of
}

func (m *month) chance(of float64) bool { return m.random.Float64() < of }

// about is a time whose median is given, with the long tail that people have.
func (m *month) about(median time.Duration) time.Duration {
	return time.Duration(float64(median) * math.Exp(.8*m.random.NormFloat64()))
}

func (m *month) id() string { return fmt.Sprintf("%016x%016x", m.random.Uint64(), m.random.Uint64()) }

// reference is made as a real one is, each group with a letter.
func (m *month) reference() string {
	const digits, letters = "34679", "CDFGHJKMNPQRTVWX"
	for {
		drawn := make([]byte, 8)
		for i := range drawn {
			drawn[i] = (digits + letters)[m.random.IntN(len(digits+letters))]
		}
		left, right := string(drawn[:4]), string(drawn[4:])
		r := "LK-" + left + "-" + right
		if strings.ContainsAny(left, letters) && strings.ContainsAny(right, letters) && !m.references[r] {
			m.references[r] = true
			return r
		}
	}
}

// draw draws a case that began at a moment, up to where it was when the demo starts.
func (m *month) draw(begun time.Time) sampleCase {
	m.drawn++
	c := recovery.Case{
		ID: m.id(), Reference: m.reference(), CreatedAt: begun, Language: "en",
		Entry: draw(m, sampleEntries), Browser: draw(m, sampleBrowsers),
		Address: fmt.Sprintf("person-%d@%s", m.drawn, draw(m, sampleDomains)),
	}
	c.AddressHash = m.Hash(c.Address)
	if c.Entry == recovery.EntrySigned {
		c.Ticket = fmt.Sprint(41000 + m.drawn)
	}
	s := sampleCase{theCase: c}
	if m.chance(.13) {
		s.unpressed = 1 + m.random.IntN(2)
	}
	s.reach(recovery.ActStarted, "", begun)
	proven := begun
	if c.Entry != recovery.EntryLink {
		if m.mail(&s, recovery.KindProve, begun, .035) == recovery.StateFailed || m.chance(.17) {
			return s
		}
		proven = begun.Add(8*time.Second + m.about(42*time.Second))
	}
	if proven.After(m.Now) {
		return s
	}
	s.reach(recovery.ActProven, string(recovery.ViaCode), proven, recovery.MilestoneProven)
	m.prove(&s, proven)
	if proven.Before(m.Now.Add(-recovery.TicketWindow)) {
		s.milestones = append(s.milestones, reached{recovery.MilestoneChecked, proven.Add(recovery.TicketWindow + time.Minute)})
	}
	return s
}

// prove goes on from the proof: to the reason, and to what the customer makes of it.
func (m *month) prove(s *sampleCase, proven time.Time) {
	at := proven.Add(time.Second)
	if m.chance(.02) { // the customer portal did not answer, or they went away
		return
	}
	situation := draw(m, sampleSituations)
	s.reach(recovery.ActExplained, situation.id, at, recovery.MilestoneExplained)
	s.found = append(s.found, recovery.FoundRecord{CaseID: s.theCase.ID, AccountID: m.id()[:8], Situation: situation.id, At: at})
	if at = at.Add(m.about(35 * time.Second)); at.After(m.Now) {
		return
	}
	switch {
	case m.chance(situation.handOff):
		m.handOff(s, proven, at)
	case m.chance(situation.signIn):
		m.signIn(s, situation, at)
	case situation.act != "" && m.chance(.5):
		s.reach(situation.act, "", at, recovery.MilestoneActed)
		m.came(s, proven, .14)
	default:
		m.came(s, proven, .2)
	}
}

func (m *month) signIn(s *sampleCase, situation sampleSituation, at time.Time) {
	switch situation.act {
	case recovery.ActSignInMailed:
		s.reach(situation.act, "", at, recovery.MilestoneActed)
		m.mail(s, recovery.KindSignIn, at, .01)
		at = at.Add(m.about(time.Minute))
	case recovery.ActConfirmMailed:
		s.reach(situation.act, "", at, recovery.MilestoneActed)
		m.mail(s, recovery.KindConfirm, at, .02)
		at = at.Add(m.about(2 * time.Minute))
	}
	if at.After(m.Now) {
		return
	}
	s.reach(recovery.ActSignedIn, "", at, recovery.MilestoneActed, recovery.MilestoneSignedIn)
	m.mail(s, recovery.KindSignedIn, at, .01)
	if m.chance(.04) {
		s.milestones = append(s.milestones, reached{recovery.MilestoneNotIn, at.Add(time.Minute)})
	}
	m.came(s, s.milestones[0].at, .03)
}

// came is a ticket that came all the same, from cases of which that is known by now.
func (m *month) came(s *sampleCase, proven time.Time, often float64) {
	at := proven.Add(time.Duration(m.random.Int64N(int64(recovery.TicketWindow))))
	if m.chance(often) && proven.Before(m.Now.Add(-recovery.TicketWindow)) {
		s.milestones = append(s.milestones, reached{recovery.MilestoneTicket, at})
	}
}

func (m *month) handOff(s *sampleCase, proven, at time.Time) {
	s.reach(recovery.ActHandedOff, "", at, recovery.MilestoneActed, recovery.MilestoneHandedOff)
	m.mail(s, recovery.KindTicket, at, 0)
	m.mail(s, recovery.KindHandedOff, at, .01)
	s.handOff = &recovery.HandOff{
		CaseID: s.theCase.ID, Kind: recovery.HandOffSupport, Address: s.theCase.Address, AddressHash: s.theCase.AddressHash,
		Message: draw(m, sampleMessages), CreatedAt: at,
	}
	s.handOff.Evidence = s.evidence(proven)
}

var sampleMessages = []weighted[string]{
	{"I followed the steps and still cannot sign in.", 3},
	{"The colleague who set this up has left. We need the account for our renewal.", 2},
	{"We have two accounts and would like to keep one.", 1},
	{"Please link my account to the right one.", 2},
}
