package templates

import "time"

// Page is the data of one page. Only this package's structs are pages.
type Page interface {
	page() string // the name of its template: pages/<name>.html
	base() Base
}

// Base is what every page has.
type Base struct {
	Path      string // of the page itself, such as /check-email
	FormToken string // goes into every form's hidden field "token"; empty on pages without a form
	Reference string // of the case, shown quietly with a way to copy it; empty where there is no case
	HasCase   bool   // "start over" is offered
	Problems  []Problem
}

func (b Base) base() Base { return b }

// At is the field's problem, nil where it has none.
func (b Base) At(field string) *Problem {
	for i, p := range b.Problems {
		if p.Field == field {
			return &b.Problems[i]
		}
	}
	return nil
}

// Problem is one thing that kept a form from being taken. It stands in the summary at the top and, where
// Field names one, at the field too.
type Problem struct {
	Field string // FieldEmail, FieldCode, FieldMessage, or "" for the page
	ID    ProblemID
}

// The names of the forms' fields.
const (
	FieldToken   = "token"
	FieldEmail   = "email"
	FieldCode    = "code"
	FieldNewer   = "newer" // with a code that came after those that were tried too often
	FieldMessage = "message"
	FieldAccount = "account" // the account's id, on /situation's actions
	FieldAddress = "address" // on /situation/address
	FieldSymptom = "symptom" // on /situation/symptom
	FieldGotIn   = "got-in"  // on /situation/got-in: yes or no
	FieldSaw     = "q"       // of the search on /help
)

// ProblemID names the sentence of a problem: problem.<id> in the locales.
type ProblemID string

// The problems.
const (
	ProblemEmailEmpty      ProblemID = "email-empty"
	ProblemEmailTooLong    ProblemID = "email-too-long"
	ProblemEmailForm       ProblemID = "email-form"
	ProblemEmailNotASCII   ProblemID = "email-not-ascii"
	ProblemEmailDomain     ProblemID = "email-domain"
	ProblemEmailOther      ProblemID = "email-other"    // not the address that the link was mailed to
	ProblemCodeForm        ProblemID = "code-form"      // not eight digits
	ProblemCodeWrong       ProblemID = "code-wrong"     // wrong, expired or used
	ProblemMessageEmpty    ProblemID = "message-empty"  //
	ProblemMessageTooLong  ProblemID = "message-long"   //
	ProblemNothingSaid     ProblemID = "nothing-said"   // "Tell us" was pressed, and nothing chosen
	ProblemInProgress      ProblemID = "in-progress"    // the same button was pressed a moment ago
	ProblemNotAllowed      ProblemID = "not-allowed"    // the situation changed since the page was shown
	ProblemPortal          ProblemID = "portal"         // the customer portal did not answer; try again
	ProblemTooManyMails    ProblemID = "too-many-mails" // after proof
	ProblemTooManySteps    ProblemID = "too-many-steps" // of one case in a day
	ProblemTooManyHandOffs ProblemID = "too-many-tickets"
	ProblemIdentity        ProblemID = "identity-failed" // the identity provider did not confirm a sign-in
	ProblemIdentityDenied  ProblemID = "identity-denied" // the customer said no there
	ProblemIdentityState   ProblemID = "identity-state"  // came back too late, twice, or to another browser
	ProblemSince           ProblemID = "since"           // a report's period that cannot be read
	ProblemStale           ProblemID = "stale"           // the form is of an older page; send it again
)

// Start is `/`: one question.
type Start struct {
	Base
	Email      string // as typed, or prefilled by a link
	Suggestion string // a likelier spelling of the domain; "" for none
	HasProven  bool   // this browser has proven another address: the way back to /situation is offered
	Waits      string // the address whose code this browser waits for: the way back to /check-email is; "" for none

	FromSupport bool // a signed link of support's led here
}

func (Start) page() string { return "start" }

// CheckEmail is `/check-email`: the true state of the mail, and the code.
type CheckEmail struct {
	Base
	Address   string
	State     string    // queued, accepted, delivered, delayed, failed
	ChangedAt time.Time // of State
	CodeUntil time.Time
	Expired   bool // the code has expired
	Locked    bool // it was tried too often
	CanResend bool // false while a mail is still on its way out
	Late      bool // it should have gone out by now
	Sent      int  // mails asked for so far
	HasProven bool // other addresses of this browser are proven: the way back to /situation is offered

	Domain, InLetters string // of Address, as mail servers and as people write it; "" where the two are the same
	Suggestion        string // as in Start
}

func (CheckEmail) page() string { return "check-email" }

// TakesCode reports whether a code of the mails that this page knows of may still be good. Where the last was tried too
// often, another tab may have asked for a newer one: the field is folded away.
func (c CheckEmail) TakesCode() bool { return !c.Expired && !c.Locked }

// Stands is what the page is about: check-email.<stands> in the locales.
func (c CheckEmail) Stands() string {
	switch {
	case c.State == "failed":
		return "failed"
	case c.Expired: // with the link, whatever was tried before
		return "expired"
	case c.Locked:
		return "locked"
	}
	return "code"
}

