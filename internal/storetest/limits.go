package storetest

import (
	"errors"
	"time"

	"latchkey/internal/recovery"
)

var limitTests = map[string]func(*kit){
	"Count/sums the buckets after a moment": countSums,
	"Count/seen in its own transaction":     countThenSum,
	"CountBoth/as Count does, each key":     countTogether,
	"CountBoth/given back leaves nothing":   countBack,
	"MailSpent/by network, hour and day":    mailSpent,
	"MailSpent/the window's edge":           mailSpentEdge,
	"MailSpent/stopped as Stopped":          mailStopped,
	"Claim/until it lapses":                 nameClaimed,
	"Stop/until it ends or is lifted":       stopped,
}

func (k *kit) counted(key string, from time.Time) int {
	k.Helper()
	return got[int](k)(k.Counted(k.ctx, key, from))
}

func countSums(k *kit) {
	k.equal("nothing counted", k.counted("key", now), 0)
	first, second := now.Add(-time.Hour), now
	k.write(func(tx recovery.Tx) error {
		for _, c := range []struct {
			key    string
			bucket time.Time
			n      int
		}{{"key", first, 1}, {"key", first, 4}, {"key", second, 7}, {"key", second, -2}, {"other", second, 100}} {
			if err := tx.Count(k.ctx, c.key, c.bucket, c.n, now.Add(time.Hour)); err != nil {
				return err
			}
		}
		return nil
	})
	k.equal("both buckets", k.counted("key", first.Add(-time.Millisecond)), 10)
	k.equal("from the start of the first", k.counted("key", first), 5)
	k.equal("from the start of the second", k.counted("key", second), 0)
}

func countThenSum(k *kit) {
	k.write(func(tx recovery.Tx) error {
		if err := tx.Count(k.ctx, "key", now, 3, now.Add(time.Hour)); err != nil {
			return err
		}
		n, err := tx.Counted(k.ctx, "key", now.Add(-time.Hour))
		k.equal("counted in the transaction", n, 3)
		return err
	})
}

func countTogether(k *kit) {
	for _, keys := range [][2]string{{"a", "b"}, {"b", "a"}, {"c", "a"}} {
		k.write(func(tx recovery.Tx) error { return tx.CountBoth(k.ctx, keys, now, 2, now.Add(time.Hour)) })
	}
	k.write(func(tx recovery.Tx) error {
		return tx.CountBoth(k.ctx, [2]string{"b", "c"}, now, -1, now.Add(time.Hour))
	})
	for key, want := range map[string]int{"a": 6, "b": 3, "c": 1} {
		k.equal("counted "+key, k.counted(key, now.Add(-time.Hour)), want)
	}
}

func countBack(k *kit) {
	later := now.Add(time.Minute)
	k.write(func(tx recovery.Tx) error {
		if err := tx.CountBoth(k.ctx, [2]string{"a", "b"}, later, 1, later); err != nil {
			return err
		}
		if err := tx.CountBoth(k.ctx, [2]string{"a", "b"}, now, 1, later); err != nil {
			return err
		}
		if err := tx.CountBoth(k.ctx, [2]string{"b", "c"}, now, 1, later); err != nil {
			return err
		}
		return tx.CountBoth(k.ctx, [2]string{"a", "b"}, now, -1, later)
	})
	for key, want := range map[string]int{"a": 1, "b": 2, "c": 1} {
		k.equal("counted "+key, k.counted(key, now.Add(-time.Hour)), want)
	}
	k.equal("buckets left", k.sweep(later.Add(time.Millisecond), 100), 4)
}

// mailSums are those of one network and mailbox, whose slices are a minute long.
func mailSums(network string, slot time.Duration) recovery.MailSums {
	return recovery.MailSums{
		AddressHash: hash, Now: now, All: "mail", Network: "mail:" + network, Mailbox: "mail:to",
		Hour: now.Add(-time.Hour), Day: now.Add(-24 * time.Hour), Slice: time.Minute, Slot: slot,
	}
}

