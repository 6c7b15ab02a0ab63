package recovery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Outcomes is the Store's side of the 48-hour check.
type Outcomes interface {
	// Unchecked are at most limit cases that were proven before a moment and whose outcome was not looked up
	// yet, in the order of their proof, from the first one after a place in that order.
	Unchecked(ctx context.Context, before time.Time, after CheckPoint, limit int) ([]Case, error)
	// FirstHandOff is when an address first became a ticket of ours between two moments, the case's own request
	// to support aside; zero where it did not.
	FirstHandOff(ctx context.Context, c Case, addressHash string, from, until time.Time) (time.Time, error)
}

// CheckPoint is a place in the order of proofs.
type CheckPoint struct {
	Proven time.Time
	CaseID string
}

// ProvenAddress is a mailbox proven in a case; Address is "" where no row holds it any more.
type ProvenAddress struct {
	Hash    string
	Address string
}

const (
	checkBatch  = 50               // cases that are marked in one transaction
	checkAtMost = 250              // cases of one run for which the desk is asked
	mayFail     = 3                // questions that the desk may leave without an answer in one run
	askTime     = 10 * time.Second // that one question may take
)

// errDesk is a desk that did not answer; which case it was about is no matter.
var errDesk = errors.New("recovery: the desk did not say whether tickets came")

// checkPoint remembers where the last run ended, so that cases that the desk has no answer for do not keep
// the others from being asked about.
type checkPoint struct {
	mu sync.Mutex
	at CheckPoint
}

// CheckOutcomes looks up whether tickets came from the addresses of cases that were proven more than 48 hours
// ago, and returns for how many it found out. Cases for which the desk has no answer are left for a later run.
// A run asks the desk about a few hundred cases at most, with a pause before each question. It may run on
// several replicas at once, which costs questions and no more.
func (s *Service) CheckOutcomes(ctx context.Context) (int, error) {
	s.checks.mu.Lock()
	defer s.checks.mu.Unlock()
	run := checkRun{Service: s, before: s.Now().Add(-TicketWindow)}
	for s.Tickets == nil || run.asked < checkAtMost {
		cases, err := s.Store.Unchecked(ctx, run.before, s.checks.at, checkBatch)
		if err != nil {
			return run.checked, err
		}
		if len(cases) == 0 { // the next run begins anew, with those that were left
			s.checks.at = CheckPoint{}
			return run.checked, run.err()
		}
		if err := run.batch(ctx, cases); err != nil {
			return run.checked, err
		}
		if run.failed >= mayFail {
			break
		}
	}
	return run.checked, run.err()
}

// checkRun is one run of the check.
type checkRun struct {
	*Service
	before                 time.Time
	checked, asked, failed int
	last                   error
}

func (r *checkRun) err() error {
	if r.failed == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d cases are left for later: %w", errDesk, r.failed, r.last)
}

// batch looks cases up and marks those that it found out about.
func (r *checkRun) batch(ctx context.Context, cases []Case) error {
	tickets := map[string]time.Time{}
	for _, c := range cases {
		at, err := r.firstTicket(ctx, c)
		r.checks.at = CheckPoint{Proven: c.Milestones.Proven, CaseID: c.ID}
		switch {
		case ctx.Err() != nil: // a case of hundreds of mailboxes does not cost the others what was found out of them
			return errors.Join(ctx.Err(), r.mark(context.WithoutCancel(ctx), cases, tickets))
		case errors.Is(err, errDesk):
			r.failed, r.last = r.failed+1, err
		case err != nil:
			return err
		default:
			tickets[c.ID] = at
		}
		if r.failed >= mayFail {
			break
		}
	}
	return r.mark(ctx, cases, tickets)
}

func (r *checkRun) mark(ctx context.Context, cases []Case, tickets map[string]time.Time) error {
	err := r.Store.Update(ctx, func(tx Tx) error {
		for _, c := range cases {
			at, known := tickets[c.ID]
			if !known {
				continue
			}
			if !at.IsZero() {
				if err := tx.Mark(ctx, c.ID, MilestoneTicket, at); err != nil {
					return err
				}
			}
			if err := tx.Mark(ctx, c.ID, MilestoneChecked, r.Now()); err != nil {
				return err
			}
			if err := r.noteNothing(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		r.checked += len(tickets)
		r.Queued()
	}
	return err
}

// noteNothing has the ticket told that nothing was heard of a case that it was bound to.
func (r *checkRun) noteNothing(ctx context.Context, tx Tx, c Case) error {
	if c.Milestones.In() || !c.Milestones.NotIn.IsZero() || c.wentToSupport() {
		return nil
	}
	return r.NoteEnding(ctx, tx, c, EndingUnknown)
}

// firstTicket is when the first ticket came from an address proven in the case; zero where none did. Our own
// hand-offs are looked up first: where there is one, the desk need not be asked.
func (r *checkRun) firstTicket(ctx context.Context, c Case) (time.Time, error) {
	from := c.Milestones.Proven
	until := from.Add(TicketWindow)
	addresses, err := r.Store.ProvenAddresses(ctx, c)
	if err != nil {
		return time.Time{}, err
	}
	for _, a := range addresses {
		at, err := r.Store.FirstHandOff(ctx, c, a.Hash, from, until)
		if err != nil || !at.IsZero() {
			return at, err
		}
	}
	if r.Tickets == nil || c.wentToSupport() { // what the desk says of the latter changes nothing
		return time.Time{}, nil
	}
	r.asked++
	for _, a := range addresses {
		at, err := r.askDesk(ctx, a, from, until)
		if err != nil || !at.IsZero() {
			return at, err
		}
	}
	return time.Time{}, nil
}

func (r *checkRun) askDesk(ctx context.Context, a ProvenAddress, from, until time.Time) (time.Time, error) {
	to := address(a.Address)
	if to.IsZero() {
		return time.Time{}, nil // erased, or kept by nobody any more
	}
	select {
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	case <-time.After(r.Policy.CheckPace):
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	at, err := r.Tickets.FirstTicket(ctx, to, from, until)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", errDesk, err)
	}
	return at, nil
}
