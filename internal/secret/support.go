package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"strings"
)

const (
	// supportVersion begins every support token, so that another way to seal can come beside this one.
	supportVersion = "1"
	// maxSupportToken bounds what is decoded of a URL, in characters.
	maxSupportToken = 2048
)

// SealSupport seals what a support link says, with the current key: nobody else reads or alters it
// (AES-256-GCM). The token has three parts, split by dots: a version, the id of the key, and in base64url a
// random nonce and what was sealed. It is safe in a URL's path, and no two are alike.
func (r *Ring) SealSupport(plain []byte) string {
	k := r.keys[0]
	head := supportHead(k.id)
	return head + encoding.EncodeToString(k.supportAEAD().Seal(nil, nil, plain, []byte(head)))
}

// OpenSupport returns what a genuine token holds, sealed with the current key. How old that is is not its
// business. Every token has one text only.
//
// A retired key opens none. Other tokens name a row that was stored when they were made; this one is all there
// is, so that whoever has got hold of a key could go on making them after it was retired for that.
func (r *Ring) OpenSupport(token string) (plain []byte, ok bool) {
	if len(token) > maxSupportToken {
		return nil, false
	}
	k := r.keys[0]
	head := supportHead(k.id)
	text, mine := strings.CutPrefix(token, head)
	if !mine {
		return nil, false
	}
	sealed, err := encoding.DecodeString(text)
	if err != nil || encoding.EncodeToString(sealed) != text {
		return nil, false
	}
	plain, err = k.supportAEAD().Open(nil, nil, sealed, []byte(head))
	return plain, err == nil
}

// supportHead is the part in clear. It is sealed along.
func supportHead(keyID string) string { return supportVersion + "." + keyID + "." }

func (k subKeys) supportAEAD() cipher.AEAD {
	block, err := aes.NewCipher(k.support)
	if err != nil {
		panic("secret: " + err.Error()) // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("secret: " + err.Error()) // only for another cipher
	}
	return aead
}
