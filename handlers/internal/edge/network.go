package edge

import (
	"net/http"
	"net/netip"
	"strings"

	"latchkey/internal/recovery"
)

// unknownNetwork is what a request without a readable address counts under, so that it is limited too.
const unknownNetwork = "unknown"

// CutNetwork cuts a client's IP address to what limits use (R10): the IPv4 address and its /24, or the
// IPv6 /64 and its /48, since one customer's line commonly has a whole /64.
func CutNetwork(ip string) recovery.Network {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return recovery.Network{Client: unknownNetwork, Wide: unknownNetwork}
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return recovery.Network{Client: addr.String(), Wide: prefix(addr, 24)}
	}
	return recovery.Network{Client: prefix(addr, 64), Wide: prefix(addr, 48)}
}

func prefix(addr netip.Addr, bits int) string {
	p, err := addr.Prefix(bits)
	if err != nil {
		return unknownNetwork
	}
	return p.String()
}

// joinForwardedFor makes one header of several: some proxies append a line of their own instead of
// extending the one that came, and then the first line is whatever the client wrote. Gin reads only
// the first, and addresses alone: some proxies add the port.
func joinForwardedFor(h http.Header) {
	const name = "X-Forwarded-For"
	lines := h.Values(name)
	if len(lines) == 0 {
		return
	}
	hops := strings.Split(strings.Join(lines, ","), ",")
	for i, hop := range hops {
		hops[i] = bareAddress(strings.TrimSpace(hop))
	}
	h.Set(name, strings.Join(hops, ", "))
}

// bareAddress is an address without its port, brackets and zone; what holds none stays as it is.
func bareAddress(hop string) string {
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return withPort.Addr().WithZone("").String()
	}
	inner, closed := strings.CutSuffix(strings.TrimPrefix(hop, "["), "]")
	if addr, err := netip.ParseAddr(inner); err == nil && closed == strings.HasPrefix(hop, "[") {
		return addr.WithZone("").String()
	}
	return hop
}
