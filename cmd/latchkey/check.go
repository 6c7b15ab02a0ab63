package main

import (
	"context"
	"time"
)

// checkFor is how long a system may take to say at the start that it is there.
const checkFor = 30 * time.Second

// checker is a system that can be asked whether it would do its work, before a customer needs it.
type checker interface {
	Check(ctx context.Context) error
}

// checkMail tells the log at the start what keeps all mail from going out. A mail service that is asked over HTTP has no
// such question.
func (a *app) checkMail(ctx context.Context) {
	if err := check(ctx, a.sender); err != nil {
		a.log.Error("the mail server cannot be used: no mail goes out until it can", "error", err)
	}
}

// checkCounts does the same of Redis, without which pages go on.
func (a *app) checkCounts(ctx context.Context) {
	if err := check(ctx, a.counts); err != nil {
		a.countsAsked(err)
	}
}

func check(ctx context.Context, system any) error {
	c, ok := system.(checker)
	if !ok {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	if err := c.Check(asking); ctx.Err() == nil { // else it is the server that ends
		return err
	}
	return nil
}
