package mail

import (
	"sync"
	"time"
)

// maxAnswers bounds the cache, in entries.
const maxAnswers = 4096

// answers keeps look-ups for a short while: a customer reloads /situation, and each time would be a call
// to a service that counts them. Errors are not kept. It lives in memory alone.
type answers struct {
	keep time.Duration
	now  func() time.Time

	mu    sync.Mutex
	known map[string]kept
}

type kept struct {
	at    time.Time // of the mail; zero: none
	since time.Time // how far back was looked
	until time.Time
}

func newAnswers(keep time.Duration, now func() time.Time) *answers {
	return &answers{keep: keep, now: now, known: map[string]kept{}}
}

// get returns what is known of key, or asks. Mails from before since do not count.
func (a *answers) get(key string, since time.Time, ask func() (time.Time, error)) (time.Time, error) {
	a.mu.Lock()
	k, ok := a.known[key]
	a.mu.Unlock()
	if ok && a.now().Before(k.until) && !since.Before(k.since) {
		if k.at.Before(since) {
			return time.Time{}, nil
		}
		return k.at, nil
	}
	at, err := ask()
	if err != nil {
		return time.Time{}, err
	}
	a.put(key, kept{at: at, since: since, until: a.now().Add(a.keep)})
	return at, nil
}

func (a *answers) put(key string, k kept) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= maxAnswers {
		clear(a.known)
	}
	a.known[key] = k
}
