package porttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// first and last bound what is given: below the ports that Linux gives to outgoing connections (32768 and
// above, ip_local_port_range), any of which would sometimes be taken before the server listens there.
const first, last = 15000, 32000

// given are those of this process: no two of its servers get the same one.
var given sync.Map

// Free returns a port of 127.0.0.1 at which nobody listens.
func Free(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := first + rand.IntN(last-first)
		if _, taken := given.LoadOrStore(port, true); taken {
			continue
		}
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no port is free")
	return 0
}
