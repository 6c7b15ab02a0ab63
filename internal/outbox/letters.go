package outbox

import (
	"strings"

	"latchkey/internal/recovery"
	"latchkey/templates"
)

func (l *Letters) proof(job recovery.Job) (letter, error) {
	c := job.Challenge
	if c == nil {
		return letter{}, errRow
	}
	code, err := l.Keys.Code(c.KeyID, c.ID)
	if err != nil {
		return letter{}, err
	}
	act, err := l.link(c)
	if err != nil {
		return letter{}, err
	}
	stop, err := l.linkTo(c.KeyID, job.Delivery.AsideID) // has no row yet
	if err != nil {
		return letter{}, err
	}
	return letter{to: c.Address, lang: job.Case.Language, data: templates.MailProof{
		MailBase: base(job), Code: code, LinkURL: act, StopURL: stop, Until: c.ExpiresAt,
	}}, nil
}

func (l *Letters) signIn(job recovery.Job) (letter, error) {
	c := job.Challenge
	if c == nil {
		return letter{}, errRow
	}
	act, aside, err := l.links(job)
	return letter{to: c.Address, lang: job.Case.Language, data: templates.MailSignIn{
		MailBase: base(job), LinkURL: act, DisownURL: aside, Until: c.ExpiresAt,
	}}, err
}

func (l *Letters) confirm(job recovery.Job) (letter, error) {
	c := job.Challenge
	if c == nil {
		return letter{}, errRow
	}
	act, aside, err := l.links(job)
	return letter{to: c.Address, lang: job.Case.Language, data: templates.MailConfirm{
		MailBase: base(job), LinkURL: act, DisownURL: aside, Until: c.ExpiresAt,
	}}, err
}

func (l *Letters) signedIn(job recovery.Job) (letter, error) {
	if job.Aside == nil {
		return letter{}, errRow
	}
	aside, err := l.link(job.Aside)
	return letter{to: job.Aside.Address, lang: job.Case.Language, data: templates.MailSignedIn{
		MailBase: base(job), DisownURL: aside,
	}}, err
}

func (l *Letters) handedOff(job recovery.Job) (letter, error) {
	if job.Aside == nil || job.HandOff == nil {
		return letter{}, errRow
	}
	evidence, err := recovery.DecodeEvidence(job.HandOff.Evidence)
	if err != nil {
		return letter{}, err
	}
	oneOf, allOf := evidence.Asked()
	aside, err := l.link(job.Aside)
	return letter{to: job.Aside.Address, lang: job.Case.Language, data: templates.MailHandedOff{
		MailBase: base(job), Message: job.HandOff.Message, Situations: evidence.SituationsFound(),
		Proofs: templates.IDs(oneOf), Needs: templates.IDs(allOf), DisownURL: aside,
	}}, err
}

// handOffNotice goes to who owns an account of the case at another address, without the customer's words.
func (l *Letters) handOffNotice(job recovery.Job) (letter, error) {
	if job.Aside == nil {
		return letter{}, errRow
	}
	aside, err := l.link(job.Aside)
	return letter{to: job.Aside.Address, lang: job.Case.Language, data: templates.MailHandOffNotice{
		MailBase: base(job), DisownURL: aside,
	}}, err
}

// otherAddress says of who asked no more than the notice's row does, whatever else the job carries (R2).
func (l *Letters) otherAddress(job recovery.Job) (letter, error) {
	if job.Notice == nil {
		return letter{}, errRow
	}
	return letter{to: job.Notice.Address, lang: job.Case.Language, data: templates.MailOtherAddress{
		MailBase: templates.MailBase{AskedAt: job.Delivery.CreatedAt},
		StartURL: strings.TrimSuffix(l.PublicURL, "/") + "/",
		Domain:   job.Notice.AskedDomain,
	}}, nil
}

// links are the URLs of a link mail: of what it is for, and of "this wasn't me".
func (l *Letters) links(job recovery.Job) (act, aside string, err error) {
	if act, err = l.link(job.Challenge); err != nil {
		return "", "", err
	}
	aside, err = l.link(job.Aside)
	return act, aside, err
}
