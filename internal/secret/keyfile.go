package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const keyFileHead = `# The keys of Latchkey. Keep this file as you keep a password, and keep a copy.
#
# address: the key of address hashes. It stays for ever: with another one, stops and limits are forgotten.
# key:     the first is the current one. To rotate, put a new line "key" above it and write "retired"
#          behind the old one; remove that after the longest expiry of a link, 7 days by default.
`

var keyID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Generate returns the text of a new key file: one address key and one current key.
func Generate() (string, error) {
	var random [2*KeyBytes + 4]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("make keys: %w", err)
	}
	address, key, id := random[:KeyBytes], random[KeyBytes:2*KeyBytes], random[2*KeyBytes:]
	return fmt.Sprintf("%saddress %s\nkey %s %s\n", keyFileHead,
		encoding.EncodeToString(address), hex.EncodeToString(id), encoding.EncodeToString(key)), nil
}

// Parse reads the text of a key file. Its error names every fault by line and holds no key material.
func Parse(text string) (*Ring, error) {
	p := parser{ids: map[string]bool{}}
	for i, line := range strings.Split(text, "\n") {
		p.number = i + 1
		line, _, _ = strings.Cut(line, "#")
		if words := strings.Fields(line); len(words) > 0 {
			p.line(words)
		}
	}
	if p.ring.address.states == nil && !p.badAddress {
		p.faults = append(p.faults, errors.New(`key file: no line "address <key>"`))
	}
	if !p.anyKey {
		p.faults = append(p.faults, errors.New(`key file: no line "key <id> <key>"`))
	}
	if len(p.faults) > 0 {
		return nil, errors.Join(p.faults...)
	}
	return &p.ring, nil
}

// encoding is strict: one text for each key and each token.
var encoding = base64.RawURLEncoding.Strict()

type parser struct {
	ring       Ring
	number     int
	seen       [][]byte
	ids        map[string]bool
	badAddress bool
	anyKey     bool
	faults     []error
}

func (p *parser) fault(why string) {
	p.faults = append(p.faults, fmt.Errorf("key file, line %d: %s", p.number, why))
}

func (p *parser) line(words []string) {
	switch words[0] {
	case "address":
		p.addressLine(words[1:])
	case "key":
		p.keyLine(words[1:])
	default:
		p.fault(`starts with neither "address" nor "key"`)
	}
}

func (p *parser) addressLine(words []string) {
	switch {
	case p.ring.address.states != nil || p.badAddress:
		p.fault("a second address key; there is one, and it stays")
	case len(words) != 1:
		p.badAddress = true
		p.fault(`want "address <key>"`)
	default:
		key, ok := p.key(words[0])
		if p.badAddress = !ok; ok {
			p.ring.address, p.ring.limit = newMACKey(subKey(key, "address")), newMACKey(subKey(key, "limit"))
		}
	}
}

func (p *parser) keyLine(words []string) {
	p.anyKey = true
	retired := len(words) == 3 && words[2] == "retired"
	if len(words) != 2 && !retired {
		p.fault(`want "key <id> <key>", and "retired" behind an old one`)
		return
	}
	first := len(p.ids) == 0
	switch id := words[0]; {
	case !keyID.MatchString(id):
		p.fault("the id may have lower-case letters, digits and hyphens, 32 at most")
		return
	case p.ids[id]:
		p.fault("the id stands on an earlier line already")
		return
	case first && retired:
		p.fault("the first key is the current one and cannot be retired")
	case !first && !retired:
		p.fault(`only the first key is current: write "retired" behind this one`)
	}
	p.ids[words[0]] = true
	if key, ok := p.key(words[1]); ok {
		p.ring.keys = append(p.ring.keys, derive(words[0], key))
	}
}

// key decodes a key and refuses one that was copied from another line.
func (p *parser) key(text string) ([]byte, bool) {
	key, err := encoding.DecodeString(text)
	if err != nil || len(key) != KeyBytes {
		p.fault(fmt.Sprintf("the key is not %d bytes in base64url without padding", KeyBytes))
		return nil, false
	}
	for _, other := range p.seen {
		if bytes.Equal(key, other) {
			p.fault("the key stands on an earlier line already")
			return nil, false
		}
	}
	p.seen = append(p.seen, key)
	return key, true
}
