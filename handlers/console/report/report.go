package report

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

// Service is what this package asks of recovery.Service.
type Service interface {
	Report(ctx context.Context, since time.Duration) (recovery.Report, error)
}

// Renderer is what this package asks of templates.Renderer.
type Renderer interface {
	Page(w *bytes.Buffer, lang string, p templates.Page) error
}

// Config is what New works with; all is required.
type Config struct {
	Service  Service
	Renderer Renderer
	Log      *slog.Logger
}

// New returns the handler of the page. `?since=` is how far back it goes.
func New(c Config) (http.Handler, error) {
	if c.Service == nil || c.Renderer == nil || c.Log == nil {
		return nil, errors.New("report: Service, Renderer and Log are required")
	}
	return page{c}, nil
}

type page struct{ Config }

// policy allows nothing but the stylesheets and the icon of Latchkey itself.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// Refuse says in a line why there is no report. That somebody has left, or the program ends, is no error.
func Refuse(w http.ResponseWriter, log *slog.Logger, err error) {
	text := "the database does not answer"
	switch {
	case errors.Is(err, context.Canceled):
		text = "the server ends; try again in a minute"
	case errors.Is(err, context.DeadlineExceeded):
		text = "counting takes too long for a page; 'latchkey report' has all the time it needs"
		fallthrough
	default:
		log.Error("report", "error", err)
	}
	http.Error(w, text, http.StatusServiceUnavailable)
}

// ServeHTTP writes the whole page or, where it cannot be counted, a line that says why. A period that
// cannot be read is told on the page of the usual one.
func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Vary": "Accept-Language",
	} {
		w.Header().Set(name, value)
	}
	status, asked := http.StatusOK, r.URL.Query().Get("since")
	since, err := recovery.ParseSince(asked)
	if err != nil || asked == "" {
		since, asked = recovery.DefaultSince, usual
	}
	if err != nil {
		status = http.StatusBadRequest
	}
	counted, fault := p.Service.Report(r.Context(), since)
	var b bytes.Buffer
	if fault == nil {
		built := build(asked, counted)
		if err != nil {
			built.Problems = []templates.Problem{{ID: templates.ProblemSince}}
		}
		fault = p.Renderer.Page(&b, r.Header.Get("Accept-Language"), built)
	}
	if fault != nil {
		Refuse(w, p.Log, fault)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a browser that went away gets nothing more
}
