package secret

import (
	"crypto/hmac"
	"encoding/hex"
	"strconv"
)

// HashAddress is the keyed hash, in hex, by which stops, limits, logs and the audit trail know an address
// (R11). It takes the canonical form and does not change when keys rotate.
func (r *Ring) HashAddress(canonical string) string {
	return hex.EncodeToString(r.address.sum(canonical))
}

// AddressSeal is what a database keeps of the address key: it tells one key from another, and nothing of either.
// It is the hash of no address.
func (r *Ring) AddressSeal() string { return r.HashAddress("seal") }

// HashLimit is the keyed hash, in hex, of a value that the limit or counter name counts, such as a
// network. The same value under two names has two hashes.
func (r *Ring) HashLimit(name, value string) string {
	return hex.EncodeToString(r.limit.sum(strconv.Itoa(len(name)), ":", name, value))
}

// FormToken is the token in every form of a session, bound to the seed that the session's cookie keeps when its
// id changes (R8).
func (r *Ring) FormToken(seed string) string {
	return encoding.EncodeToString(r.keys[0].form.sum(seed))
}

// FormTokenValid reports, in constant time, whether token is the session's, by any key of the ring.
func (r *Ring) FormTokenValid(seed, token string) bool {
	sum, err := encoding.DecodeString(token)
	if err != nil || seed == "" {
		return false
	}
	valid := false
	for _, k := range r.keys {
		if hmac.Equal(k.form.sum(seed), sum) {
			valid = true
		}
	}
	return valid
}
