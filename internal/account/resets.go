package account

import "time"

// Resets are the newest password resets that other systems mailed to an address; zero times for none.
type Resets struct {
	Identity time.Time // by the identity provider
	From     string    // the domain that sent that one, such as mg.gitlab.com
	Portal   time.Time // by the customer portal
}
