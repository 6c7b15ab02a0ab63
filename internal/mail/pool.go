package mail

import (
	"context"
	"sync"
	"time"
)

const (
	// connIdle is how long a connection is kept without use; servers end theirs after some minutes.
	connIdle = 30 * time.Second
	// connMails is how many mails go over one connection: many servers take a hundred.
	connMails = 100
)

// pool holds the connections to one server. At most as many are open as it has slots.
type pool struct {
	dial  func(ctx context.Context) (*smtpConn, error)
	slots chan struct{}

	mu     sync.Mutex
	idle   []*smtpConn
	closed bool
}

func newPool(size int, dial func(context.Context) (*smtpConn, error)) *pool {
	return &pool{dial: dial, slots: make(chan struct{}, size)}
}

// take waits for a slot and returns a connection: an idle one, which may have ended by now, or a new one.
func (p *pool) take(ctx context.Context) (*smtpConn, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c := p.pop(); c != nil {
		return c, nil
	}
	c, err := p.dial(ctx)
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// give returns a connection, to be kept if it is still good.
func (p *pool) give(c *smtpConn, good bool) {
	defer func() { <-p.slots }()
	p.mu.Lock()
	keep := good && !p.closed && c.sent < connMails
	if keep {
		c.idle = time.Now()
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	switch {
	case keep:
	case good:
		c.quit()
	default:
		c.cut()
	}
}

// pop takes the connection used last and ends those that have been idle for too long.
func (p *pool) pop() *smtpConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 && time.Since(p.idle[0].idle) > connIdle {
		go p.idle[0].quit()
		p.idle = p.idle[1:]
	}
	if len(p.idle) == 0 {
		return nil
	}
	last := len(p.idle) - 1
	c := p.idle[last]
	p.idle = p.idle[:last]
	return c
}

func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.quit()
	}
}
