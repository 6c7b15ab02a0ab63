package attack

import (
	"database/sql"
	"flag"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // looks into the database afterwards
)

var siegeFor = flag.Duration("for", 0, "how long TestAFleetInAStorm goes on, in rounds of 45 s; one round at least")

// Three replicas behind nginx, a hundred customers at a time. Replicas are restarted in turn, one is killed,
// Redis goes and comes back, PostgreSQL is restarted. Every start that was answered has its mail, no challenge
// is used twice, and nobody notices but while a replica was killed or PostgreSQL was away; what they see then
// is the same for everybody (R1).
func TestAFleetInAStorm(t *testing.T) {
	f := startFleet(t)
	began := time.Now()
	s := f.besiege(100)
	time.Sleep(3 * time.Second)
	var phases []phase
	for round := 0; round == 0 || time.Since(began) < *siegeFor; round++ {
		phases = append(phases, f.storm(round)...)
	}
	time.Sleep(2 * time.Second)
	s.end()
	took := time.Since(began)
	f.drained()

	var told strings.Builder
	s.report(t, &told, phases)
	starts, mails := 0, map[string]int{}
	for _, m := range f.mail.Messages() {
		mails[m.To]++
	}
	for address, n := range s.accepted {
		starts += n
		if mails[address] < n {
			t.Errorf("%s: %d starts were answered and %d mails sent", address, n, mails[address])
		}
	}
	for _, address := range s.twice {
		t.Errorf("%s: one challenge let two browsers in", address)
	}
	for _, what := range s.lost {
		t.Errorf("a journey came to nothing: %s", what)
	}
	f.provenOnce()
	t.Logf("%.0f s, %d requests; %d starts answered, %d journeys to their end, %d to begin again, %d mails\n%s",
		took.Seconds(), s.asked.Load(), starts, s.proven, s.again, len(f.mail.Messages()), told.String())
	if s.proven < 100 || starts < 200 {
		t.Errorf("%d starts and %d journeys: this test sees too little", starts, s.proven)
	}
}

// storm is one round of everything.
func (f *fleet) storm(round int) (phases []phase) {
	during := func(name string, allowed time.Duration, do func()) {
		p := phase{name: name, from: time.Now(), allowed: allowed}
		do()
		p.to = time.Now()
		phases = append(phases, p)
	}
	for i, d := range f.replicas {
		during(fmt.Sprintf("replica %d is restarted", i+1), 0, func() {
			d.kill(syscall.SIGTERM)
			d.start()
			time.Sleep(2 * time.Second) // nginx has left it alone for six, of which it took five to end
		})
	}
	during("Redis is away", 0, func() {
		f.redis.Stop()
		time.Sleep(2 * time.Second)
		f.redis.Start()
		time.Sleep(2 * time.Second)
	})
	victim := f.replicas[round%len(f.replicas)]
	during("a replica is killed", time.Second, func() {
		victim.kill(syscall.SIGKILL)
	})
	victim.start()
	time.Sleep(7 * time.Second) // nginx has it again
	during("PostgreSQL is away", 30*time.Second, func() {
		f.postgres.Halt()
		time.Sleep(time.Second)
		f.postgres.Resume()
	})
	time.Sleep(5 * time.Second)
	return phases
}

// drained waits until nothing is queued any more.
func (f *fleet) drained() {
	f.t.Helper()
	f.replicas[0].settled()
}

// provenOnce asks the database itself.
func (f *fleet) provenOnce() {
	f.t.Helper()
	db, err := sql.Open("pgx", f.postgres.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for what, query := range map[string]string{
		"addresses proven twice":                   "SELECT count(*) FROM (SELECT address_hash FROM audit WHERE act = 'proven' GROUP BY address_hash HAVING count(*) > 1) a",
		"proofs without a used challenge":          "SELECT (SELECT count(*) FROM audit WHERE act = 'proven') - (SELECT count(*) FROM challenges WHERE purpose = 'prove' AND used_at > 0)",
		"mails that were queued and never settled": "SELECT count(*) FROM deliveries WHERE state = 'queued'",
	} {
		var n int
		if err := db.QueryRowContext(f.t.Context(), query).Scan(&n); err != nil {
			f.t.Fatal(err)
		}
		if n != 0 {
			f.t.Errorf("%d %s", n, what)
		}
	}
	if strings.Contains(f.logs(), "@example.com") {
		f.t.Error("an address is logged")
	}
	if f.t.Failed() {
		for line := range strings.Lines(f.logs()) {
			if strings.Contains(line, "level=ERROR") && !strings.Contains(line, "the database does not answer") {
				f.t.Logf("logged: %s", line)
			}
		}
	}
}

// logs are what all replicas logged.
func (f *fleet) logs() string {
	var all strings.Builder
	for _, d := range f.replicas {
		all.WriteString(d.output())
	}
	return all.String()
}
