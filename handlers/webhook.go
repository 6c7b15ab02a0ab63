package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"latchkey/handlers/internal/edge"
	"latchkey/internal/fault"
)

// maxReport is the longest report of a mail service, in bytes (R8).
const maxReport = 256 << 10

// ErrReportRefused is wrapped by Reports for what will never be taken: a wrong signature, an old one, one
// that was used before. The mail service is told not to try again.
var ErrReportRefused = errors.New("report refused")

// Reports takes what a mail service reports of mails that it took. What it moves is shown to customers and
// agents and decides nothing.
type Reports interface {
	// Report reads and records one. An error that does not wrap ErrReportRefused is worth another attempt.
	Report(ctx context.Context, body []byte) error
}

// report answers a mail service, in its own terms: 200 ends the matter, 406 too, and after anything else it
// comes again. There is no customer here: no cookie, no page.
func (s *server) report(from Reports) gin.HandlerFunc {
	return func(c *gin.Context) {
		status := http.StatusOK
		if err := s.take(c, from); errors.Is(err, ErrReportRefused) {
			status = http.StatusNotAcceptable
			s.logReport(c, slog.LevelWarn, err)
		} else if err != nil {
			status = http.StatusServiceUnavailable
			s.logReport(c, slog.LevelError, err)
		}
		c.String(status, "%s\n", http.StatusText(status))
	}
}

func (s *server) take(c *gin.Context, from Reports) (err error) {
	defer func() {
		if p := fault.Caught(recover()); p != nil {
			s.log.Error("panic", slog.String("request", c.GetString(edge.KeyRequestID)), p.Attr())
			err = p
		}
	}()
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxReport))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return fmt.Errorf("%w: over %d bytes", ErrReportRefused, maxReport)
	case err != nil:
		return errors.New("the body broke off")
	}
	return from.Report(c.Request.Context(), body)
}

func (s *server) logReport(c *gin.Context, level slog.Level, err error) {
	s.log.LogAttrs(c.Request.Context(), level, "mail report not taken",
		slog.String("request", c.GetString(edge.KeyRequestID)), slog.String("error", err.Error()))
}
