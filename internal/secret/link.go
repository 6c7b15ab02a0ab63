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

// ErrChallengeID is returned for an id that NewID did not make.
var ErrChallengeID = errors.New("secret: a challenge's id is 32 hex digits")

// LinkToken derives the link token of a challenge: its id and a MAC over it, in base64url.
// ErrUnknownKey, ErrChallengeID.
func (r *Ring) LinkToken(keyID, challengeID string) (string, error) {
	k, err := r.find(keyID)
	if err != nil {
		return "", err
	}
	id, err := hex.DecodeString(challengeID)
	if err != nil || len(id) != idBytes || hex.EncodeToString(id) != challengeID {
		return "", ErrChallengeID
	}
	return encoding.EncodeToString(append(id, mac(k.link, "link", challengeID)...)), nil
}

// ParseLinkToken returns the challenge that a genuine token names, made with any key of the ring. Whether
// the challenge is still good is not its business. Every token has one text only.
func (r *Ring) ParseLinkToken(token string) (challengeID string, ok bool) {
	if len(token) != tokenLength {
		return "", false
	}
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) != tokenBytes {
		return "", false
	}
	id := hex.EncodeToString(raw[:idBytes])
	for _, k := range r.keys {
		if hmac.Equal(mac(k.link, "link", id), raw[idBytes:]) {
			ok = true
		}
	}
	if !ok {
		return "", false
	}
	return id, true
}
