package account

import "time"

// SuppressionList says why a sending domain no longer mails an address.
type SuppressionList string

// The lists.
const (
	ListBounces      SuppressionList = "bounce"      // a server refused the address for good
	ListComplaints   SuppressionList = "complaint"   // its owner reported a mail as spam
	ListUnsubscribes SuppressionList = "unsubscribe" // its owner asked for no more
)

// Suppression is an address on one of the lists of a sending domain. It is shown after proof only (R1),
// and cleared by an admin of the mail service alone.
type Suppression struct {
	List SuppressionList
	// Code is the SMTP code of the bounce, such as "550"; "" for other lists.
	Code  string
	Since time.Time
}
