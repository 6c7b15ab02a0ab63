package recovery

import (
	"cmp"
	"context"
	"slices"

	"latchkey/internal/account"
)

// UnsignedLink is what a link without a signature says: each part as it came, "" where it said nothing. Who
// wrote it is not known, so that it fills in and marks, and binds nothing.
type UnsignedLink struct {
	Ticket   string
	Email    string
	Language string
	Form     bool // it stands at the help centre's contact form
}

// Arrive keeps what an unsigned link says for the start page, server-side, so that it stands in no URL that
// is logged or sent on (R11). What cannot be read is dropped; a link that says nothing changes nothing.
func (s *Service) Arrive(ctx context.Context, v *Visitor, l UnsignedLink) error {
	a, prefill := l.arrival()
	if a == nil && prefill == "" {
		return nil
	}
	return s.update(ctx, v, func(tx Tx) error {
		v.Session.Prefill, v.Session.Arrival = prefill, a
		return s.saveSession(ctx, tx, v)
	})
}

// Readable reports whether the link says anything.
func (l UnsignedLink) Readable() bool {
	a, prefill := l.arrival()
	return a != nil || prefill != ""
}

// arrival is what of the link can be read; nil where it says nothing but an address.
func (l UnsignedLink) arrival() (a *Arrival, prefill string) {
	found := Arrival{Entry: EntryDirect}
	if l.Form {
		found.Entry = EntryForm
	}
	if ticket, ok := ticketNumber(l.Ticket); ok {
		found.Entry, found.Ticket = EntryMacro, ticket
	}
	if isLanguage(l.Language) {
		found.Language = l.Language
	}
	if parsed, err := account.ParseAddress(l.Email); err == nil {
		prefill = parsed.String()
	}
	if found == (Arrival{Entry: EntryDirect}) {
		return nil, prefill
	}
	return &found, prefill
}

// Pending reports whether the link by which this browser came waits for its case. One that was signed waits
// no longer than it is good for.
func (s *Service) Pending(session *Session) bool {
	a := session.Arrival
	return a != nil && a.CaseID == "" && (a.Until.IsZero() || s.Now().Before(a.Until))
}

// arrived is what the pending link said, or that there was none.
func (s *Service) arrived(session *Session, act string) Arrival {
	if act != ActStarted || !s.Pending(session) {
		return Arrival{Entry: EntryDirect}
	}
	return *session.Arrival
}

// goingOn is the case that a mail is asked for in; none where this browser has none open, and where a start is to
// have one of its own: by a signed link, since a case is never bound to a ticket later on, or by somebody else.
func (s *Service) goingOn(ctx context.Context, tx Tx, v *Visitor, to mailTo, a Arrival, act string) (Progress, error) {
	p, err := s.progress(ctx, tx, v)
	switch {
	case err != nil || p.Case == nil:
		return p, err
	case act != ActStarted:
		return p, nil
	case a.Entry == EntrySigned:
		return Progress{}, s.startOver(ctx, tx, v.Session)
	}
	err = s.leaveOthers(ctx, tx, v, &p, to.hash)
	return p, err
}

// leaveOthers leaves the case of a browser where it is, as far as can be known, that of somebody else than who comes
// with an address now: nobody is proven there any more, and who was had other addresses. They are not to read what the
// first wrote, and nothing of it is to be said of them (R2). Then p is empty.
func (s *Service) leaveOthers(ctx context.Context, tx Tx, v *Visitor, p *Progress, addressHash string) error {
	if others, err := ofOthers(ctx, tx, *p, addressHash); err != nil || !others {
		return err
	}
	*p = Progress{}
	return s.startOver(ctx, tx, v.Session)
}

// ofOthers reports whether nobody is proven in a case now, and who was had other addresses than this one.
func ofOthers(ctx context.Context, tx Tx, p Progress, addressHash string) (bool, error) {
	if p.Case == nil || len(p.Proofs) > 0 || p.Case.Milestones.Proven.IsZero() {
		return false, nil
	}
	proven, err := tx.ProvenAddresses(ctx, *p.Case)
	return !slices.ContainsFunc(proven, func(a ProvenAddress) bool { return a.Hash == addressHash }), err
}

// startOver leaves the case that this browser has, and its proofs: what a ticket is told was proven is proven
// for it. Mailed links that were opened and not yet pressed stay.
func (s *Service) startOver(ctx context.Context, tx Tx, session *Session) error {
	if was, err := tx.EndSession(ctx, session.Lineage); err != nil || !was {
		return cmp.Or(err, ErrSessionTaken)
	}
	session.Lineage, session.Row = s.freshSession().Lineage, nil
	session.CaseID, session.Draft = "", ""
	return nil
}

// noteArrival records by which link the case was begun or gone on with, the first time. The link stays with
// the session: its language and its budget are for the whole case.
func (s *Service) noteArrival(ctx context.Context, tx Tx, v *Visitor, c *Case, a Arrival) error {
	if v.Session.Arrival == nil || v.Session.Arrival.CaseID != "" || a == (Arrival{Entry: EntryDirect}) {
		return nil
	}
	if a.Language != "" {
		c.Language = v.Language
	}
	a.CaseID = c.ID
	v.Session.Arrival = &a
	if a.Entry == EntryDirect {
		return nil
	}
	detail := string(a.Entry)
	if a.Ticket != "" {
		detail += " " + a.Ticket
	}
	return s.audit(ctx, tx, *c, ActArrived, detail)
}

// inherited is how a case came to be that a proof link opens in another browser. The link by which support
// led the customer here leads that browser here, too.
func inherited(c Case) Arrival {
	if c.Entry == EntryDirect || c.Entry == EntryLink {
		return Arrival{Entry: EntryLink}
	}
	return Arrival{Entry: c.Entry, Ticket: c.Ticket, Expected: c.Expected}
}

// namedByLink reports whether the signed link of this browser's case named the address, and still holds.
func (s *Service) namedByLink(v *Visitor, to mailTo) bool {
	link := v.Session.Arrival
	return link != nil && link.CaseID != "" && link.CaseID == v.Session.CaseID &&
		link.Named == to.hash && s.Now().Before(link.Until)
}

// mayMailProof takes from the budgets of R10. Where they are spent, or the mailbox asked for no more mail, a
// signed link that names the address has a small budget of its own: support asked the customer to come, and
// without a mail there is no proof that could lift the stop (R12).
func (s *Service) mayMailProof(ctx context.Context, tx Tx, v *Visitor, to mailTo) (Reason, error) {
	refusal, over, err := s.mayMail(ctx, tx, to, v.Network.Wide)
	if err != nil || refusal == ReasonNone {
		return refusal, err
	}
	if s.namedByLink(v, to) {
		if ok, err := s.take(ctx, tx, s.supportLinkBudget(to.address)); err != nil || ok {
			return ReasonNone, err
		}
	}
	if over != "" {
		note(tx, over)
	}
	return refusal, nil
}

// liftStop ends the "stop mailing me" of a mailbox that was proven through a support link, or by a code that an
// agent had mailed (R12).
func (s *Service) liftStop(ctx context.Context, tx Tx, c Case, used Challenge) error {
	c.Address, c.AddressHash = used.Address, used.AddressHash
	if !c.Bound() {
		if mailed, err := s.mailedByAgent(ctx, tx, used); err != nil || !mailed {
			return err
		}
	}
	if err := tx.LiftStop(ctx, c.AddressHash); err != nil {
		return err
	}
	return s.audit(ctx, tx, c, ActStopLifted, "")
}
