package gitlab

import (
	"sync"
	"time"

	"latchkey/internal/account"
)

const (
	// cacheFor is how long an answer is repeated: a customer walks through several pages in that time,
	// and whoever has just repaired something there sees it on the next look.
	cacheFor = 30 * time.Second
	// cacheSize bounds what is kept, in answers.
	cacheSize = 2000
)

// found is an answer: an identity, or that there is none.
type found struct {
	identity account.Identity
	none     bool
}

// cache keeps answers for a moment, in memory alone. Failures are not kept.
type cache struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]entry
}

type entry struct {
	found
	until time.Time
}

func newCache(now func() time.Time) *cache {
	return &cache{now: now, entries: map[string]entry{}}
}

func (c *cache) get(key string) (found, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	return e.found, ok && c.now().Before(e.until)
}

func (c *cache) put(key string, f found) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if len(c.entries) >= cacheSize {
		c.makeRoom(now)
	}
	c.entries[key] = entry{f, now.Add(cacheFor)}
}

// makeRoom drops what is over; where nothing is, everything, which costs a look-up each.
func (c *cache) makeRoom(now time.Time) {
	for key, e := range c.entries {
		if !now.Before(e.until) {
			delete(c.entries, key)
		}
	}
	if len(c.entries) >= cacheSize {
		clear(c.entries)
	}
}
