package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"latchkey/assets"
	reportpage "latchkey/handlers/console/report"
	"latchkey/internal/config"
	"latchkey/internal/ops"
	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
)

// runReport prints what /report shows. It may run beside a server, and changes nothing.
func runReport(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	store, err := lookInto(ctx, c.Database, sqlstore.OpenCurrent, sqlstore.ToRead())
	if err != nil {
		return err
	}
	end := busy(stderr, "Counting")
	r, err := countedReport(ctx, store, c.Period)
	end()
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	switch {
	case c.Period.JSON:
		return ops.ReportJSON(stdout, r)
	case c.Period.CSV:
		return ops.ReportCSV(stdout, r)
	}
	return ops.ReportText(stdout, r)
}

// opening is a way to open a database that is there.
type opening func(ctx context.Context, url string, opts ...sqlstore.Option) (*sqlstore.Store, error)

// lookInto opens a database; where that fails, most likely another was meant.
func lookInto(ctx context.Context, database string, open opening, opts ...sqlstore.Option) (*sqlstore.Store, error) {
	store, err := open(ctx, database, opts...)
	if err == nil {
		return store, nil
	}
	if _, file := sqlstore.File(database); file {
		return nil, fmt.Errorf("%w (another is named with --data, its folder, or --database)", err)
	}
	return nil, fmt.Errorf("%w (another is named with --database or --database-file)", err)
}

func countedReport(ctx context.Context, store *sqlstore.Store, p config.Period) (recovery.Report, error) {
	policy := recovery.Policy{Retention: recovery.Retention{Cases: p.KeepCases}}
	return recovery.New(recovery.Deps{Store: store, Now: time.Now, Policy: policy}).Report(ctx, p.Since)
}

// mountReport puts the report onto the ops listener: the page, the same as files, and the dashboard of metrics.
func (a *app) mountReport(ctx context.Context) error {
	page, err := reportpage.New(reportpage.Config{Service: a.service, Renderer: a.words, Log: a.log})
	if err != nil {
		return err
	}
	a.surface.Mount("GET /report", patient(ctx, page))
	a.surface.Mount("GET /assets/", assets.Handler())
	a.surface.Mount("GET /report.json", patient(ctx, a.reportFile("application/json", ops.ReportJSON)))
	a.surface.Mount("GET /report.csv", patient(ctx, a.reportFile("text/csv; charset=utf-8", ops.ReportCSV)))
	a.surface.Mount("GET /grafana.json", http.HandlerFunc(ops.ServeDashboard))
	return nil
}

// reportTime is how long a report may take. With ten million cases it takes 8 s on PostgreSQL and 40 s on SQLite, on
// two processors.
const reportTime = 5 * time.Minute

// patient gives a report its time, which is more than a customer's answer gets (R13), but not that of the end of the
// program, which comes with serving.
func patient(serving context.Context, report http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end := time.Now().Add(reportTime)
		ctx, cancel := context.WithDeadline(r.Context(), end)
		defer cancel()
		defer context.AfterFunc(serving, cancel)()
		_ = http.NewResponseController(w).SetWriteDeadline(end.Add(5 * time.Second)) // else it has the usual time
		report.ServeHTTP(w, r.WithContext(ctx))
	})
}

// reportFile is a report in the form that write gives it, whole or not at all.
func (a *app) reportFile(contentType string, write func(io.Writer, recovery.Report) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		since, err := recovery.ParseSince(r.URL.Query().Get("since"))
		if err != nil {
			http.Error(w, "since: want a time such as 30d or 12h", http.StatusBadRequest)
			return
		}
		counted, err := a.service.Report(r.Context(), since)
		var b bytes.Buffer
		if err = errors.Join(err, write(&b, counted)); err != nil {
			reportpage.Refuse(w, a.log, err)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(b.Bytes()) // a browser that went away gets nothing more
	})
}
