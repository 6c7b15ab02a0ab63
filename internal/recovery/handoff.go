package recovery

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
)

// HandOffView is what /support shows: what will go along and, once it has gone, what went.
type HandOffView struct {
	Diagnosis
	Filed *HandOff // nil: not yet; without Address and Message for who does not hold its mailbox now
	Draft string   // what was written before the proof lapsed
}

// HandOffView loads it. Once it has gone, nobody is asked anything: what went is what is shown. ErrNoCase,
// ErrNotProven.
func (s *Service) HandOffView(ctx context.Context, v *Visitor) (HandOffView, error) {
	filed, err := s.filed(ctx, v)
	if err == nil {
		return filed, nil
	}
	if !errors.Is(err, ErrNotFound) {
		return HandOffView{}, err
	}
	d, err := s.Diagnose(ctx, v)
	return HandOffView{Diagnosis: d, Draft: v.Session.Draft}, err
}

// filed is the hand-off of this browser's case as it went. Somebody else may have proven a mailbox of theirs in the
// case since: who it is from and what it says is for who holds the mailbox that sent it (R2). ErrNotFound before that.
func (s *Service) filed(ctx context.Context, v *Visitor) (HandOffView, error) {
	p, _, err := withProof(s.Progress(ctx, v))
	if err != nil {
		return HandOffView{}, err
	}
	h, err := s.Store.HandOff(ctx, p.Case.ID, HandOffSupport)
	if err != nil {
		return HandOffView{}, err
	}
	if !p.holds(h.AddressHash) {
		h.Address, h.Message = "", ""
	}
	e, err := DecodeEvidence(h.Evidence)
	if err != nil {
		return HandOffView{}, err
	}
	d := Diagnosis{Case: *p.Case, Address: h.Address, HandedOff: true}
	d.Report = diagnosis.Report{Address: address(h.Address), General: e.situations()}
	return HandOffView{Diagnosis: d, Filed: &h}, nil
}

// HandOff files the case with support: one ticket a case, however often the button is pressed. The
// ticket, the customer's copy and the notice to who else owns an account of the case are queued in the
// transaction that stores it. ErrNoCase, ErrNotProven, ErrNoMessage, ErrMessageTooLong,
// ErrTooManyHandOffs.
func (s *Service) HandOff(ctx context.Context, v *Visitor, message string) error {
	message = strings.TrimSpace(strings.Map(oneKindOfLine, strings.ReplaceAll(message, "\r\n", "\n")))
	if err := checkMessage(message); err != nil {
		if _, filed := s.filed(ctx, v); filed == nil { // the form of before: what went needs no other words
			return nil
		}
		return err
	}
	view, err := s.HandOffView(ctx, v)
	if errors.Is(err, ErrNotProven) {
		return errors.Join(err, s.keepDraft(ctx, v, message))
	}
	if err != nil || view.Filed != nil {
		return err
	}
	err = s.update(ctx, v, func(tx Tx) error { return s.file(ctx, tx, v, view.Diagnosis, message) })
	if err == nil {
		s.Queued()
	}
	return err
}

// checkMessage says what is wrong with a message. ErrNoMessage, ErrMessageTooLong.
func checkMessage(message string) error {
	switch {
	case message == "":
		return ErrNoMessage
	case utf8.RuneCountInString(message) > MaxMessageRunes:
		return ErrMessageTooLong
	}
	return nil
}

// oneKindOfLine is a character of a customer's words as support gets it. Their lines are quoted where they stand beside
// the evidence: whatever a mail program or a desk takes for the end of one has to be that here, too. What steers a
// screen is left out.
func oneKindOfLine(r rune) rune {
	switch r {
	case '\n', '\t':
		return r
	case '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return '\n'
	}
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// keepDraft keeps the words of a customer whose proof lapsed while they were being written, until the
// mailbox is proven again.
func (s *Service) keepDraft(ctx context.Context, v *Visitor, message string) error {
	return s.update(ctx, v, func(tx Tx) error {
		v.Session.Draft = message
		return s.saveSession(ctx, tx, v)
	})
}

func (s *Service) file(ctx context.Context, tx Tx, v *Visitor, d Diagnosis, message string) error {
	if v.Session.CaseID != d.Case.ID {
		return ErrNoCase
	}
	evidence, err := s.caseEvidence(ctx, tx, d.Case)
	if err != nil {
		return err
	}
	evidence.addReport(d)
	if d.Said != "" {
		m, _ := s.Messages.ByID(d.Said)
		evidence.Said = &EvidenceSaid{Symptom: d.Said, Text: m.Text}
	}
	fresh, err := tx.InsertHandOff(ctx, HandOff{
		CaseID: d.Case.ID, Kind: HandOffSupport, Address: d.Address, AddressHash: s.hash(d.Address),
		Message: message, Evidence: evidence.encode(d.Address), CreatedAt: s.Now(),
	})
	if err != nil || !fresh {
		return err
	}
	ok, err := s.take(ctx, tx, s.handOffBudgets(d.Address, v.Network.Client)...)
	if err != nil {
		return err
	}
	if !ok {
		return ErrTooManyHandOffs
	}
	if err := tx.InsertDelivery(ctx, s.delivery(KindTicket, d.Case.ID)); err != nil {
		return err
	}
	if err := s.tellOwners(ctx, tx, v, d); err != nil {
		return err
	}
	if err := s.dropDraft(ctx, tx, v); err != nil {
		return err
	}
	return s.act(ctx, tx, &d.Case, ActHandedOff, "")
}

// dropDraft drops the words that have gone to support.
func (s *Service) dropDraft(ctx context.Context, tx Tx, v *Visitor) error {
	if v.Session.Draft == "" {
		return s.touchSession(ctx, tx, v)
	}
	v.Session.Draft = ""
	return s.saveSession(ctx, tx, v)
}

// tellOwners queues the customer's copy, and a notice without the customer's words to each account of the
// case that has another address.
func (s *Service) tellOwners(ctx context.Context, tx Tx, v *Visitor, d Diagnosis) error {
	asked := address(d.Address)
	if err := s.notify(ctx, tx, v, d.Case, KindHandedOff, account.Account{Email: d.Address}); err != nil {
		return err
	}
	for _, a := range d.Report.Accounts {
		if a.Account.At(asked) {
			continue
		}
		if err := s.notify(ctx, tx, v, d.Case, KindHandOffNotice, a.Account); err != nil {
			return err
		}
	}
	return nil
}
