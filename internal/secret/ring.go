package secret

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
)

// KeyBytes is the length of every key and sub-key.
const KeyBytes = 32

// ErrUnknownKey is returned where a key id is not in the ring: its key was removed from the key file
// while a challenge made with it was still alive.
var ErrUnknownKey = errors.New("secret: no such key in the key file")

// Ring holds the sub-keys of one key file. It is safe for concurrent use and prints as nothing.
type Ring struct {
	keys    []subKeys // current first
	address macKey
	limit   macKey
}

// subKeys are what one line "key" of the key file gives: one key for each purpose (DESIGN §3).
type subKeys struct {
	id                     string
	code, link, form       macKey
	request                macKey
	support                []byte
	cookieHash, cookieSeal []byte
}

// CurrentKey is the id of the key that new challenges are made with.
func (r *Ring) CurrentKey() string { return r.keys[0].id }

// CookieKeys are pairs of hash and block key for securecookie.CodecsFromPairs, the current pair first.
func (r *Ring) CookieKeys() [][]byte {
	pairs := make([][]byte, 0, 2*len(r.keys))
	for _, k := range r.keys {
		pairs = append(pairs, k.cookieHash, k.cookieSeal)
	}
	return pairs
}

// Format keeps the keys out of every log and error text, whatever the verb.
func (*Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "secret.Ring") }

func (r *Ring) find(keyID string) (subKeys, error) {
	for _, k := range r.keys {
		if k.id == keyID {
			return k, nil
		}
	}
	return subKeys{}, ErrUnknownKey
}

func derive(id string, key []byte) subKeys {
	return subKeys{
		id:         id,
		code:       newMACKey(subKey(key, "code")),
		link:       newMACKey(subKey(key, "link")),
		form:       newMACKey(subKey(key, "form")),
		request:    newMACKey(subKey(key, "request")),
		support:    subKey(key, "support link"),
		cookieHash: subKey(key, "cookie hash"),
		cookieSeal: subKey(key, "cookie block"),
	}
}

// subKey is HKDF without salt: the keys of a key file are uniformly random already.
func subKey(key []byte, purpose string) []byte {
	sub, err := hkdf.Key(sha256.New, key, nil, "latchkey v1 "+purpose, KeyBytes)
	if err != nil {
		panic("secret: " + err.Error()) // only for a length that SHA-256 cannot give
	}
	return sub
}

// macKey is a key of HMAC-SHA-256. States that are ready for a message are kept, since making one costs as
// much as a short message does.
type macKey struct{ states *sync.Pool }

func newMACKey(key []byte) macKey {
	return macKey{&sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (k macKey) sum(parts ...string) []byte {
	h := k.states.Get().(hash.Hash)
	defer k.states.Put(h)
	h.Reset()
	for _, p := range parts {
		_, _ = io.WriteString(h, p)
	}
	return h.Sum(nil)
}
