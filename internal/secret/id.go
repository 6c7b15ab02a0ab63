package secret

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// referenceAlphabet is in the order in which it sorts. It has no vowels, so that no reference spells a word, and none of
// 0 O 1 I L 5 S 2 Z 8 B, which are mistaken for one another when read out or written down.
const (
	referenceDigits   = "34679"
	referenceLetters  = "CDFGHJKMNPQRTVWX"
	referenceAlphabet = referenceDigits + referenceLetters
	referenceGroup    = 4
)

// NewID is a random id of 128 bits, in hex.
func NewID() string { return hex.EncodeToString(random(idBytes)) }

// orderedBytes is how many bytes of an ordered id are its time.
const orderedBytes = 6

// NewOrderedID is an id in hex that begins with the millisecond it was made in and goes on with 80 random
// bits: rows that are made together stand together, however many there are. It is no secret.
func NewOrderedID(now time.Time) string {
	b := random(idBytes)
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(b, ms[8-orderedBytes:])
	return hex.EncodeToString(b)
}

// SiblingID is the id that differs in the last bit; the sibling of a sibling is the id itself. For a text that
// is no id it is that text.
func SiblingID(id string) string {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) == 0 {
		return id
	}
	b[len(b)-1] ^= 1
	return hex.EncodeToString(b)
}

// NewCookieID is a random id of 256 bits, in base64url. Only its HashID is stored.
func NewCookieID() string { return base64.RawURLEncoding.EncodeToString(random(sha256.Size)) }

// HashID is the SHA-256 of an id, in hex. It needs no key: ids are too random to be guessed.
func HashID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// referenceSlot is how long new references have their first group in common.
const referenceSlot = 25 * time.Millisecond

// NewReference is a public reference, such as LK-7F3K-9MQD. Each group has a letter, so that none reads as a code.
// The first group goes with the time, from the beginning again after 81 minutes, and the second is random: what is
// stored by the references of cases that began together stands together, however many there are. It opens nothing;
// whoever stores it looks out for one that is taken.
func NewReference(now time.Time) string {
	first, ok := groupAt(now)
	if !ok {
		first = randomGroup()
	}
	return "LK-" + first + "-" + randomGroup()
}

// groupAt counts slots in groups; ok is false for those without a letter.
func groupAt(now time.Time) (_ string, ok bool) {
	const signs = uint64(len(referenceAlphabet))
	slot := uint64(now.UnixMilli()) / uint64(referenceSlot.Milliseconds())
	group := make([]byte, referenceGroup)
	for i := len(group) - 1; i >= 0; i-- {
		group[i] = referenceAlphabet[slot%signs]
		slot /= signs
	}
	return string(group), hasLetter(group)
}

func randomGroup() string {
	for {
		group := make([]byte, referenceGroup)
		for i := range group {
			group[i] = referenceAlphabet[randomBelow(len(referenceAlphabet))]
		}
		if hasLetter(group) {
			return string(group)
		}
	}
}

func hasLetter(group []byte) bool { return bytes.ContainsAny(group, referenceLetters) }

// randomBelow is unbiased for n up to 256: bytes past the last whole multiple of n are drawn again.
func randomBelow(n int) int {
	for {
		if b := int(random(1)[0]); b < 256-256%n {
			return b % n
		}
	}
}

// random never fails: without a source of randomness crypto/rand ends the process.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
