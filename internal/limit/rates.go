package limit

import "time"

// Name names a limit; keys of two limits never meet.
type Name string

// The limits, each per client: the IPv4 address or the IPv6 /64.
const (
	Starts   Name = "starts"   // POST / and the resend, which is a start again
	Pages    Name = "pages"    // every other POST and the links in mails
	Looks    Name = "looks"    // GETs of the journey's pages, some of which ask the customer portal, and searches of the help
	Prefills Name = "prefills" // GET /?email=, which keeps a row
	States   Name = "states"   // what a page's own script asks while a mail is on its way

	ConsoleSignIns Name = "console-sign-ins" // attempts to sign in to the agent console
	ConsolePages   Name = "console"          // everything else there
)

// Rate is how often something may happen in any period.
type Rate struct {
	Count  int
	Period time.Duration
}

// DefaultRates are those of R10; Pages, Looks, Prefills and States are far above what a person does.
func DefaultRates() map[Name]Rate {
	return map[Name]Rate{
		Starts:   {Count: 30, Period: 10 * time.Minute},
		Pages:    {Count: 600, Period: 10 * time.Minute},
		Looks:    {Count: 600, Period: 10 * time.Minute},
		Prefills: {Count: 60, Period: 10 * time.Minute},
		States:   {Count: 3000, Period: 10 * time.Minute},

		ConsoleSignIns: {Count: 30, Period: 10 * time.Minute},
		ConsolePages:   {Count: 600, Period: 10 * time.Minute},
	}
}
