package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Row is one line of the table.
type Row struct {
	Database, What string
	Connections    int
	Result
	CPU time.Duration // of the server, a request; its mail goes out meanwhile
	RSS int64         // when the loop ended, in bytes
	Of  float64       // share of the floor's requests a second; 0: there is none
}

// Plan says how long each figure is measured.
type Plan struct {
	Connections []int
	Each        time.Duration // a loop
	MostStarts  int           // a loop
	StartsOnly  bool          // the start page and starts, as to find out what they spend their time on
}

// measured runs a loop and notes what the process used meanwhile.
func measured(ctx context.Context, c *Child, row Row, b Bounds, do func(c *Conn, n int) error) (Row, error) {
	before, err := CPU(c.PID())
	if err != nil {
		return row, err
	}
	if row.Result, err = Loop(ctx, c.At, b, do); err != nil {
		return row, fmt.Errorf("%s: %w", row.What, err)
	}
	after, err1 := CPU(c.PID())
	var err2 error
	row.RSS, _, err2 = RSS(c.PID())
	row.Connections = b.Connections
	if row.Done > 0 {
		row.CPU = (after - before) / time.Duration(row.Done)
	}
	return row, errors.Join(err1, err2)
}

// Floor measures the page and the start of a floor.
func Floor(ctx context.Context, c *Child, database, kind string, p Plan) ([]Row, error) {
	var rows []Row
	for _, n := range p.Connections {
		b := Bounds{n, p.MostStarts * 8, p.Each}
		if database == "" {
			row, err := measured(ctx, c, Row{What: kind}, b, func(c *Conn, _ int) error {
				_, err := NewBrowser(0, "").do(c, Request{Path: "/"}, 200, "")
				return err
			})
			if rows = append(rows, row); err != nil {
				return rows, err
			}
			continue
		}
		row, err := measured(ctx, c, Row{Database: database, What: kind}, b, func(c *Conn, _ int) error {
			_, err := NewBrowser(0, "").do(c, Request{Path: "/", Form: "email=somebody%40example.com"}, 200, "")
			return err
		})
		if rows = append(rows, row); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// The names of what is measured.
const (
	WhatPage      = "start page"
	WhatStart     = "start"
	WhatVerify    = "verify"
	WhatSituation = "situation"
	WhatStatic    = "static page"
)

// journeys is the browsers of one round, at one number of connections.
type journeys struct {
	server   *Latchkey
	database string
	bounds   Bounds
	browsers []*Browser
	rows     []Row
}

var round int // so that no address comes twice

// Journeys measures every step of the journey.
func Journeys(ctx context.Context, l *Latchkey, database string, p Plan) ([]Row, error) {
	var rows []Row
	for _, n := range p.Connections {
		j := &journeys{server: l, database: database, bounds: Bounds{n, p.MostStarts, p.Each}}
		err := errors.Join(j.open(ctx), j.start(ctx))
		if !p.StartsOnly && err == nil {
			err = errors.Join(j.verify(ctx), j.situation(ctx), j.static(ctx))
		}
		if rows = append(rows, j.rows...); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func (j *journeys) measure(ctx context.Context, what string, b Bounds, do func(c *Conn, n int) error) error {
	row, err := measured(ctx, j.server.Child, Row{Database: j.database, What: what}, b, do)
	j.rows = append(j.rows, row)
	return err
}

// open gets the start page for as many browsers as will start. Each comes without a cookie.
func (j *journeys) open(ctx context.Context) error {
	round++
	j.browsers = make([]*Browser, j.bounds.Requests)
	err := j.measure(ctx, WhatPage, j.bounds, func(c *Conn, n int) error {
		b := NewBrowser(n, fmt.Sprintf("load-%d-%d@example.com", round, n))
		j.browsers[n] = b
		return b.Open(c, "/")
	})
	j.browsers = j.browsers[:j.last().Done]
	return err
}

func (j *journeys) last() Row { return j.rows[len(j.rows)-1] }

func (j *journeys) start(ctx context.Context) error {
	mails := j.server.Mailbox.Taken()
	b := j.bounds
	b.Requests = len(j.browsers)
	err := j.measure(ctx, WhatStart, b, func(c *Conn, n int) error { return j.browsers[n].Start(c) })
	j.browsers = j.browsers[:j.last().Done]
	if err != nil {
		return err
	}
	return j.awaitMails(ctx, mails+len(j.browsers))
}

// mailsWithin is how long the mails of a round may take.
const mailsWithin = 90 * time.Second

// awaitMails waits until every start has its mail: one that is missing is a fault.
func (j *journeys) awaitMails(ctx context.Context, want int) error {
	for began := time.Now(); j.server.Mailbox.Taken() < want; {
		if time.Since(began) > mailsWithin || ctx.Err() != nil {
			return fmt.Errorf("load: %d mails came, want %d", j.server.Mailbox.Taken(), want)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

func (j *journeys) verify(ctx context.Context) error {
	b := j.bounds
	b.Requests = len(j.browsers)
	err := j.measure(ctx, WhatVerify, b, func(c *Conn, n int) error {
		return j.browsers[n].Verify(c, j.server.Mailbox.Code(j.browsers[n].Address))
	})
	j.browsers = j.browsers[:j.last().Done]
	return err
}

func (j *journeys) situation(ctx context.Context) error {
	if len(j.browsers) < j.bounds.Connections {
		return errors.New("load: nobody has proven a mailbox")
	}
	return j.measure(ctx, WhatSituation, j.bounds, func(c *Conn, n int) error {
		b := *j.browsers[n%len(j.browsers)]
		_, err := b.do(c, Request{Path: "/situation"}, 200, "")
		return err
	})
}

func (j *journeys) static(ctx context.Context) error {
	return j.measure(ctx, WhatStatic, j.bounds, func(c *Conn, n int) error {
		_, err := NewBrowser(n, "").do(c, Request{Path: "/help/unlinked-legacy"}, 200, "")
		return err
	})
}
