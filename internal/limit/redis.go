package limit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/ulule/limiter/v3"
	redisstore "github.com/ulule/limiter/v3/drivers/store/redis"
)

// The times that Redis gets. A page waits for it at most callTimeout in all: what Redis does not say in that
// time memory decides, and for as long as Redis is away nobody asks it.
const (
	dialTimeout = 200 * time.Millisecond
	ioTimeout   = 150 * time.Millisecond
	callTimeout = 250 * time.Millisecond
	// awayFor is how long Redis is left alone after it failed.
	awayFor = time.Second
)

// ErrAway is returned by Redis while it is known to be away, without asking it.
var ErrAway = errors.New("limit: Redis is away")

// RedisConfig is what NewRedis works with.
type RedisConfig struct {
	URL string           // redis:// or rediss://
	Now func() time.Time // nil: time.Now
}

// Redis is a Store in Redis, which many processes share. It may be away, when the process starts as well as
// later: then it fails at once, and a look in the background, no customer's request, finds out when it is
// back.
type Redis struct {
	client *redis.Client
	now    func() time.Time

	mu      sync.Mutex
	store   limiter.Store // nil until Redis has the scripts
	away    bool
	next    time.Time // when to look again, while away
	looking bool
}

var _ Store = (*Redis)(nil)

// NewRedis returns a store, whether Redis is there or not. An error is of the URL and repeats nothing of it:
// it may hold a password.
func NewRedis(c RedisConfig) (*Redis, error) {
	options, err := redis.ParseURL(c.URL)
	if err != nil {
		return nil, errors.New("limit: the Redis URL cannot be read: want redis://HOST:PORT, or rediss:// for TLS")
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = dialTimeout, ioTimeout, ioTimeout
	options.PoolTimeout = ioTimeout
	options.MaxRetries, options.DialerRetries = -1, 1
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	r := &Redis{client: redis.NewClient(options), now: c.Now}
	if r.now == nil {
		r.now = time.Now
	}
	return r, nil
}

// Close ends the connections.
func (r *Redis) Close() error { return r.client.Close() }

// Get implements Store.
func (r *Redis) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return r.Increment(ctx, key, 1, rate)
}

// Increment implements Store.
func (r *Redis) Increment(ctx context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	return r.ask(ctx, func(ctx context.Context, s limiter.Store) (limiter.Context, error) {
		return s.Increment(ctx, key, n, rate)
	})
}

// Peek implements Store.
func (r *Redis) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return r.ask(ctx, func(ctx context.Context, s limiter.Store) (limiter.Context, error) {
		return s.Peek(ctx, key, rate)
	})
}

// Reset implements Store.
func (r *Redis) Reset(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return r.ask(ctx, func(ctx context.Context, s limiter.Store) (limiter.Context, error) {
		return s.Reset(ctx, key, rate)
	})
}

// ask asks Redis unless it is away. A customer who has left takes nothing back and says nothing of Redis.
func (r *Redis) ask(
	ctx context.Context, do func(context.Context, limiter.Store) (limiter.Context, error),
) (limiter.Context, error) {
	store, err := r.there()
	if err != nil {
		return limiter.Context{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if store == nil {
		if store, err = r.open(); err != nil {
			return limiter.Context{}, r.failed(err)
		}
	}
	answer, err := do(ctx, store)
	if err != nil {
		return limiter.Context{}, r.failed(err)
	}
	return answer, nil
}

// there returns the store, or ErrAway. The first to come after a while has somebody look.
func (r *Redis) there() (limiter.Store, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.away {
		return r.store, nil
	}
	if !r.looking && !r.now().Before(r.next) {
		r.looking = true
		go r.look()
	}
	return nil, ErrAway
}

// look finds out whether Redis is back. One that has been started anew has lost the scripts.
func (r *Redis) look() {
	_, err := r.open()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looking, r.away = false, err != nil
	r.next = r.now().Add(awayFor)
}

// open loads the scripts.
func (r *Redis) open() (limiter.Store, error) {
	store, err := redisstore.NewStoreWithOptions(r.client, limiter.StoreOptions{Prefix: "latchkey:limit"})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store = store
	return store, nil
}

func (r *Redis) failed(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.away, r.next = true, r.now().Add(awayFor)
	return fmt.Errorf("limit: Redis: %w", err)
}
