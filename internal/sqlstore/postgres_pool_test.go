package sqlstore

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// Three replicas on large machines, and one more while they are updated, leave a server that has its usual 100
// connections, of which 3 are kept for its owner, some to spare.
func TestPostgresPoolOfALargeMachine(t *testing.T) {
	for processors, want := range map[int]int{1: 8, 2: 8, 4: 16, 6: 23, 64: 23, 512: 23} {
		if got := ownConnections(processors); got != want || 4*got >= 100-3 {
			t.Errorf("%d processors: up to %d connections, want %d", processors, got, want)
		}
	}
}

// Who runs the server says how many connections a replica may have, whatever its processors.
func TestPostgresPoolThatIsGiven(t *testing.T) {
	for url, want := range map[string]int{
		"postgres://h/d?pool_max_conns=3": 3, "postgres://h/d?pool_max_conns=90": 90,
		"postgres://h/d?pool_max_conns=0": 0, "postgres://h/d?pool_max_conns=-1": 0,
	} {
		config, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		got, err := poolSize(config, options{})
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d connections, %v", url, got, err)
		}
		if _, left := config.RuntimeParams["pool_max_conns"]; left {
			t.Errorf("%s: the server is asked for it, which does not know it", url)
		}
	}
}
