package secret_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"latchkey/internal/secret"
)

// key is the text of a fixed key, so that what is derived from it can be written down here.
func key(fill byte) string {
	return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{fill}, secret.KeyBytes))
}

func ring(t testing.TB, lines ...string) *secret.Ring {
	t.Helper()
	r, err := secret.Parse(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return r
}

// oneKey has the current key k1; rotated has k2 current and k1 retired; other shares nothing with them.
func oneKey(t testing.TB) *secret.Ring {
	return ring(t, "address "+key(1), "key k1 "+key(2))
}

func rotated(t *testing.T) *secret.Ring {
	return ring(t, "address "+key(1), "key k2 "+key(3), "key k1 "+key(2)+" retired")
}

func other(t *testing.T) *secret.Ring {
	return ring(t, "address "+key(8), "key k1 "+key(9))
}

const challenge = "00112233445566778899aabbccddeeff"
