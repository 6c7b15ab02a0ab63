package outbox

import "time"

const (
	firstRetry = 2 * time.Second
	lastRetry  = 10 * time.Minute
	// deadRetry is how long a hand-off waits that was refused for good.
	deadRetry = time.Hour
)

// backoff is how long a delivery waits after its attempts so far: 2 s doubled each time up to 10 min,
// then spread by a quarter to either side so that mails that failed together do not return together.
func backoff(attempts int, jitter float64) time.Duration {
	wait := lastRetry
	if attempts = max(attempts, 1); attempts < 10 {
		wait = min(firstRetry<<(attempts-1), lastRetry)
	}
	return time.Duration(float64(wait) * (0.75 + jitter/2))
}
