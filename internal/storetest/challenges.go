package storetest

import (
	"errors"
	"time"

	"latchkey/internal/recovery"
)

var challengeTests = map[string]func(*kit){
	"InsertChallenge/keeps every field":                challengeKept,
	"CaseChallenges/oldest first":                      challengesListed,
	"CountTry/every code below the limit, used or not": tryCounted,
	"UseChallenge/once":                                challengeUsed,
	"UseChallenge/not past its expiry":                 challengeExpired,
	"UseCounted/one that was counted unused":           countedUsed,
	"CodeSpent/as Stopped and Counted do":              codeSpent,
	"ClaimChallenge/until it lapses":                   challengeClaimed,
	"ClaimChallenge/not one that is over":              deadNotClaimed,
	"EndChallenges/but for the purpose kept":           challengesEnded,
}

func (k *kit) challenge(id string) recovery.Challenge {
	k.Helper()
	return got[recovery.Challenge](k)(k.Challenge(k.ctx, id))
}

func (k *kit) use(id string, at time.Time) bool {
	return k.yes(func(tx recovery.Tx) (bool, error) { return tx.UseChallenge(k.ctx, id, at) })
}

func (k *kit) claim(id string, at, until time.Time) bool {
	return k.yes(func(tx recovery.Tx) (bool, error) { return tx.ClaimChallenge(k.ctx, id, at, until) })
}

func challengeKept(k *kit) {
	k.cases("1")
	want := aChallenge("c", "1")
	want.Tries, want.UsedAt, want.ClaimedUntil = 3, now.Add(time.Second), now.Add(time.Minute)
	k.challenges(want, aChallenge("bare", "1"))
	k.equal("challenge", k.challenge("c"), want)
	k.equal("challenge not used or claimed", k.challenge("bare"), aChallenge("bare", "1"))
	_, err := k.Challenge(k.ctx, "none")
	k.notFound("no challenge", err)
}

func challengesListed(k *kit) {
	k.cases("1", "2")
	first, second, late := aChallenge("z", "1"), aChallenge("y", "1"), aChallenge("x", "1")
	late.CreatedAt = now.Add(time.Second)
	k.challenges(late, first, second, aChallenge("w", "2"))
	k.equal("challenges", got[[]recovery.Challenge](k)(k.CaseChallenges(k.ctx, "1")),
		[]recovery.Challenge{first, second, late})
	k.equal("of no case", len(got[[]recovery.Challenge](k)(k.CaseChallenges(k.ctx, "none"))), 0)
}

func tryCounted(k *kit) {
	k.cases("1", "2")
	fresh, tried, spent := aChallenge("fresh", "1"), aChallenge("tried", "1"), aChallenge("spent", "1")
	tried.Tries, spent.Tries = 4, 5
	used, expired, link := aChallenge("used", "1"), aChallenge("expired", "1"), aChallenge("link", "1")
	used.UsedAt, expired.ExpiresAt, link.Purpose = now, now, recovery.PurposeSignIn
	k.challenges(fresh, tried, spent, used, expired, link, aChallenge("elsewhere", "2"))
	counted := map[string]int{}
	k.write(func(tx recovery.Tx) error {
		challenges, err := tx.CountTry(k.ctx, "1", 5, now)
		for _, c := range challenges {
			counted[c.ID] = c.Tries
		}
		return err
	})
	k.equal("counted", counted, map[string]int{"fresh": 1, "tried": 5, "used": 1})
	for id, want := range map[string]int{
		"fresh": 1, "tried": 5, "spent": 5, "used": 1, "expired": 0, "link": 0, "elsewhere": 0,
	} {
		k.equal("tries of "+id, k.challenge(id).Tries, want)
	}
}

func challengeUsed(k *kit) {
	k.cases("1")
	k.challenges(aChallenge("c", "1"), aChallenge("other", "1"))
	k.equal("first use", k.use("c", now), true)
	k.equal("second use", k.use("c", now.Add(time.Second)), false)
	k.equal("use of none", k.use("none", now), false)
	k.equal("used at", k.challenge("c").UsedAt, now)
	k.equal("other used at", k.challenge("other").UsedAt, time.Time{})
}

