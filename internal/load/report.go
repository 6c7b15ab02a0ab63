package load

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// reports is how often the report is asked for.
const reports = 20

// Report measures the deflection report; ok is false where this version has none, or it cannot be had.
func (l *Latchkey) Report(ctx context.Context) (r Row, ok bool) {
	r = Row{What: "report", Connections: 1}
	var err error
	r.Result, err = Loop(ctx, l.ops, Bounds{1, reports, time.Minute}, func(c *Conn, _ int) error {
		a, err := c.Do(Request{Path: "/report"})
		if err == nil && a.Status != http.StatusOK {
			err = errors.New("load: no report")
		}
		return err
	})
	return r, err == nil
}
