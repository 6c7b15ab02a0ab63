package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// The report is asked for so many times within a minute; one that takes longer is waited for.
const (
	reports    = 20
	reportTime = 5 * time.Minute
)

// Report measures the deflection report.
func (l *Latchkey) Report(ctx context.Context) (r Row, err error) {
	r = Row{What: "report", Connections: 1}
	r.Result, err = Loop(ctx, l.ops, Bounds{1, reports, time.Minute}, func(c *Conn, _ int) error {
		c.wait = reportTime
		a, err := c.Do(Request{Path: "/report"})
		if err == nil && a.Status != http.StatusOK {
			err = errors.New("no report")
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("load: report: %w", err)
	}
	return r, err
}
