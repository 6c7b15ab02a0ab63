package config

// Candidate is an implementation of the Customer Portal API that conformance looks at, and the test accounts
// that it may use there.
type Candidate struct {
	URL       string   `type:"portal-url" placeholder:"URL" group:"What is checked" help:"The customer portal: what stands before /v1."`
	Token     string   `placeholder:"TOKEN" group:"What is checked" help:"The API's bearer token; better in a file."`
	TokenFile string   `type:"secret-file" placeholder:"FILE" group:"What is checked" help:"The file of the API's bearer token."`
	Origins   []string `name:"portal-origins" type:"origins" placeholder:"URL,…" group:"What is checked" help:"Where one-time URLs may lead to, as serve will be told. Without any, anywhere."`
	JSON      bool     `name:"json" group:"What is checked" help:"Write the report as JSON."`

	AccountEmail     string `type:"mailbox" placeholder:"ADDRESS" group:"Test accounts" help:"A confirmed account at a company's domain, best linked to an identity. It is signed in to."`
	UnconfirmedEmail string `type:"mailbox" placeholder:"ADDRESS" group:"Test accounts" help:"An account whose address was never confirmed. It is mailed a confirmation."`
	DisabledEmail    string `type:"mailbox" placeholder:"ADDRESS" group:"Test accounts" help:"An account whose sign-in is disabled."`
	SimilarEmail     string `type:"mailbox" placeholder:"ADDRESS" group:"Test accounts" help:"An address that nobody has, but nearly one that somebody has."`
	ContactEmail     string `type:"mailbox" placeholder:"ADDRESS" group:"Test accounts" help:"The Sold To or Bill To contact of a billing account."`
	InvitedEmail     string `type:"mailbox" placeholder:"ADDRESS" group:"Test accounts" help:"An address that was invited to a billing account."`
}

func (c *Candidate) secrets() []secret {
	return []secret{{"token", &c.Token, &c.TokenFile}}
}

func (p *parsing) checkCandidate(c Candidate) {
	p.need(c.URL, "url", "the customer portal to check, such as https://customers.example.com")
	p.need(c.Token, "token-file", "the file of the API's bearer token")
}
