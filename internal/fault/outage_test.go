package fault_test

import (
	"testing"
	"time"

	"latchkey/internal/fault"
)

func TestAnOutageIsToldNowAndThen(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, o := range []*fault.Outage{{}, {Every: 10 * time.Second}} {
		every := o.Every
		if every == 0 {
			every = time.Minute
		}
		if _, was := o.Over(start); was {
			t.Fatal("over before it began")
		}
		for _, met := range []struct {
			after time.Duration
			times int
		}{
			{0, 1}, {every / 10, 0}, {every - 1, 0}, {every, 3}, {every + 1, 0}, {5 * every, 2},
		} {
			times, tell := o.Met(start.Add(met.after))
			if times != met.times || tell != (met.times > 0) {
				t.Errorf("every %v, met after %v: got %d, %v, want %d", every, met.after, times, tell, met.times)
			}
		}
		if lasted, was := o.Over(start.Add(6 * every)); !was || lasted != 6*every {
			t.Errorf("over: got %v, %v", lasted, was)
		}
		if _, was := o.Over(start.Add(6 * every)); was {
			t.Error("over twice")
		}
		if times, tell := o.Met(start.Add(7 * every)); times != 1 || !tell {
			t.Errorf("the next outage: got %d, %v, want it told at once", times, tell)
		}
	}
}

func TestAnOutageThatComesAndGoesIsToldNoMoreOften(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var o fault.Outage
	var begun, ended, times int
	for second := range 120 {
		now := start.Add(time.Duration(second) * time.Second)
		if n, tell := o.Met(now); tell {
			begun, times = begun+1, times+n
		}
		if _, was := o.Over(now.Add(time.Second / 2)); was {
			ended++
		}
	}
	if begun != 2 || ended != 2 || times != 61 {
		t.Errorf("of 120 outages in two minutes %d were told to begin, %d to end, with %d times in all; want 2, 2 and 61",
			begun, ended, times)
	}
}
