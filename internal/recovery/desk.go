package recovery

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Desk is where hand-offs become tickets. An error is a *SendError; any other counts as temporary. Its methods
// are called again after every error, after a time-out behind which the desk did act, and after a crash.
type Desk interface {
	// File makes m.Ticket a ticket, or a note to the ticket that the case is bound to where that is of the same
	// requester and takes one: once, however often it is called with the same m.Ticket.ID. It returns the
	// desk's own number, "" where the desk gives none.
	File(ctx context.Context, m Message) (number string, err error)
	// Note adds m.Note to its ticket where support alone sees it, once for each m.Note.ID. A ticket of whom the
	// note does not name is never written to.
	Note(ctx context.Context, m Message) error
}

// Ticket is a hand-off as a desk gets it. Of addresses it holds those that were proven.
type Ticket struct {
	ID         string // of the delivery: the same on every attempt
	Kind       HandOffKind
	Reference  string
	Requester  string // the proven address that the hand-off is from
	Bound      string // the ticket that a signed support link named, "" for none
	Language   string // the customer's
	Message    string // their words, "" for "this wasn't me"
	Note       string // what support has to know, as plain text
	Evidence   Evidence
	Support    []Guidance
	ConsoleURL string // the page of the case, "" for none
	At         time.Time
}

// Guidance is what support has to know of a situation: what to obtain before it acts, and the steps.
type Guidance struct {
	Situation string   `json:"situation"`
	Title     string   `json:"title"`
	OneOf     []string `json:"obtain_one_of,omitempty"`
	AllOf     []string `json:"obtain_all_of,omitempty"`
	Steps     []string `json:"steps"`
}

// Note is what a desk adds to a ticket that is there.
type Note struct {
	ID         string // of the delivery: the same on every attempt
	Reference  string
	Ticket     string
	Requesters []string // the ticket has to be of one of them
	Outcome    Ending
	Text       string
	At         time.Time
}

// Ending is how a case ended that a support link bound to a ticket, or that became one.
type Ending string

// The endings.
const (
	EndingSignedIn Ending = "signed-in" // the portal's one-time URL was handed over
	EndingGotIn    Ending = "got-in"    // the customer said so
	EndingNotIn    Ending = "not-in"    // the customer said they did not
	EndingUnknown  Ending = "unknown"   // nothing was heard within 48 hours
	EndingDisowned Ending = "disowned"  // the mailbox's owner said that it wasn't them: nobody is to be let in
)

var endings = []Ending{EndingSignedIn, EndingGotIn, EndingNotIn, EndingUnknown, EndingDisowned}

// endingOf are the steps that are one.
var endingOf = map[string]Ending{ActSignedIn: EndingSignedIn, ActGotIn: EndingGotIn, ActNotIn: EndingNotIn}

func (o Ending) kind() Kind { return Kind("note-" + o) }

// NoteEnding has a bound case's ticket told how the case ended, once for each ending. It writes nothing for
// other cases, and none where the desk takes no notes. Who calls it calls Queued after the transaction.
func (s *Service) NoteEnding(ctx context.Context, tx Tx, c Case, o Ending) error {
	if !s.DeskNotes || !c.Bound() || !slices.Contains(endings, o) {
		return nil
	}
	deliveries, err := tx.Deliveries(ctx, c.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(deliveries, func(d Delivery) bool { return d.Kind == o.kind() }) {
		return nil
	}
	return tx.InsertDelivery(ctx, s.delivery(o.kind(), c.ID))
}

// noteDisowned has the ticket that a case became, or is bound to, told that its owner disowned it: whoever reads
// the ticket alone would go on to let in who asked. A hand-off that is being filed just now is told by Filed.
func (s *Service) noteDisowned(ctx context.Context, tx Tx, c Case) error {
	filed, err := tx.HandOff(ctx, c.ID, HandOffSupport)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if !s.DeskNotes || filed.Ticket == "" && !c.Bound() {
		return nil
	}
	return tx.InsertDelivery(ctx, s.delivery(EndingDisowned.kind(), c.ID))
}

// Filed keeps the number that the desk gave to a hand-off; "" for none. The first one stays.
func (s *Service) Filed(ctx context.Context, t Ticket, number string) error {
	if number == "" {
		return nil
	}
	return s.Store.Update(ctx, func(tx Tx) error {
		c, err := tx.CaseByReference(ctx, t.Reference)
		if err == nil {
			c, err = lockedCase(ctx, tx, c.ID)
		}
		if err != nil {
			return err
		}
		h, err := tx.HandOff(ctx, c.ID, t.Kind)
		if err != nil || h.Ticket != "" {
			return err
		}
		if err := tx.SetTicket(ctx, c.ID, t.Kind, number); err != nil {
			return err
		}
		told := c.Bound() && c.Ticket == number
		if err := s.audit(ctx, tx, c, ActTicketMade, number); err != nil || c.Open() || t.Kind != HandOffSupport || told {
			return err
		}
		return s.noteDisowned(ctx, tx, c)
	})
}
