package recovery

import (
	"context"
	"time"
)

// briefTime is what the portal gets for a page that is shown because it has just failed: with the time
// that the failure took, the customer waits six seconds at most.
const briefTime = time.Second

type briefKey struct{}

// Briefly marks a request in which the portal has failed already.
func Briefly(ctx context.Context) context.Context { return context.WithValue(ctx, briefKey{}, true) }

// portalTime is what all that one request asks of the portal may take.
func (s *Service) portalTime(ctx context.Context) time.Duration {
	if brief, _ := ctx.Value(briefKey{}).(bool); brief {
		return min(briefTime, s.Policy.PortalTimeout)
	}
	return s.Policy.PortalTimeout
}