func challengeExpired(k *kit) {
	k.cases("1")
	c := aChallenge("c", "1")
	k.challenges(c)
	k.equal("use at its expiry", k.use("c", c.ExpiresAt), false)
	k.equal("use just before", k.use("c", c.ExpiresAt.Add(-time.Millisecond)), true)
}

func countedUsed(k *kit) {
	k.cases("1")
	used := aChallenge("used", "1")
	used.UsedAt = now.Add(-time.Minute)
	k.challenges(aChallenge("c", "1"), aChallenge("other", "1"), used)
	changed := aCase("1")
	changed.LastAct = "proven"
	k.write(func(tx recovery.Tx) error {
		_, err := tx.CountTry(k.ctx, "1", 5, now)
		return errors.Join(err, tx.UseCounted(k.ctx, "c", now), tx.UseCounted(k.ctx, "used", now), tx.UpdateCase(k.ctx, changed))
	})
	for id, want := range map[string]time.Time{"c": now, "other": {}, "used": used.UsedAt} {
		k.equal("used_at of "+id, k.challenge(id).UsedAt, want)
	}
	k.equal("case", got[recovery.Case](k)(k.Case(k.ctx, "1")), changed)
	k.equal("second use", k.use("c", now), false)
}

func codeSpent(k *kit) {
	hour := now.Add(-time.Hour)
	k.write(func(tx recovery.Tx) error {
		return errors.Join(
			tx.Count(k.ctx, "key", now, 2, now.Add(time.Hour)),
			tx.Count(k.ctx, "key", hour, 3, now.Add(time.Hour)),
			tx.PutStop(k.ctx, "stopped", now.Add(time.Second)),
		)
	})
	for _, c := range []struct {
		hash, key string
		at, from  time.Time
		stopped   bool
		n         int
	}{
		{"stopped", "key", now, hour.Add(-time.Second), true, 5},
		{"stopped", "key", now.Add(time.Second), hour, false, 2},
		{"other", "none", now, hour, false, 0},
	} {
		stopped, n, err := k.CodeSpent(k.ctx, c.hash, c.at, c.key, c.from)
		if stopped != c.stopped || n != c.n || err != nil {
			k.Errorf("%+v: got %v, %d, %v", c, stopped, n, err)
		}
	}
}

func challengeClaimed(k *kit) {
	k.cases("1")
	k.challenges(aChallenge("c", "1"))
	until := now.Add(15 * time.Second)
	k.equal("first claim", k.claim("c", now, until), true)
	k.equal("while claimed", k.claim("c", until.Add(-time.Millisecond), until.Add(time.Hour)), false)
	k.equal("claimed until", k.challenge("c").ClaimedUntil, until)
	k.equal("once lapsed", k.claim("c", until, until.Add(time.Second)), true)
	k.write(func(tx recovery.Tx) error { return tx.ReleaseChallenge(k.ctx, "c") })
	k.equal("released", k.challenge("c").ClaimedUntil, time.Time{})
	k.equal("once released", k.claim("c", until, until.Add(time.Second)), true)
	k.equal("use of a claimed one", k.use("c", until), true)
}

func deadNotClaimed(k *kit) {
	k.cases("1")
	used, expired := aChallenge("used", "1"), aChallenge("expired", "1")
	used.UsedAt, expired.ExpiresAt = now, now
	k.challenges(used, expired)
	for _, id := range []string{"used", "expired", "none"} {
		k.equal("claim of "+id, k.claim(id, now, now.Add(time.Second)), false)
	}
}

func challengesEnded(k *kit) {
	k.cases("1", "2")
	stop, used := aChallenge("stop", "1"), aChallenge("used", "1")
	stop.Purpose, used.UsedAt = recovery.PurposeStop, now.Add(-time.Minute)
	k.challenges(aChallenge("prove", "1"), stop, used, aChallenge("elsewhere", "2"))
	k.write(func(tx recovery.Tx) error { return tx.EndChallenges(k.ctx, "1", recovery.PurposeStop, now) })
	for id, want := range map[string]time.Time{
		"prove": now, "stop": {}, "used": now.Add(-time.Minute), "elsewhere": {},
	} {
		k.equal("used_at of "+id, k.challenge(id).UsedAt, want)
	}
}
