package demo_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/demo"
)

// The two sizes of a customer portal, and how much slower than in the smaller a look-up may be in the larger.
const (
	smallPortal = 10_000
	largePortal = 1_000_000
	mostGrowth  = 3.0
)

// questions are the look-ups of the API by what they are asked; each makes its value from an account that is
// there, and a second from one that is not.
var questions = []struct {
	name, parameter string
	ask             func(c customer) string
}{
	{"email", "email", func(c customer) string { return strings.ToUpper(c.email()) }},
	{"unknown-email", "email", func(c customer) string { return "nobody." + c.email() }},
	{"identity-email", "identity_email", func(c customer) string { return c.email() }},
	{"identity-subject", "identity_subject", func(c customer) string { return c.subject() }},
	{"contact", "contact_email", func(c customer) string { return (c / 5 * 5).email() }},
	{"similar-in-small-domain", "similar_to", func(c customer) string { return c.in(smallCompany).misspelt() }},
	{"similar-in-large-domain", "similar_to", func(c customer) string { return c.in(largeCompany).variant() }},
	{"similar-in-largest-domain", "similar_to", func(c customer) string { return c.in(largestCompany).variant() }},
	{"similar-to-nothing", "similar_to", func(c customer) string { return "x" + c.variant() }},
}

// BenchmarkLookUps measures every look-up of the reference implementation in a small and in a large customer
// portal, turn by turn, so that whatever else the machine does meets both. It fails where the 99th percentile
// grows by more than mostGrowth. It writes a million accounts, which takes some minutes:
// go test ./internal/demo -run - -bench LookUps -benchtime 5000x
func BenchmarkLookUps(b *testing.B) {
	sides := []*side{fill(b, smallPortal), fill(b, largePortal)}
	for _, q := range questions {
		b.Run(q.name, func(b *testing.B) {
			for _, s := range sides {
				s.took = nil
				for range min(b.N, 500) { // the files have been read before
					s.ask(b, q.parameter, q.ask)
				}
			}
			for b.Loop() {
				for _, s := range sides {
					begin := time.Now()
					s.ask(b, q.parameter, q.ask)
					s.took = append(s.took, time.Since(begin))
				}
			}
			small, large := sides[0].took, sides[1].took
			growth := float64(percentile(large, 99)) / float64(percentile(small, 99))
			b.ReportMetric(float64(percentile(small, 50).Microseconds()), "p50-10k-µs")
			b.ReportMetric(float64(percentile(large, 50).Microseconds()), "p50-1M-µs")
			b.ReportMetric(float64(percentile(small, 99).Microseconds()), "p99-10k-µs")
			b.ReportMetric(float64(percentile(large, 99).Microseconds()), "p99-1M-µs")
			b.ReportMetric(growth, "growth")
			if b.N >= 1000 && growth > mostGrowth {
				b.Errorf("p99 grows by %.1f, want %.1f at most", growth, mostGrowth)
			}
		})
	}
}

// side is a portal of a size, and how long its answers took.
type side struct {
	portal *demo.Portal
	size   int
	random *rand.Rand
	took   []time.Duration
}

func (s *side) ask(b *testing.B, parameter string, value func(customer) string) {
	if _, err := s.portal.LookUp(b.Context(), parameter, value(customer(s.random.IntN(s.size)))); err != nil {
		b.Fatal(err)
	}
}

func percentile(took []time.Duration, n int) time.Duration {
	slices.Sort(took)
	return took[min(len(took)*n/100, len(took)-1)]
}

func fill(b *testing.B, size int) *side {
	b.Helper()
	portal, err := demo.OpenPortal(b.Context(), demo.Config{
		DataDir: b.TempDir(), Token: token, PublicURL: func() string { return "http://127.0.0.1" },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = portal.Close() })
	err = portal.Fill(b.Context(), func(yield func(account.Account) bool) {
		for i := range size {
			if !yield(customer(i).account()) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	return &side{portal: portal, size: size, random: rand.New(rand.NewPCG(1, uint64(size)))}
}

// customer is one of many, made from a number.
type customer int

// The kinds of domain that a customer is at, by the last digit of the number: three in ten at a public mail
// service, one at the largest company, three at companies of some hundreds, three at small ones.
const (
	largestCompany = 3
	largeCompany   = 4
	smallCompany   = 7
)

// in is the next customer at such a company.
func (c customer) in(kind int) customer { return c/10*10 + customer(kind) }

func (c customer) domain() string {
	switch kind := c % 10; {
	case kind < largestCompany:
		return "gmail.com"
	case kind == largestCompany:
		return "largest.example"
	case kind < smallCompany:
		return fmt.Sprintf("large%d.example", c/1000)
	}
	return fmt.Sprintf("small%d.example", c/100)
}

// name is one that nobody else has: syllables of a number that is spread over all of them.
func (c customer) name() (first, last string) {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	n := uint32(c) * 2654435761
	var b strings.Builder
	for range 8 {
		b.WriteByte(consonants[n%14])
		n /= 14
		b.WriteByte(vowels[n%5])
		n = n/5 + uint32(c)*97
	}
	return b.String()[:6], b.String()[6:]
}

func (c customer) email() string {
	first, last := c.name()
	return first + "." + last + "@" + c.domain()
}

// variant is another address with the same skeleton; misspelt is two letters off.
func (c customer) variant() string {
	first, last := c.name()
	return first + "_" + last + "7@" + c.domain()
}

func (c customer) misspelt() string {
	first, last := c.name()
	return first + "." + last[:4] + "x" + last[5:] + "y@" + c.domain()
}

func (c customer) subject() string { return fmt.Sprint(5_000_000 + int(c)) }

func (c customer) account() account.Account {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c) * time.Minute)
	first, _ := c.name()
	return account.Account{
		ID: fmt.Sprintf("c%07d", int(c)), Email: c.email(), Name: first, Origin: account.OriginSelfService, SignInEnabled: true,
		CreatedAt: at, ConfirmedAt: at, LastSignInAt: at.AddDate(1, 0, 0),
		Identity: &account.Identity{
			Provider: "gitlab", Subject: c.subject(), Username: fmt.Sprint("u", int(c)), Email: c.email(), EmailVerified: true,
			State: account.IdentityActive, PasswordEnabled: true,
		},
		BillingAccounts: []account.Membership{{ID: fmt.Sprint("B-", int(c)/5), Name: "Company", Role: account.RoleManager}},
		Subscriptions:   []account.Subscription{{Name: "Premium", Applied: true}},
	}
}

// TestTheBenchmarkAsksForWhatIsThere: figures of look-ups that find nothing would say nothing.
func TestTheBenchmarkAsksForWhatIsThere(t *testing.T) {
	s := newStand(t)
	s.must(s.portal.Fill(t.Context(), func(yield func(account.Account) bool) {
		for i := range 2000 {
			if !yield(customer(i).account()) {
				return
			}
		}
	}))
	for _, q := range questions {
		for _, c := range []customer{0, 1234, 1999} {
			found, err := s.portal.LookUp(t.Context(), q.parameter, q.ask(c))
			s.must(err)
			if want := !strings.Contains(q.name, "unknown") && !strings.Contains(q.name, "nothing"); (found > 0) != want {
				t.Errorf("%s %s: %d found", q.name, q.ask(c), found)
			}
		}
	}
}
