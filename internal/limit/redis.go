package limit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/common"
)

// The times that Redis gets. A page waits for it at most callTimeout in all: what Redis does not say in that
// time memory decides, and for as long as Redis is away nobody asks it.
const (
	dialTimeout = 200 * time.Millisecond
	ioTimeout   = 150 * time.Millisecond
	callTimeout = 250 * time.Millisecond
	// awayFor is how long Redis is left alone after it failed.
	awayFor = time.Second
	// idleConnections are kept for the next request, for idleTime.
	idleConnections = 64
	idleTime        = 5 * time.Minute
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
//
// It speaks to Redis by redigo: of go-redis, by which limiter's own store does, all commands end up in a
// program that has templates, which is 8 MB.
type Redis struct {
	url string
	now func() time.Time

	mu      sync.Mutex
	pool    *redis.Pool
	away    bool
	next    time.Time // when to look again, while away
	looking bool
}

var _ Store = (*Redis)(nil)

// database is what may stand behind the host: the number of a database.
var database = regexp.MustCompile(`^/?\d*$`)

// NewRedis returns a store, whether Redis is there or not. An error is of the URL and repeats nothing of it:
// it may hold a password.
func NewRedis(c RedisConfig) (*Redis, error) {
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss") || u.Hostname() == "" || !database.MatchString(u.Path) {
		return nil, errors.New("limit: the Redis URL cannot be read: want redis://HOST:PORT, or rediss:// for TLS")
	}
	r := &Redis{url: c.URL, now: c.Now}
	if r.now == nil {
		r.now = time.Now
	}
	r.pool = r.newPool()
	return r, nil
}

func (r *Redis) newPool() *redis.Pool {
	return &redis.Pool{
		MaxIdle: idleConnections, IdleTimeout: idleTime,
		DialContext: func(ctx context.Context) (redis.Conn, error) {
			return redis.DialURLContext(ctx, r.url, redis.DialContextFunc(dial),
				redis.DialReadTimeout(ioTimeout), redis.DialWriteTimeout(ioTimeout))
		},
	}
}

// dial bounds the handshake of TLS too, by the deadline of ctx, which redigo does not look at there. Each command
// sets another.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(end)
	}
	return conn, err
}

// Close ends the connections.
func (r *Redis) Close() error { return r.connections().Close() }

// Check asks Redis for a count, as a request does, and counts nothing. ErrAway, or what Redis or the way to it said.
func (r *Redis) Check(ctx context.Context) error {
	_, err := r.Peek(ctx, "check", limiter.Rate{Period: time.Second})
	return err
}

// Get implements Store.
func (r *Redis) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return r.Increment(ctx, key, 1, rate)
}

// increment counts, and forgets the count once nobody needs it any more.
var increment = redis.NewScript(1, `
local n = redis.call("INCRBY", KEYS[1], ARGV[1])
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return n`)

// Increment implements Store.
func (r *Redis) Increment(ctx context.Context, key string, n int64, rate limiter.Rate) (limiter.Context, error) {
	return r.ask(ctx, rate, func(ctx context.Context, c redis.Conn) (int64, error) {
		return redis.Int64(increment.DoContext(ctx, c, named(key), n, rate.Period.Milliseconds()))
	})
}

// Peek implements Store.
func (r *Redis) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return r.ask(ctx, rate, func(ctx context.Context, c redis.Conn) (int64, error) {
		n, err := redis.Int64(redis.DoContext(c, ctx, "GET", named(key)))
		if errors.Is(err, redis.ErrNil) {
			return 0, nil
		}
		return n, err
	})
}

// Reset implements Store.
func (r *Redis) Reset(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return r.ask(ctx, rate, func(ctx context.Context, c redis.Conn) (int64, error) {
		_, err := redis.DoContext(c, ctx, "DEL", named(key))
		return 0, err
	})
}

func named(key string) string { return "latchkey:limit:" + key }

// ask asks Redis for a count unless it is away. A customer who has left takes nothing back and says nothing of
// Redis.
func (r *Redis) ask(
	ctx context.Context, rate limiter.Rate, do func(context.Context, redis.Conn) (int64, error),
) (limiter.Context, error) {
	if !r.there() {
		return limiter.Context{}, ErrAway
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	n, err := r.with(ctx, do)
	if err != nil {
		r.failed()
		return limiter.Context{}, fmt.Errorf("limit: Redis: %w", err)
	}
	now := r.now()
	return common.GetContextFromState(now, rate, now.Add(rate.Period), n), nil
}

func (r *Redis) with(ctx context.Context, do func(context.Context, redis.Conn) (int64, error)) (n int64, err error) {
	conn, err := r.connections().GetContext(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }() // gives it back
	return do(ctx, conn)
}

func (r *Redis) connections() *redis.Pool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pool
}

// there reports whether Redis is to be asked. While it is away, the first to come after a while has somebody
// look.
func (r *Redis) there() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.away && !r.looking && !r.now().Before(r.next) {
		r.looking = true
		go r.look()
	}
	return !r.away
}

// look finds out whether Redis is back.
func (r *Redis) look() {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	_, err := r.with(ctx, func(ctx context.Context, c redis.Conn) (int64, error) {
		_, err := redis.DoContext(c, ctx, "PING")
		return 0, err
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looking, r.away = false, err != nil
	r.next = r.now().Add(awayFor)
}

// failed leaves Redis alone for a while. All connections are given up: they are to the one that failed.
func (r *Redis) failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.pool.Close()
	r.pool = r.newPool()
	r.away, r.next = true, r.now().Add(awayFor)
}
