package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

const (
	idBytes    = 16
	tokenBytes = idBytes + sha256.Size
	// tokenLength is the length of a link token's text; 48 bytes need no padding and leave no spare bits.
	tokenLength = tokenBytes / 3 * 4
)

// ErrChallengeID is returned for an id that neither NewID nor NewOrderedID made.
var ErrChallengeID = errors.New("secret: an id is 32 hex digits")

// LinkToken derives the link token of a challenge: its id and a MAC over it, in base64url.
// ErrUnknownKey, ErrChallengeID.
func (r *Ring) LinkToken(keyID, challengeID string) (string, error) {
	return r.token(keyID, challengeID, linkMAC)
}

func linkMAC(k subKeys, id string) []byte { return k.link.sum("link", id) }

// token is an id and a MAC over it.
func (r *Ring) token(keyID, hexID string, sum func(k subKeys, id string) []byte) (string, error) {
	k, err := r.find(keyID)
	if err != nil {
		return "", err
	}
	id, err := hex.DecodeString(hexID)
	if err != nil || len(id) != idBytes || hex.EncodeToString(id) != hexID {
		return "", ErrChallengeID
	}
	return encoding.EncodeToString(append(id, sum(k, hexID)...)), nil
}

// ParseLinkToken returns the challenge that a genuine token names, made with any key of the ring. Whether
// the challenge is still good is not its business. Every token has one text only.
func (r *Ring) ParseLinkToken(token string) (challengeID string, ok bool) {
	return r.parseToken(token, linkMAC)
}

func (r *Ring) parseToken(token string, sum func(k subKeys, id string) []byte) (hexID string, ok bool) {
	if len(token) != tokenLength {
		return "", false
	}
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) != tokenBytes {
		return "", false
	}
	id := hex.EncodeToString(raw[:idBytes])
	for _, k := range r.keys {
		if hmac.Equal(sum(k, id), raw[idBytes:]) {
			ok = true
		}
	}
	if !ok {
		return "", false
	}
	return id, true
}
