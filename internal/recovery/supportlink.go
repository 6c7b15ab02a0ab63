package recovery

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/diagnosis"
	"latchkey/internal/secret"
)

// The bounds of a support link's life. None lives longer than a retired key stays in the key file.
const (
	MinSupportLinkLife = time.Minute
	MaxSupportLinkLife = 7 * 24 * time.Hour
)

// What can be wrong with a support link that is to be made.
var (
	ErrLinkTicket    = errors.New("recovery: a ticket is 1 to 40 letters, digits, dots, hyphens and underscores")
	ErrLinkAddress   = errors.New("recovery: not an address")
	ErrLinkSituation = errors.New("recovery: no such situation")
	ErrLinkLanguage  = errors.New("recovery: not a language such as en or pt-BR")
	ErrLinkLife      = errors.New("recovery: a support link lives a minute at least and 7 days at most")
)

// SupportLink is what a signed link in a reply to a customer says. It grants nothing: whoever follows it
// proves a mailbox like anybody else. All but Ticket and Life may be empty.
type SupportLink struct {
	Ticket   string // the desk's, to which the case is bound
	Address  string // filled in on the start page
	Expected diagnosis.ID
	Language string
	Life     time.Duration
}

// sealedLink is a support link's payload. Its names are short since they stand in a URL, and none ever
// changes its meaning: links outlive an update. ID is the link's own, random.
type sealedLink struct {
	ID       string       `json:"n"`
	Ticket   string       `json:"t"`
	Address  string       `json:"a,omitempty"`
	Expected diagnosis.ID `json:"s,omitempty"`
	Language string       `json:"l,omitempty"`
	Issued   int64        `json:"i"` // seconds since 1970
	Expires  int64        `json:"x"`
}

// SupportLink makes the URL of a signed link. It stores nothing: there is no case yet. Its error joins all of
// ErrLinkTicket, ErrLinkAddress, ErrLinkSituation, ErrLinkLanguage and ErrLinkLife that apply.
func (s *Service) SupportLink(l SupportLink) (url string, err error) {
	if l, err = l.checked(); err != nil {
		return "", err
	}
	now := s.Now()
	plain, err := json.Marshal(sealedLink{
		ID: secret.NewID(), Ticket: l.Ticket, Address: l.Address, Expected: l.Expected, Language: l.Language,
		Issued: now.Unix(), Expires: now.Add(l.Life).Unix(),
	})
	if err != nil {
		return "", err
	}
	return s.PublicURL + SupportLinkPath + s.Keys.SealSupport(plain), nil
}

// Check says all that is wrong with the link, as SupportLink would.
func (l SupportLink) Check() error {
	_, err := l.checked()
	return err
}

// checked is the link in its one form, or all that is wrong with it.
func (l SupportLink) checked() (SupportLink, error) {
	var faults []error
	ticket, ok := ticketNumber(l.Ticket)
	if !ok {
		faults = append(faults, ErrLinkTicket)
	}
	l.Ticket = ticket
	if l.Address != "" {
		a, err := account.ParseAddress(l.Address)
		if err != nil {
			faults = append(faults, ErrLinkAddress)
		}
		l.Address = a.String()
	}
	if _, ok := diagnosis.ByID(l.Expected); l.Expected != "" && !ok {
		faults = append(faults, ErrLinkSituation)
	}
	if l.Language != "" && !isLanguage(l.Language) {
		faults = append(faults, ErrLinkLanguage)
	}
	if l.Life < MinSupportLinkLife || l.Life > MaxSupportLinkLife {
		faults = append(faults, ErrLinkLife)
	}
	return l, errors.Join(faults...)
}

var (
	ticketForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)
	languageForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// ticketNumber is a ticket's number as desks have them, without the # that people write before it.
func ticketNumber(text string) (string, bool) {
	text = strings.TrimPrefix(text, "#")
	return text, ticketForm.MatchString(text)
}

func isLanguage(text string) bool { return languageForm.MatchString(text) }

// OpenSupportLink keeps what a signed link says for the start page. It uses nothing up and sends nothing (R4).
// goesOn: this browser is in the middle of the very case that the link led to. ErrLinkDead for one that is
// altered, expired, or sealed with a key that is not in the ring; which of them is not told.
func (s *Service) OpenSupportLink(ctx context.Context, v *Visitor, token string) (goesOn bool, err error) {
	link, err := s.openedLink(token)
	if err != nil {
		return false, err
	}
	a := Arrival{
		Entry: EntrySigned, Ticket: link.Ticket, Expected: string(link.Expected), Language: link.Language,
		Until: time.Unix(link.Expires, 0).UTC(),
	}
	if link.Address != "" {
		a.Named = s.hash(link.Address)
	}
	err = s.update(ctx, v, func(tx Tx) error {
		p, err := s.progress(ctx, tx, v)
		if err != nil {
			return err
		}
		arrival, prefill := a, link.Address
		if goesOn = p.Case.Bound() && p.Case.Ticket == a.Ticket && p.Case.Expected == a.Expected; goesOn {
			arrival.CaseID, prefill = p.Case.ID, ""
		}
		v.Session.Arrival, v.Session.Prefill = &arrival, prefill
		return s.saveSession(ctx, tx, v)
	})
	return goesOn, err
}

func (s *Service) openedLink(token string) (sealedLink, error) {
	var link sealedLink
	plain, ok := s.Keys.OpenSupport(token)
	if !ok || json.Unmarshal(plain, &link) != nil || s.Now().Unix() >= link.Expires {
		return sealedLink{}, ErrLinkDead
	}
	return link, nil
}