// Says is the text of the mail's state.
func (c CheckEmail) Says() string {
	if c.Late && c.State == "queued" {
		return "late"
	}
	return c.State
}

// Settled reports whether the mail's state is its last.
func (c CheckEmail) Settled() bool { return c.State == "delivered" || c.State == "failed" }

// Delivery is the fragment of `/check-email/state`: CheckEmail's state and nothing around it.
type Delivery struct{ CheckEmail }

func (Delivery) page() string { return "delivery" }

// Link is the page behind a mail's link: one button, and the address where it must be typed.
type Link struct {
	Base
	Purpose    string // prove, sign-in, confirm, stop, disown: also the path of the form
	AskAddress bool
	Address    string // the mailbox, where AskAddress is false
	Email      string // what was typed, where AskAddress is true
}

func (Link) page() string { return "link" }

// LinkDead is what a link that is wrong, expired or used leads to; which of them is not told.
type LinkDead struct {
	Base
	Purpose string // as in Link; "" where it is not known

	FromSupport bool // it was a link in a support reply
}

func (LinkDead) page() string { return "link-dead" }

// Done confirms that a link's act is done: stop or disown.
type Done struct {
	Base
	Purpose string // stop or disown
}

func (Done) page() string { return "done" }

// Situation is `/situation`: what was found, and what to do.
type Situation struct {
	Base
	Address           string   // the proven address that is looked at
	Others            []string // further proven addresses, each a button of a form to /situation/address
	Accounts          []AccountView
	General           []FindingView // findings of the address itself
	Checks            []CheckView
	Incomplete        bool          // the customer portal could not be asked
	Again             *ActionView   // what was pressed and failed with it; nil for nothing
	AllRight          bool          // nothing stands in the way of signing in
	Inside            bool          // what was found is met only once signed in
	Instead           string        // a proven address without an account, where Address has one; "" for none
	NoneHere          bool          // no account has Address: what was found is known by an identity
	Open              bool          // the usual way in is open to some account
	OtherAddressAsked bool          // "mail the other address" was pressed in this case
	HandedOff         bool          // the case is with support already
	Symptoms          []SymptomView // what the customer may say they saw
	Told              *ToldView     // what they said; nil for nothing
	Identity          *IdentityView
	Expected          *ExpectedView // what became of what support expected; nil for nothing to say
	MailWaits         bool          // the last thing done was a mail, and its link is not used and works
	AsksGotIn         bool          // "Did you get in?" is asked
	SignedInLast      bool          // and comes first: the last thing done was to sign in
	GotIn             string        // the answer: yes, no, or "" for none
}

func (Situation) page() string { return "situation" }

// Support is `/support`: the hand-off, before and after.
type Support struct {
	Base
	Address    string
	Identities []OwnIdentity
	Situations []string // ids of what was found, in the page's words
	Proofs     []string // ids of what support asks for, any one of them; none: it isn't known beforehand
	Needs      []string // ids of what it asks for besides, every one of them
	Said       string   // what the customer said they saw, in words; "" for nothing
	Message    string   // as typed
	Filed      bool
	FiledAt    time.Time
	Apart      bool // filed from a mailbox that is not proven here now: Message and Address are not its
}

func (Support) page() string { return "support" }

// MailboxIsEnough reports whether support asks for nothing besides the proven mailbox.
func (s Support) MailboxIsEnough() bool { return mailboxIsEnough(s.Proofs) }

// HelpIndex is `/help`.
type HelpIndex struct {
	Base
	Topics   []string // ids of situations, in order
	Messages []string // what people see when they cannot get in, to pick from
	Asked    bool     // somebody looked for a message
	Saw      string   // the message, without what looks like an address
	Found    []string // ids of the situations that it is a sign of, the likeliest first
	ByWords  bool     // Found are situations whose texts have the words; it is no message that is known
}

func (HelpIndex) page() string { return "help-index" }

// Help is `/help/<situation>`: the explanation without a case.
type Help struct {
	Base
	Finding FindingView // without accounts, actions and addresses
}

func (Help) page() string { return "help" }

// MessageID names a page that says one thing: message.<id>.title, .text and .do in the locales.
type MessageID string

// The pages that say one thing.
const (
	MessageNotFound      MessageID = "not-found"
	MessageMethod        MessageID = "method"
	MessageBadRequest    MessageID = "bad-request"
	MessageTooLarge      MessageID = "too-large"
	MessageSlow          MessageID = "slow"        // the form did not come in time
	MessageUnsupported   MessageID = "unsupported" // the body is not a form
	MessageForeignOrigin MessageID = "foreign-origin"
	MessageUnknownHost   MessageID = "unknown-host"
	MessageTooMany       MessageID = "too-many" // Message.Minutes says when to come back
	MessageCookies       MessageID = "cookies"  // the form came without the cookie that belongs to it
	MessageUnavailable   MessageID = "unavailable"
	MessageServerError   MessageID = "server-error"
)

// Message is a page that says what was wrong and what to do.
type Message struct {
	Base
	ID      MessageID
	Minutes int // for MessageTooMany
}

func (Message) page() string { return "message" }
