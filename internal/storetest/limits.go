package storetest

import (
	"time"

	"latchkey/internal/recovery"
)

var limitTests = map[string]func(*kit){
	"Count/sums the buckets after a moment": countSums,
	"Count/seen in its own transaction":     countThenSum,
	"CountAll/as Count does, each key":      countTogether,
	"MailSpent/as Stopped and Counted do":   mailSpent,
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
	for _, keys := range [][]string{{"a"}, {"a", "b"}, {"c", "a", "b"}} {
		k.write(func(tx recovery.Tx) error { return tx.CountAll(k.ctx, keys, now, 2, now.Add(time.Hour)) })
	}
	k.write(func(tx recovery.Tx) error { return tx.CountAll(k.ctx, []string{"b"}, now, -1, now.Add(time.Hour)) })
	for key, want := range map[string]int{"a": 6, "b": 3, "c": 2, "": 0} {
		k.equal("counted "+key, k.counted(key, now.Add(-time.Hour)), want)
	}
	err := k.Update(k.ctx, func(tx recovery.Tx) error {
		return tx.CountAll(k.ctx, []string{"a", "b", "c", "d"}, now, 1, now.Add(time.Hour))
	})
	if err == nil {
		k.Error("more keys than one write takes were counted, or left out")
	}
}

func mailSpent(k *kit) {
	hour, day := now.Add(-time.Hour), now.Add(-24*time.Hour)
	k.write(func(tx recovery.Tx) error {
		if err := tx.CountAll(k.ctx, []string{"a", "b"}, now, 2, now.Add(time.Hour)); err != nil {
			return err
		}
		if err := tx.Count(k.ctx, "a", hour, 3, now.Add(time.Hour)); err != nil {
			return err
		}
		return tx.PutStop(k.ctx, "stopped", now.Add(time.Second))
	})
	sums := []recovery.Sum{{Key: "a", From: hour}, {Key: "a", From: day}, {Key: "none", From: day}, {Key: "b", From: day}}
	for hash, want := range map[string]bool{"stopped": true, "other": false} {
		stopped, counted, err := k.MailSpent(k.ctx, hash, now, sums)
		if err != nil {
			k.Fatal(err)
		}
		k.equal("stopped "+hash, stopped, want)
		k.equal("counted", counted, []int{2, 5, 0, 2})
	}
	stopped, _, err := k.MailSpent(k.ctx, "stopped", now.Add(time.Second), nil)
	if stopped || err != nil {
		k.Errorf("after the stop's end: got %v, %v", stopped, err)
	}
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