func mailSpent(k *kit) {
	const one, other = 7 * time.Millisecond, 59_999 * time.Millisecond
	slice := now.Truncate(time.Minute)
	k.write(func(tx recovery.Tx) error {
		for _, c := range []struct {
			network   string
			slot, ago time.Duration
			n         int
		}{
			{"one", one, 0, 1},
			{"one", one, 59 * time.Minute, 2},
			{"one", one, 61 * time.Minute, 4},
			{"one", one, 25 * time.Hour, 100},
			{"other", other, 0, 8},
			{"other", other, 23 * time.Hour, 16},
		} {
			keys := [2]string{"mail:to", "mail:" + c.network}
			if err := tx.CountBoth(k.ctx, keys, slice.Add(c.slot-c.ago), c.n, now.Add(time.Hour)); err != nil {
				return err
			}
		}
		if err := tx.Count(k.ctx, "mail:another", slice.Add(one), 100, now.Add(time.Hour)); err != nil {
			return err
		}
		if err := tx.Count(k.ctx, "mail", slice, 32, now.Add(time.Hour)); err != nil {
			return err
		}
		return tx.Count(k.ctx, "mail", slice.Add(-61*time.Minute), 100, now.Add(time.Hour))
	})
	spent := func(of recovery.MailSums) recovery.MailSpent {
		return got[recovery.MailSpent](k)(k.MailSpent(k.ctx, of))
	}
	want := recovery.MailSpent{All: 32, Network: 3, MailboxHour: 11, MailboxDay: 31, ShareHour: 3, ShareDay: 7}
	k.equal("one network", spent(mailSums("one", one)), want)
	want.Network, want.ShareHour, want.ShareDay = 8, 8, 24
	k.equal("the other", spent(mailSums("other", other)), want)
	want.Network, want.ShareHour, want.ShareDay = 0, 0, 0
	k.equal("a third", spent(mailSums("third", time.Second)), want)
	nothing := mailSums("third", time.Second)
	nothing.All, nothing.Mailbox = "none", "none"
	k.equal("nothing counted", spent(nothing), recovery.MailSpent{})
}

// The edge of a window is that of Counted: a bucket that starts where the window does is out of it.
func mailSpentEdge(k *kit) {
	sums := mailSums("one", 0)
	for _, bucket := range []time.Time{sums.Hour, sums.Day} {
		k.write(func(tx recovery.Tx) error {
			return errors.Join(tx.Count(k.ctx, "mail", bucket, 1, now),
				tx.CountBoth(k.ctx, [2]string{sums.Mailbox, sums.Network}, bucket, 1, now))
		})
	}
	sums.Slot = sums.Hour.Sub(sums.Hour.Truncate(sums.Slice)).Truncate(time.Millisecond)
	k.equal("at the edge", got[recovery.MailSpent](k)(k.MailSpent(k.ctx, sums)),
		recovery.MailSpent{MailboxDay: 1, ShareDay: 1})
	sums.Hour, sums.Day = sums.Hour.Add(-time.Millisecond), sums.Day.Add(-time.Millisecond)
	k.equal("within it", got[recovery.MailSpent](k)(k.MailSpent(k.ctx, sums)),
		recovery.MailSpent{All: 1, Network: 1, MailboxHour: 1, MailboxDay: 2, ShareHour: 1, ShareDay: 2})
}

func mailStopped(k *kit) {
	k.write(func(tx recovery.Tx) error { return tx.PutStop(k.ctx, hash, now.Add(time.Second)) })
	is := func(hash string, at time.Time) bool {
		sums := mailSums("one", time.Second)
		sums.AddressHash, sums.Now = hash, at
		return got[recovery.MailSpent](k)(k.MailSpent(k.ctx, sums)).Stopped
	}
	k.equal("stopped", is(hash, now), true)
	k.equal("another", is("other", now), false)
	k.equal("after the stop's end", is(hash, now.Add(time.Second)), false)
}

func nameClaimed(k *kit) {
	claim := func(name string, at, until time.Time) bool {
		return k.yes(func(tx recovery.Tx) (bool, error) { return tx.Claim(k.ctx, name, at, until) })
	}
	until := now.Add(15 * time.Second)
	k.equal("first", claim("a", now, until), true)
	k.equal("other name", claim("b", now, until), true)
	k.equal("while it holds", claim("a", until.Add(-time.Millisecond), until.Add(time.Hour)), false)
	k.equal("once it has lapsed", claim("a", until, until.Add(time.Hour)), true)
	k.write(func(tx recovery.Tx) error { return tx.Release(k.ctx, "a") })
	k.equal("once released", claim("a", until, until.Add(time.Hour)), true)
}

func stopped(k *kit) {
	isStopped := func(hash string, at time.Time) bool {
		return got[bool](k)(k.Stopped(k.ctx, hash, at))
	}
	put := func(until time.Time) {
		k.write(func(tx recovery.Tx) error { return tx.PutStop(k.ctx, hash, until) })
	}
	k.equal("never stopped", isStopped(hash, now), false)
	put(now.Add(time.Hour))
	k.equal("stopped", isStopped(hash, now), true)
	k.equal("other address", isStopped("other", now), false)
	k.equal("at its end", isStopped(hash, now.Add(time.Hour)), false)
	put(now.Add(2 * time.Hour))
	k.equal("put again", isStopped(hash, now.Add(time.Hour)), true)
	k.write(func(tx recovery.Tx) error { return tx.LiftStop(k.ctx, hash) })
	k.equal("lifted", isStopped(hash, now), false)
}
