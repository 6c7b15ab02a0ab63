package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"latchkey/internal/recovery"
)

// Why a webhook is refused. The answer to all of them is 406, after which Mailgun does not try again.
var (
	ErrWebhookForm      = errors.New("webhook: not a report of Mailgun's")
	ErrWebhookSignature = errors.New("webhook: wrong signature")
	ErrWebhookStale     = errors.New("webhook: too old, or from the future")
	ErrWebhookReplayed  = errors.New("webhook: token used before")
)

const (
	// WebhookMaxAge is how old a report may be: Mailgun repeats one for 8 hours.
	WebhookMaxAge = 9 * time.Hour
	// webhookAhead allows for clocks that differ.
	webhookAhead = 5 * time.Minute
	// maxWebhookToken bounds a token, which Mailgun makes 50 characters long.
	maxWebhookToken = 128
)

// Event is what a report says of a delivery. The signature covers timestamp and token alone, so an event
// moves what is shown of a delivery and decides nothing else.
type Event struct {
	// DeliveryID is "" and State is "" for reports that do not matter here: an opened mail, a mail that
	// is not Latchkey's.
	DeliveryID string
	State      recovery.State
	Reason     recovery.Reason // for agents

	claim string    // the name under which the report's token is claimed
	until time.Time // when the report is too old to come again
}

type webhook struct {
	Signature struct {
		Timestamp string `json:"timestamp"`
		Token     string `json:"token"`
		Signature string `json:"signature"`
	} `json:"signature"`
	Data eventData `json:"event-data"`
}

// VerifyWebhook checks a report's signature and age, in that order, and reads it. Its errors are those above.
// That it is not a replay shows when it is recorded.
func VerifyWebhook(signingKey string, body []byte, now time.Time) (Event, error) {
	var w webhook
	if err := json.Unmarshal(body, &w); err != nil {
		return Event{}, ErrWebhookForm
	}
	s := w.Signature
	if signingKey == "" || s.Token == "" || len(s.Token) > maxWebhookToken || !signed(signingKey, s.Timestamp, s.Token, s.Signature) {
		return Event{}, ErrWebhookSignature
	}
	at, err := strconv.ParseInt(s.Timestamp, 10, 64)
	if err != nil {
		return Event{}, ErrWebhookForm
	}
	sent := time.Unix(at, 0)
	if now.Sub(sent) > WebhookMaxAge || sent.Sub(now) > webhookAhead {
		return Event{}, ErrWebhookStale
	}
	sum := sha256.Sum256([]byte(s.Token))
	e := w.Data.event()
	e.claim, e.until = "mailgun-webhook:"+hex.EncodeToString(sum[:16]), sent.Add(WebhookMaxAge+webhookAhead)
	return e, nil
}

func signed(key, timestamp, token, signature string) bool {
	got, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(timestamp + token))
	return hmac.Equal(got, mac.Sum(nil))
}
