package config

import "time"

// SupportLink is what a signed link in a reply to a customer says.
type SupportLink struct {
	Ticket    string        `placeholder:"NUMBER" group:"What the link says" help:"The ticket that the customer's case is bound to."`
	Email     string        `type:"mailbox" placeholder:"ADDRESS" group:"What the link says" help:"The customer's address, filled in on the start page. It may be mailed a few times more than others."`
	Situation string        `placeholder:"ID" group:"What the link says" help:"What you expect to be the cause, such as unlinked-legacy: the customer reads whether it is."`
	Lang      string        `placeholder:"LANGUAGE" group:"What the link says" help:"The language of the pages, such as en. Default: the browser's."`
	TTL       time.Duration `name:"ttl" default:"72h" placeholder:"TIME" group:"What the link says" help:"How long the link works: a minute at least, 7d at most."`
	PublicURL string        `type:"origin" placeholder:"URL" group:"What the link says" help:"Scheme and host under which customers reach Latchkey, as serve is told."`
}

func (p *parsing) checkSupportLink(c Config) {
	l := c.SupportLink
	p.need(l.Ticket, "ticket", "the number of the ticket that the customer's case is bound to")
	p.need(l.PublicURL, "public-url", "where customers reach Latchkey, such as https://help.example.com")
	p.need(c.Keys, "keys-file", "the file of keys that serve has, by which the link is sealed")
}
