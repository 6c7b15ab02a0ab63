package limit

import (
	"context"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/common"
)

// Memory is a Store in this process alone.
//
// Limiter's own keeps some 220 bytes in six pieces for each count, which has to last for two periods: what forty
// thousand clients left behind was 8 MB, and to walk through it at each collection of garbage took more of the
// processor than to serve them. Here a count is 24 bytes in a map without pointers, which no collection walks
// through, however many come.
type Memory struct {
	now   func() time.Time
	parts [memoryParts]memoryPart
	turn  atomic.Uint32 // whose it is to be tidied
}

// memoryParts is a power of two that keeps requests out of each other's way, and what tidying holds up small.
const memoryParts = 64

// tidyEvery is how often a part forgets what has ended, in seconds.
const tidyEvery = 60

type memoryPart struct {
	mu      sync.Mutex
	counts  map[memoryKey]memoryCount
	longest int64 // of all periods, in seconds
	tidied  int64 // when it was, in seconds
}

// memoryKey is a hash of a key; those keys are hashes that nobody outside can choose.
type memoryKey [16]byte

type memoryCount struct {
	n    int32
	ends uint32 // in seconds
}

var _ Store = (*Memory)(nil)

// NewMemory returns a store that holds nothing. A nil now is time.Now.
func NewMemory(now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	m := &Memory{now: now}
	for i := range m.parts {
		m.parts[i].counts = map[memoryKey]memoryCount{}
	}
	return m
}

// Tidy forgets, in one part after another at each call, what has ended.
func (m *Memory) Tidy() {
	p := &m.parts[m.turn.Add(1)%memoryParts]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tidy(m.now().Unix())
}

// Get implements Store.
func (m *Memory) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return m.Increment(ctx, key, 1, rate)
}

// Increment implements Store. A count that comes back to nothing is forgotten.
func (m *Memory) Increment(_ context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	return m.with(key, rate, func(now int64, p *memoryPart, k memoryKey) int32 {
		sum := p.at(k, now) + int32(n)
		if sum == 0 {
			delete(p.counts, k)
		} else {
			p.keep(k, sum, now, int64((rate.Period+time.Second-1)/time.Second))
		}
		return sum
	})
}

// Peek implements Store.
func (m *Memory) Peek(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return m.with(key, rate, func(now int64, p *memoryPart, k memoryKey) int32 { return p.at(k, now) })
}

// Reset implements Store.
func (m *Memory) Reset(_ context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return m.with(key, rate, func(_ int64, p *memoryPart, k memoryKey) int32 {
		delete(p.counts, k)
		return 0
	})
}

// with has do count in the part that has the key; now is in seconds.
func (m *Memory) with(
	key string, rate limiter.Rate, do func(now int64, p *memoryPart, k memoryKey) int32,
) (limiter.Context, error) {
	now := m.now()
	sum := sha256.Sum256([]byte(key))
	k := memoryKey(sum[:len(memoryKey{})])
	p := &m.parts[k[0]%memoryParts]
	p.mu.Lock()
	defer p.mu.Unlock()
	n := do(now.Unix(), p, k)
	return common.GetContextFromState(now, rate, now.Add(rate.Period), int64(n)), nil
}

// at is what a key has counted at now.
func (p *memoryPart) at(k memoryKey, now int64) int32 {
	if c := p.counts[k]; int64(c.ends) > now {
		return c.n
	}
	return 0
}

func (p *memoryPart) keep(k memoryKey, n int32, now, period int64) {
	p.counts[k] = memoryCount{n, uint32(now + period)}
	p.longest = max(p.longest, period)
}

// tidy forgets what has ended, and what was counted in a far future from which the clock has come back; one that is
// only set right loses no count. The map is made anew, since one that was large stays so.
func (p *memoryPart) tidy(now int64) {
	if p.tidied <= now && now < p.tidied+tidyEvery {
		return
	}
	p.tidied = now
	kept := map[memoryKey]memoryCount{}
	for k, c := range p.counts {
		if left := int64(c.ends) - now; left > 0 && left <= 2*p.longest {
			kept[k] = c
		}
	}
	p.counts = kept
}
