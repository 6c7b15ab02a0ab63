package recovery

import (
	"context"
	"hash/crc32"
	"time"
)

// allMail is the key of the budget that all mail before proof shares.
const allMail = "mail"

func (s *Service) allMailBudget() budget { return budget{allMail, time.Hour, s.Policy.GlobalHour} }

// mayMail takes from the budgets of R10. A mailbox that asked for no more mail spends none. over is the one that refused
// the mail, as Observe is told.
//
// What is counted before it is summed is never passed. That holds for what one mailbox or one network may have.
// Everybody counts on the budget of all together, and nobody is to wait for all the others: it is counted aside,
// and on PostgreSQL as many mails may pass it as transactions ask for one at once. A start that shares its
// transaction may, at the very edge, be refused for what another of it gives back.
func (s *Service) mayMail(ctx context.Context, tx Tx, to mailTo, network string) (refusal Reason, over string, err error) {
	now := s.Now()
	counters := s.mailCounters(to.address, network)
	if err := counters.count(ctx, tx, 1, now); err != nil {
		return ReasonNone, "", err
	}
	spent, err := tx.MailSpent(ctx, counters.sums(to.hash, now))
	switch {
	case err != nil:
		return ReasonNone, "", err
	case spent.Stopped:
		return ReasonStopped, "", counters.count(ctx, tx, -1, now)
	}
	if over := s.overspent(spent); over != "" {
		return ReasonCapped, over, counters.count(ctx, tx, -1, now)
	}
	return ReasonNone, "", nil
}

// What Observe is told where a budget of R10 refuses a mail before proof. Customers see one text for all three (R1);
// who runs Latchkey has to know when nobody is mailed any more.
const (
	CappedAll     = "capped:mail-all"
	CappedNetwork = "capped:mail-network"
	CappedMailbox = "capped:mail-address"
)

// overspent names the widest budget of R10 that holds more than its limit; "" if none does.
func (s *Service) overspent(spent MailSpent) string {
	p := &s.Policy
	switch {
	case spent.All > p.GlobalHour:
		return CappedAll
	case spent.Network > p.GlobalNetHour:
		return CappedNetwork
	case spent.MailboxHour > p.AddressHour, spent.MailboxDay > p.AddressDay,
		spent.ShareHour > p.AddressNetHour, spent.ShareDay > p.AddressNetDay:
		return CappedMailbox
	}
	return ""
}

// mailCounters are those of a mail before proof to one mailbox that one network asks for.
//
// The mailbox's counter tells networks apart itself: each has buckets of its own, which lie its slot after the
// start of a slice. Two networks of one slot, one pair in 360,000, have one share between them: stricter,
// never looser. So is the slot itself, since a bucket leaves its window later by it.
type mailCounters struct {
	mailbox, network string
	slot             time.Duration
}

func (s *Service) mailCounters(stored, network string) mailCounters {
	from := s.Keys.HashLimit("network", network)
	return mailCounters{s.mailboxCounter(stored), allMail + ":" + from, slotOf(from)}
}

func (s *Service) mailboxCounter(stored string) string {
	return allMail + ":" + s.limitHash("address", stored)
}

// slotOf is the slot of a network's keyed hash: whole milliseconds, more than none and less than a bucket.
func slotOf(hash string) time.Duration {
	const slots = uint32(bucketLength/time.Millisecond) - 1
	return time.Duration(1+crc32.ChecksumIEEE([]byte(hash))%slots) * time.Millisecond
}

// count adds n to all that a mail counts in. What a refused mail gives back leaves no bucket, so that a mailbox has no
// more of them than mails: whoever asks from ever more networks would else make each sum read them all.
func (m mailCounters) count(ctx context.Context, tx Tx, n int, now time.Time) error {
	bucket := now.Truncate(bucketLength).Add(m.slot)
	if err := tx.CountBoth(ctx, m.names(), bucket, n, expiryOf(bucket)); err != nil {
		return err
	}
	bucket = now.Truncate(bucketLength)
	return tx.CountAside(ctx, allMail, bucket, n, expiryOf(bucket))
}

// names are in the order in which they are counted.
func (m mailCounters) names() [2]string { return [2]string{m.mailbox, m.network} }

func (m mailCounters) sums(addressHash string, now time.Time) MailSums {
	return MailSums{
		AddressHash: addressHash, Now: now,
		All: allMail, Network: m.network, Mailbox: m.mailbox,
		Hour: windowFrom(now, time.Hour), Day: windowFrom(now, day),
		Slice: bucketLength, Slot: m.slot,
	}
}
