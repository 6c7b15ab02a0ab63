package secret

// RequestToken derives the text that a request to another system takes along and brings back, such as the
// state of a sign-in there: the request's id and a MAC over it. ErrUnknownKey, ErrChallengeID.
func (r *Ring) RequestToken(keyID, requestID string) (string, error) {
	return r.token(keyID, requestID, requestMAC)
}

// ParseRequestToken returns the request that a genuine token names, made with any key of the ring. A link
// token is none.
func (r *Ring) ParseRequestToken(token string) (requestID string, ok bool) {
	return r.parseToken(token, requestMAC)
}

// RequestSecret derives a further secret of a request by its name, such as a nonce: 256 bits in base64url.
// ErrUnknownKey.
func (r *Ring) RequestSecret(keyID, requestID, name string) (string, error) {
	k, err := r.find(keyID)
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString(k.request.sum("secret ", name, " ", requestID)), nil
}

func requestMAC(k subKeys, id string) []byte { return k.request.sum("token ", id) }
