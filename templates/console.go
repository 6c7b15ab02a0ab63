package templates

import "time"

// ConsoleBase is what every page of the agent console has.
type ConsoleBase struct {
	Base
	Who   string // the agent, as the audit trail names them; "" where nobody is signed in
	Links bool   // the page of links and macro texts is there
}

func (ConsoleBase) console() {}

// consolePage is a page of the agent console, which has a layout of its own.
type consolePage interface {
	Page
	console()
}

// The names of the console's fields.
const (
	FieldFind      = "find" // a reference or an address
	FieldKey       = "key"  // the console's token
	FieldName      = "name"
	FieldCase      = "case" // a reference
	FieldKind      = "kind"
	FieldTicket    = "ticket"
	FieldSituation = "situation"
	FieldLanguage  = "language"
	FieldLife      = "life"
)

// The console's problems.
const (
	ProblemConsoleFind     ProblemID = "console-find"     // neither a reference nor an address
	ProblemConsoleNoCase   ProblemID = "console-no-case"  // none has this reference
	ProblemConsoleAddress  ProblemID = "console-address"  // not an address
	ProblemConsoleKey      ProblemID = "console-key"      // not the token
	ProblemConsoleName     ProblemID = "console-name"     // the token, and no name
	ProblemConsoleTries    ProblemID = "console-tries"    // too many wrong ones
	ProblemConsoleGroup    ProblemID = "console-group"    // in no group that may
	ProblemConsoleDenied   ProblemID = "console-denied"   // said no at the provider
	ProblemConsoleState    ProblemID = "console-state"    // came back too late, twice, or to another browser
	ProblemConsoleProvider ProblemID = "console-provider" // the provider did not confirm it
	ProblemConsoleSession  ProblemID = "console-session"  // the session has ended
	ProblemConsoleEnded    ProblemID = "console-ended"    // the case has ended
	ProblemConsoleForbids  ProblemID = "console-forbids"  // the situation forbids it
	ProblemConsoleMails    ProblemID = "console-mails"    // the case, or the address, has had all it gets
	ProblemConsolePortal   ProblemID = "console-portal"   // the portal did not answer
	ProblemConsoleLink     ProblemID = "console-link"     // a link cannot be made of what was entered
)

// ConsoleSignIn is where agents sign in.
type ConsoleSignIn struct {
	ConsoleBase
	ByProvider, ByToken bool
	Case                string // the reference to go to afterwards; "" for none
	Name                string // as typed
}

func (ConsoleSignIn) page() string { return "console-sign-in" }

// ConsoleHome is the console's first page: find a case, look at an address, or open one of the newest cases.
type ConsoleHome struct {
	ConsoleBase
	Find  string // as typed
	Email string // as typed
	// Newest are the cases begun last, without whose they are.
	Newest []ConsoleRow
}

func (ConsoleHome) page() string { return "console-home" }

// ConsoleCases are the cases of the address that was looked for.
type ConsoleCases struct {
	ConsoleBase
	Sought bool // an address was looked for
	Cases  []ConsoleRow
	Paging Paging
}

func (ConsoleCases) page() string { return "console-cases" }

// ConsoleRow is one of them.
type ConsoleRow struct {
	Reference  string
	Address    string
	StartedAt  time.Time
	State      string // as recovery.Stage
	Entry      string
	Situations []string // ids
}

// Paging leads to the pages before and after; 0 where there is none. Pages are counted from 1.
type Paging struct {
	Path             string
	Page, Prev, Next int
}

// ConsoleCase is the story of a case.
type ConsoleCase struct {
	ConsoleBase
	Address  string
	State    string // as recovery.Stage
	Rail     []RailStop
	Language string
	Browser  string
	Entry    string
	Ticket   string // "" for none
	Expected string // a situation; "" for none
	Resolved *ConsoleDone
	Days     []ConsoleDay
	Evidence ConsoleEvidence
	Resends  []ConsoleResend
	Sent     *ConsoleResend // what the agent has just had sent again; nil for nothing
}

func (ConsoleCase) page() string { return "console-case" }

// RailStop is a milestone in the picture of a case.
type RailStop struct {
	ID      string
	At      time.Time // zero: not reached
	Minutes int       // since the case began
	Far     bool      // too long after it for minutes
	Bad     bool      // not what anybody hoped for
}

// ConsoleDone is who did something, and when.
type ConsoleDone struct {
	Who string
	At  time.Time
}

// ConsoleDay is a day of the time line.
type ConsoleDay struct {
	Day    time.Time
	Events []ConsoleEvent
}

