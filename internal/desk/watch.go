package desk

import (
	"context"
	"log/slog"
	"time"
)

// Watch tells the people who run Latchkey of hand-offs that no desk has taken: each by its reference, and
// again as long as that lasts.
type Watch struct {
	// Late are the references of hand-offs without a ticket that were made before a moment.
	Late  func(ctx context.Context, before time.Time) ([]string, error)
	After time.Duration // a hand-off is late
	Again time.Duration // it is told of once more
	Now   func() time.Time
	Log   *slog.Logger

	told map[string]time.Time
}

// Look tells of what is late and was not told of lately. It is not safe for concurrent use.
func (w *Watch) Look(ctx context.Context) {
	now := w.Now()
	references, err := w.Late(ctx, now.Add(-w.After))
	if err != nil {
		if ctx.Err() == nil {
			w.Log.Error("hand-offs cannot be looked at", slog.Any("error", err))
		}
		return
	}
	told := map[string]time.Time{}
	for _, reference := range references {
		last, known := w.told[reference]
		if !known || now.Sub(last) >= w.Again {
			last = now
			w.Log.Error("a hand-off has no ticket", slog.String("case", reference), slog.Duration("for_over", w.After))
		}
		told[reference] = last
	}
	w.told = told
}
