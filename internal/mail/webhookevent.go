package mail

import (
	"encoding/json"
	"regexp"
	"strconv"

	"latchkey/internal/recovery"
)

// eventData is the part of a report that is read; all of it is unsigned.
type eventData struct {
	Event    string `json:"event"`
	Severity string `json:"severity"`
	Reason   string `json:"reason"`
	Status   struct {
		Code json.Number `json:"code"`
	} `json:"delivery-status"`
	Variables json.RawMessage `json:"user-variables"`
}

var (
	plainID     = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	plainReason = regexp.MustCompile(`^[a-z][a-z-]{0,31}$`)
)

// event sorts a report. What is not known is an Event without a state, which is answered 200 and ignored.
func (d eventData) event() Event {
	id := d.deliveryID()
	if id == "" {
		return Event{}
	}
	switch {
	case d.Event == "accepted":
		return Event{DeliveryID: id, State: recovery.StateAccepted}
	case d.Event == "delivered":
		return Event{DeliveryID: id, State: recovery.StateDelivered}
	case d.Event == "failed" && d.Severity == "temporary":
		return Event{DeliveryID: id, State: recovery.StateDelayed, Reason: d.reason()}
	case d.Event == "failed" && d.Severity == "permanent", d.Event == "rejected":
		return Event{DeliveryID: id, State: recovery.StateFailed, Reason: d.reason()}
	}
	return Event{}
}

// deliveryID reads the variable that Send set. Mailgun gives variables as an object, its logs as text.
func (d eventData) deliveryID() string {
	raw := d.Variables
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var variables map[string]json.RawMessage
	var id string
	if json.Unmarshal(raw, &variables) != nil || json.Unmarshal(variables[DeliveryVariable], &id) != nil {
		return ""
	}
	if !plainID.MatchString(id) {
		return ""
	}
	return id
}

// reason is Mailgun's word and the server's code, such as "bounce-550"; no text, which may hold an address.
func (d eventData) reason() recovery.Reason {
	reason := recovery.ReasonRefused
	if plainReason.MatchString(d.Reason) {
		reason = recovery.Reason(d.Reason)
	}
	if code, err := strconv.Atoi(d.Status.Code.String()); err == nil && code >= 400 && code <= 999 {
		reason += recovery.Reason("-" + strconv.Itoa(code))
	}
	return reason
}