// ConsoleEvent is a point on the time line: a step, a mail, a situation found, or a ticket.
type ConsoleEvent struct {
	At   time.Time
	Lane string // customer, agent, case, mail, found, desk: also its mark
	Who  string // the agent; "" for others
	// ID is the step, the kind of the mail, the situation or the kind of the hand-off.
	ID     string
	Detail string // what the trail knows besides; an id where the words have it
	Times  int    // how often in a row; 0 for once
	// ByMailbox: it was done by a link that anybody with the mailbox can use, whoever began the case.
	ByMailbox bool
	// Of a mail, or of what goes to the desk.
	ToDesk    bool
	State     string
	Reason    string
	ChangedAt time.Time
	Until     time.Time // what it carries works until then; zero where it carries nothing
	UsedAt    time.Time
	Tries     int // codes that were compared
	// Of a situation: the account; "" for the address itself. Of a ticket: the desk's number.
	Account string
}

// ConsoleEvidence is what the ticket of a case carries, or would carry.
type ConsoleEvidence struct {
	Filed      *time.Time // when it went; nil: not yet
	Ticket     string     // the desk's own number; "" where it is not known
	Message    string
	Said       *SymptomView
	Proofs     []TicketProof
	Identities []TicketIdentity
	Findings   []TicketFinding
	Checks     []CheckView
	Incomplete bool
	Disowned   bool // the mailbox's owner says that it wasn't them: nothing tells the agent to let anybody in
}

// ConsoleResend is a mail that can be sent once more.
type ConsoleResend struct {
	Kind      string // prove or sign-in
	AccountID string
	Address   string
}

// ConsoleDryRun is what a diagnosis of an address would say now.
type ConsoleDryRun struct {
	ConsoleBase
	Address    string
	At         time.Time
	Case       string // the reference of the case that it was asked from; "" for none
	Incomplete bool
	Facts      []ConsoleFact
	General    []ConsoleFinding
	Accounts   []ConsoleOwned
	Checks     []CheckView
	Lines      []ConsoleLine // of the customer's page
}

func (ConsoleDryRun) page() string { return "console-dry-run" }

// ConsoleFact is a look-up and what came of it.
type ConsoleFact struct {
	ID       string
	State    string // known, failed, not-asked
	Why      string // of failed
	Accounts []ConsoleAccount
	Lines    []ConsoleItem
	None     bool // known, and nothing there
}

// ConsoleItem is a line of a fact: console.item-<ID>.
type ConsoleItem struct {
	ID       string
	Name     string
	Relation string
	State    string
	At       time.Time
}

// ConsoleAccount is an account of the portal, without names.
type ConsoleAccount struct {
	ID                                   string
	AtAddress, ChangePending, SignInOn   bool
	Origin                               string
	CreatedAt, ConfirmedAt, LastSignInAt time.Time
	Subscriptions, Applied               int
	Identity                             *ConsoleIdentity
	Lines                                []ConsoleItem // billing accounts, and invitations to them
}

// ConsoleIdentity is the identity linked to an account.
type ConsoleIdentity struct {
	Provider, Subject, State string
	Email                    string // same, other or unknown, seen from the address asked for
	Verified, Password, Two  bool
}

// ConsoleOwned is an account that the customer would be shown.
type ConsoleOwned struct {
	ID        string
	Ownership string
	Findings  []ConsoleFinding
}

// ConsoleFinding is a situation with the rule that found it.
type ConsoleFinding struct {
	TicketFinding
	Variant string
	Order   string // bars, hinders, explains, clear
	Actions []string
	Forbids []string
}

// ConsoleLine is a line of the customer's page: heading, button, item, more, text.
type ConsoleLine struct{ Kind, Text string }

// ConsoleLinks is where support links are made, and macro texts stand.
type ConsoleLinks struct {
	ConsoleBase
	CanLink    bool
	URL        string // the link that was made; "" for none
	Ticket     string
	Email      string
	Situation  string
	Language   string
	Life       string
	Situations []string
	Languages  []string
	Lives      []string // ids: console.life-<id>
	Macros     []MacroText
}

func (ConsoleLinks) page() string { return "console-links" }

// MacroText is a ready-made text for replies.
type MacroText struct {
	ID    string // an anchor
	Title string
	Text  string
}

// ConsoleAudit is what agents did.
type ConsoleAudit struct {
	ConsoleBase
	Entries []ConsoleEntry
	Paging  Paging
}

func (ConsoleAudit) page() string { return "console-audit" }

// ConsoleEntry is a step of an agent.
type ConsoleEntry struct {
	At     time.Time
	Who    string
	Act    string
	Detail string
	Case   string // a reference; "" where it was of no case
	// Address is the beginning of the keyed hash of the address that the step was about; "" for none.
	Address string
}

// ConsoleMessage is a page that says one thing, as Message.
type ConsoleMessage struct {
	ConsoleBase
	ID      MessageID
	Minutes int
}

func (ConsoleMessage) page() string { return "console-message" }
