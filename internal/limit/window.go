package limit

import "time"

// window is one stretch of a limit's time. Windows are laid out from the epoch, so that every process
// that shares a store has the same ones.
type window struct {
	count   int
	period  time.Duration
	number  int64
	elapsed time.Duration
}

func windowAt(now time.Time, r Rate) window {
	ms, period := now.UnixMilli(), r.Period.Milliseconds()
	return window{
		count:   r.Count,
		period:  time.Duration(period) * time.Millisecond,
		number:  ms / period,
		elapsed: time.Duration(ms%period) * time.Millisecond,
	}
}

// left is what the limit has left after taken in this window; below zero is one too many. Of the window
// before counts the part that a period ending now still covers.
func (w window) left(previous, taken int) int {
	covered := int(int64(previous) * int64(w.period-w.elapsed) / int64(w.period))
	return w.count - taken - covered
}

// wait is how long until one more would pass, with taken in this window and nobody else asking; in whole
// seconds, rounded up.
func (w window) wait(previous, taken int) time.Duration {
	end := w.period - w.elapsed
	at := end // a full window: the next one takes over as it begins
	if free := w.count - taken; free > 0 && previous > 0 {
		// previous * (period - t) / period must fall below free.
		at = w.period - time.Duration(int64(w.period)*int64(free)/int64(previous)) - w.elapsed
	}
	return max(0, min(at, end)).Truncate(time.Second) + time.Second
}
