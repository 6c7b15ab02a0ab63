package desk

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Watch tells the people who run Latchkey of what no desk has taken, of a hand-off or of the note that its owner
// disowned it: each case by its reference, and again as long as that lasts.
type Watch struct {
	// Late are the references of the cases that have something of before a moment waiting, each as often as it has.
	Late  func(ctx context.Context, before time.Time) ([]string, error)
	After time.Duration // a hand-off is late
	Again time.Duration // it is told of once more
	Now   func() time.Time
	Log   *slog.Logger

	told map[string]time.Time
}

// Look tells of what is late and was not told of lately. It is not safe for concurrent use.
func (w *Watch) Look(ctx context.Context) error {
	now := w.Now()
	references, err := w.Late(ctx, now.Add(-w.After))
	if err != nil {
		return fmt.Errorf("desk: hand-offs cannot be looked at: %w", err)
	}
	told := map[string]time.Time{}
	for _, reference := range references {
		if _, twice := told[reference]; twice {
			continue
		}
		last, known := w.told[reference]
		if !known || now.Sub(last) >= w.Again {
			last = now
			w.Log.Error("the desk has not taken a hand-off", slog.String("case", reference), slog.Duration("for_over", w.After))
		}
		told[reference] = last
	}
	w.told = told
	return nil
}
