package recovery

import (
	"time"

	"latchkey/internal/secret"
)

// Deps are what the service works with; all are required but MailLog.
type Deps struct {
	Store   Store
	Portal  CustomerPortal
	MailLog MailLog // nil: the check is not configured and not listed
	Keys    *secret.Ring
	Now     func() time.Time
	Policy  Policy
}

// Service is the rules of a case. Its methods are safe for concurrent use; a Visitor is not.
type Service struct{ Deps }

// New returns a service over its dependencies.
func New(d Deps) *Service { return &Service{Deps: d} }
