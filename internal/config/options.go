package config

import "time"

// Command is what was asked for.
type Command string

// The commands.
const (
	Demo     Command = "demo"
	Serve    Command = "serve"
	Migrate  Command = "migrate"
	Erase    Command = "erase"
	Link     Command = "link"
	Diagnose Command = "diagnose"
	Keys     Command = "keys"
	Report   Command = "report"
	Version  Command = "version"
	Help     Command = "help"
	Health   Command = "health"
	Backup   Command = "backup"
	// Conformance checks a vendor's implementation of the Customer Portal API.
	Conformance Command = "conformance"
)

// cli is the grammar: each command with its flags. What several commands take is one struct.
type cli struct {
	Help helpFlag `short:"h" help:"Show what this command takes."`

	Demo struct {
		Accounts    string `placeholder:"FILE.csv" group:"Where data is kept" help:"Your own accounts in place of the demo's customers: a CSV export whose first line names its columns, in any order: email, confirmed_at, and as many as you have of id, name, created_at, unconfirmed_email, sign_in_enabled, origin, last_sign_in_at, identity_provider, identity_subject, identity_username, identity_email, identity_email_verified, identity_state, identity_password_enabled, identity_two_factor, billing_account_id, billing_account_name, role, subscription, applied, invitation_billing_account_id, invitation_state, invitation_created_at. The README says what each holds."`
		SampleCases string `type:"choice" choices:"true,false" default:"true" placeholder:"true|false" group:"Where data is kept" help:"A month of made-up cases where the data folder is new, so that the report has something to show; none with --accounts."`
		Options
	} `cmd:"" help:"Run everything in one process, with demo customers and an inbox. Nothing to install."`
	Serve struct {
		Options
	} `cmd:"" help:"Run Latchkey beside your customer portal."`
	Migrate struct {
		StopsFrom string `placeholder:"FILE|URL" group:"Where data is kept" help:"Another database, from which 'stop mailing me' is carried over; best in a variable where it has a password."`
		Storage
		Log
	} `cmd:"" help:"Bring the database to this version and end."`
	Erase struct {
		Email string `arg:"" name:"email" help:"The address of the person."`
		Storage
		KeyRing
		Log
	} `cmd:"" help:"Erase a person: cases, addresses and texts. Hashes of stops and limits live to their expiry."`
	Link struct {
		SupportLink
		Data string `default:"latchkey-data" placeholder:"DIR" group:"Where data is kept" help:"Folder whose file of keys is taken where no other is named, such as the demo's."`
		KeyRing
	} `cmd:"" help:"Print a signed link for a reply to a customer. It fills in the start page and binds the case to your ticket; it lets nobody in."`
	Diagnose struct {
		Email string `arg:"" name:"email" help:"The address to look at."`
		JSON  bool   `name:"json" group:"What is printed" help:"Write the result as JSON, as the README describes it."`
		Options
	} `cmd:"" help:"Say what is known of an address, what Latchkey finds, and what the customer would see. Writes nothing. Takes what serve takes."`
	Report struct {
		Period
		Storage
		Log
	} `cmd:"" help:"Count what Latchkey did: how far cases came, which tickets never did, and what became of mail. Holds counts and nothing of anybody."`
	Conformance struct {
		Candidate
	} `cmd:"" help:"Check an implementation of the Customer Portal API, and say what is right and wrong."`
	Backup struct {
		File string `arg:"" name:"file" help:"The file to write; there must be none of that name yet."`
		Storage
	} `cmd:"" help:"Write a copy of an SQLite database to a file, while a server uses it."`
	Keys   struct{} `cmd:"" help:"Print a new key file."`
	Health struct {
		OpsListen string `type:"listen" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"The ops listener of the server that is asked."`
	} `cmd:"" help:"Ask a server on this machine whether it is ready; the exit status says so."`
	Version struct{} `cmd:"" help:"Print the version."`
	HelpOn  struct {
		Topic string `arg:"" optional:"" help:"A command: what it takes. config: every flag of serve and demo, as tables."`
	} `cmd:"" name:"help" help:"Show what there is: latchkey help config prints every flag and variable."`
}

// Options are everything that demo and serve can be told.
type Options struct {
	Listen         string   `type:"listen" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"Where it runs" help:"Where customers reach Latchkey, or the proxy before it."`
	OpsListen      string   `type:"listen" default:"127.0.0.1:8081" placeholder:"HOST:PORT" group:"Where it runs" help:"Health, metrics and, in the demo, the inbox. Not for customers."`
	PortalListen   string   `type:"listen" default:"127.0.0.1:0" placeholder:"HOST:PORT" group:"Where it runs" help:"Demo: the demo customer portal; port 0 is any free one."`
	PublicURL      string   `type:"origin" placeholder:"URL" group:"Where it runs" help:"Scheme and host under which customers reach Latchkey; every URL in a mail begins with it. Demo: from --listen."`
	TrustedProxies []string `type:"networks" placeholder:"CIDR,…" group:"Where it runs" help:"Proxies whose X-Forwarded-For is believed. Without any, none is."`

	PreviousURL string `type:"upstream" placeholder:"URL" group:"Where it runs" help:"Where the installation answers that this one takes over from, on another database and with the same keys, such as http://10.0.0.5:8080: its links and the journeys begun there go on there. It has to name this one in --trusted-proxies."`

	DrainDelay *time.Duration `zero:"" placeholder:"TIME" group:"Where it runs" help:"How long, once told to end, it still serves while /readyz says no, so that proxies look elsewhere first; 0s for none. Default: 5s; demo: 0s."`

	// Accounts is of demo alone: a file to fill the demo portal from.
	Accounts string `kong:"-"`
	// SampleCases is of demo alone: a month of made-up cases in a new database.
	SampleCases bool `kong:"-"`

	Storage
	KeyRing
	Log
	Portal
	IdentityAPI
	OpenID
	Console
	Site
	Mail
	MailLog
	Desk
	Limits
	Times
}

// Period is what a report is about, and how it is printed.
type Period struct {
	Since     time.Duration `default:"30d" placeholder:"TIME" group:"What is counted" help:"How far back, such as 30d or 12h."`
	KeepCases time.Duration `default:"30d" placeholder:"TIME" group:"What is counted" help:"How long the server keeps cases: what is older cannot be counted, and the report says so."`
	JSON      bool          `name:"json" group:"What is printed" help:"As JSON, as the README describes it."`
	CSV       bool          `name:"csv" group:"What is printed" help:"As CSV, one figure a line."`
}

// Storage is where data is kept.
type Storage struct {
	Data     string `default:"latchkey-data" placeholder:"DIR" group:"Where data is kept" help:"Folder of the database; in the demo of everything."`
	Database string `placeholder:"FILE|URL" group:"Where data is kept" help:"The SQLite file, or postgres://USER:PASSWORD@HOST/NAME for several replicas, each of which opens up to 23 connections unless ?pool_max_conns=N says otherwise, and one for a report. Default: latchkey.db in --data."`

	DatabaseFile string `type:"secret-file" placeholder:"FILE" group:"Where data is kept" help:"A file that holds the value of --database, where that has a password."`
}

// KeyRing is the text of a key file.
type KeyRing struct {
	Keys     string `placeholder:"TEXT" group:"Where data is kept" help:"The keys, as 'latchkey keys' prints them; better in a file."`
	KeysFile string `type:"secret-file" placeholder:"FILE" group:"Where data is kept" help:"The file of keys. The demo makes its own."`
}

// Log is how the program speaks to the people who run it.
type Log struct {
	LogFormat string `type:"choice" choices:"text,json" default:"text" placeholder:"FORMAT" group:"Logs" help:"text or json."`
	LogLevel  string `type:"choice" choices:"debug,info,warn,error" default:"info" placeholder:"LEVEL" group:"Logs" help:"debug, info, warn or error."`
}

// Portal is the customer portal that Latchkey stands beside.
type Portal struct {
	PortalURL       string   `type:"portal-url" placeholder:"URL" group:"The customer portal" help:"Where the Customer Portal API answers: what stands before /v1."`
	PortalToken     string   `placeholder:"TOKEN" group:"The customer portal" help:"Its bearer token; better in a file. Demo: any, or one of its own."`
	PortalTokenFile string   `type:"secret-file" placeholder:"FILE" group:"The customer portal" help:"The file of its bearer token."`
	PortalOrigins   []string `type:"origins" placeholder:"URL,…" group:"The customer portal" help:"The only places a sign-in may lead to."`
	ConfirmationBy  string   `type:"choice" choices:"portal,latchkey" placeholder:"WHO" group:"The customer portal" help:"Who mails a confirmation again: portal (the default) or latchkey (the demo's)."`
}

// IdentityAPI is where identities can be looked up.
type IdentityAPI struct {
	GitLabURL       string `name:"gitlab-url" type:"base-url" placeholder:"URL" group:"The identity provider" help:"The GitLab whose Users API says who an identity is now: what stands before /api/v4. Without it, what the customer portal knows counts. Demo: its own."`
	GitLabToken     string `name:"gitlab-token" placeholder:"TOKEN" group:"The identity provider" help:"An administrator's access token for it, with the scope read_api; better in a file."`
	GitLabTokenFile string `name:"gitlab-token-file" type:"secret-file" placeholder:"FILE" group:"The identity provider" help:"The file of that token."`
}

// OpenID is how customers sign in to their identity, to show that it is theirs.
type OpenID struct {
	OIDCIssuer           string   `name:"oidc-issuer" type:"issuer" placeholder:"URL" group:"The identity provider" help:"The OpenID Connect issuer at which customers may show that an identity is theirs. Default: --identity-url."`
	OIDCClientID         string   `name:"oidc-client-id" placeholder:"ID" group:"The identity provider" help:"Latchkey's client there, with the redirect URI that is --public-url and /identity/callback. Without it, customers are not asked to sign in there. Demo: its own."`
	OIDCClientSecret     string   `name:"oidc-client-secret" placeholder:"TEXT" group:"The identity provider" help:"The client's secret; better in a file. None for a public client."`
	OIDCClientSecretFile string   `name:"oidc-client-secret-file" type:"secret-file" placeholder:"FILE" group:"The identity provider" help:"The file of that secret."`
	OIDCProvider         string   `name:"oidc-provider" type:"name" default:"gitlab" placeholder:"NAME" group:"The identity provider" help:"What the Customer Portal API calls the provider of such an identity."`
	OIDCOrigins          []string `name:"oidc-origins" type:"origins" placeholder:"URL,…" group:"The identity provider" help:"Where else than to the issuer a sign-in there may lead, such as a company's own sign-in page."`
}

// Site is what pages and mails call things.
type Site struct {
	VendorName     string `placeholder:"NAME" group:"Words" help:"Who signs the mails. Default: the host of the first of --portal-origins."`
	PortalName     string `type:"name" default:"Customers Portal" placeholder:"NAME" group:"Words" help:"What customers call the customer portal."`
	IdentityName   string `type:"name" default:"GitLab.com" placeholder:"NAME" group:"Words" help:"What customers call the identity provider."`
	IdentityURL    string `type:"base-url" default:"https://gitlab.com" placeholder:"URL" group:"Words" help:"The identity provider. It is the default of --oidc-issuer."`
	SupportEmail   string `type:"mailbox" placeholder:"ADDRESS" group:"Words" help:"Where hand-offs go."`
	SupportContact string `placeholder:"ADDRESS|URL" group:"Words" help:"How customers reach support, shown on pages. Default: --support-email."`
	PrivacyURL     string `type:"base-url" placeholder:"URL" group:"Words" help:"The privacy notice in the footer; none by default."`
	Texts          string `placeholder:"FILE.toml" group:"Words" help:"Your own words in place of ours."`
}

// Mail is how mail gets out.
type Mail struct {
	By       string `name:"mail" type:"choice" choices:"inbox,smtp,mailgun" placeholder:"HOW" group:"Mail" help:"smtp or mailgun. Demo: inbox."`
	MailFrom string `type:"sender" placeholder:"ADDRESS" group:"Mail" help:"Whom mails are from, such as 'Acme <no-reply@mail.example.com>'."`
	ReplyTo  string `type:"mailbox" placeholder:"ADDRESS" group:"Mail" help:"An address that people read. Default: --support-email."`

	SMTPAddress      string `name:"smtp-address" type:"dial" placeholder:"HOST:PORT" group:"Mail" help:"The SMTP server."`
	SMTPUser         string `name:"smtp-user" placeholder:"NAME" group:"Mail" help:"Its user, if it wants one."`
	SMTPPassword     string `name:"smtp-password" placeholder:"TEXT" group:"Mail" help:"Its password; better in a file."`
	SMTPPasswordFile string `name:"smtp-password-file" type:"secret-file" placeholder:"FILE" group:"Mail" help:"The file of its password."`
	SMTPTLS          string `name:"smtp-tls" type:"choice" choices:"starttls,tls,none" default:"starttls" placeholder:"HOW" group:"Mail" help:"starttls, tls, or none for a server on this machine."`

	MailgunDomain  string `type:"domain" placeholder:"DOMAIN" group:"Mail" help:"Latchkey's own sending domain at Mailgun."`
	MailgunKey     string `placeholder:"KEY" group:"Mail" help:"Its sending key; better in a file."`
	MailgunKeyFile string `type:"secret-file" placeholder:"FILE" group:"Mail" help:"The file of its sending key."`
	MailgunBase    string `type:"mailgun-base" placeholder:"URL" group:"Mail" help:"Where Mailgun's API answers: https://api.mailgun.net/v3 (the default), or https://api.eu.mailgun.net/v3 for the EU. Demo: a mail service of its own."`

	MailgunWebhookKey     string `placeholder:"KEY" group:"Mail" help:"Mailgun's webhook signing key, by which its reports to /webhooks/mailgun are known; better in a file. A second one may follow, while the first is being replaced. Without it no reports are taken."`
	MailgunWebhookKeyFile string `type:"secret-file" placeholder:"FILE" group:"Mail" help:"The file of that key."`
}

// MailLog is where the mails of the other two systems can be looked up.
type MailLog struct {
	By           string        `name:"mail-log" type:"choice" choices:"none,mailgun" default:"none" placeholder:"WHERE" group:"Mail log" help:"none or mailgun: which password resets were sent lately. Demo: its own."`
	Suppressions string        `name:"mail-suppressions" type:"choice" choices:"none,mailgun" default:"none" placeholder:"WHERE" group:"Mail log" help:"none or mailgun: whether the customer portal's own mail still goes to the account's address. Demo: as --mail-log."`
	Cache        time.Duration `name:"mail-log-cache" default:"1m" placeholder:"TIME" group:"Mail log" help:"How long what the log said is good for."`
	ResetSubject string        `type:"pattern" placeholder:"REGEXP" group:"Mail log" help:"The subjects of password resets, as a regular expression. Default: GitLab's and those like it."`
	ResetTags    []string      `type:"words" placeholder:"TAG,…" group:"Mail log" help:"The tags of password resets, where they have any. A mail with one of them counts, whatever its subject."`

	IdentityMailDomains []string `type:"domains" placeholder:"DOMAIN,…" group:"Mail log" help:"The identity provider's sending domains."`
	IdentityMailKey     string   `placeholder:"KEY" group:"Mail log" help:"Their Mailgun key, or DOMAIN=KEY for each of them, in a line of its own or after a comma; better in a file."`
	IdentityMailKeyFile string   `type:"secret-file" placeholder:"FILE" group:"Mail log" help:"The file of these keys."`
	IdentityMailBase    string   `type:"mailgun-base" placeholder:"URL" group:"Mail log" help:"Where Mailgun answers for them. Default: --mailgun-base."`
	PortalMailDomains   []string `type:"domains" placeholder:"DOMAIN,…" group:"Mail log" help:"The customer portal's sending domains."`
	PortalMailKey       string   `placeholder:"KEY" group:"Mail log" help:"Their Mailgun key, or DOMAIN=KEY for each of them, as above; better in a file."`
	PortalMailKeyFile   string   `type:"secret-file" placeholder:"FILE" group:"Mail log" help:"The file of these keys."`
	PortalMailBase      string   `type:"mailgun-base" placeholder:"URL" group:"Mail log" help:"Where Mailgun answers for them. Default: --mailgun-base."`
}

// Desk is where hand-offs go.
type Desk struct {
	HandTo     string `name:"desk" type:"choice" choices:"email,zendesk,webhook" placeholder:"WHERE" group:"The support desk" help:"email (the default), zendesk or webhook: where hand-offs go. Demo: zendesk, one of its own."`
	ConsoleURL string `type:"origin" placeholder:"URL" group:"The support desk" help:"Scheme and host under which support reaches the agent console; tickets link to the case there. Without it they don't, and the console is at --ops-listen."`

	ZendeskURL       string   `type:"base-url" placeholder:"URL" group:"The support desk" help:"Your Zendesk, such as https://acme.zendesk.com. Demo: its own."`
	ZendeskUser      string   `type:"mailbox" placeholder:"ADDRESS" group:"The support desk" help:"The agent that the API token acts as. Without it the token is an OAuth access token."`
	ZendeskToken     string   `placeholder:"TOKEN" group:"The support desk" help:"The token; better in a file."`
	ZendeskTokenFile string   `type:"secret-file" placeholder:"FILE" group:"The support desk" help:"The file of that token."`
	ZendeskFields    []string `type:"desk-fields" placeholder:"ID=WHAT,…" group:"The support desk" help:"Custom fields, each with what it has: reference, situation, situations, entry, language, browser or console-url, such as 360001=reference."`
	ZendeskPriority  []string `type:"desk-priorities" placeholder:"PRIORITY,SITUATION=PRIORITY,…" group:"The support desk" help:"The priority of tickets, and of those of a situation: urgent, high, normal or low, such as normal,sign-in-disabled=high."`
	ZendeskTags      []string `type:"words" placeholder:"TAG,…" group:"The support desk" help:"Tags besides latchkey and those of the situations."`

	WebhookURL        string `type:"webhook-url" placeholder:"URL" group:"The support desk" help:"Where hand-offs are posted to, signed."`
	WebhookSecret     string `placeholder:"TEXT" group:"The support desk" help:"What they are signed with, 16 characters at least; better in a file."`
	WebhookSecretFile string `type:"secret-file" placeholder:"FILE" group:"The support desk" help:"The file of that secret."`
}

// Limits are the counts of R5 and R10. LimitScale multiplies every one of them but the tries of codes.
type Limits struct {
	RedisURL     string `placeholder:"URL" group:"Limits" help:"A Redis that counts the limits of pages for all replicas: redis://HOST:PORT, or rediss:// for TLS. While it is away, and without one, each replica counts for itself."`
	RedisURLFile string `type:"secret-file" placeholder:"FILE" group:"Limits" help:"A file that holds the value of --redis-url, where that has a password."`

	LimitScale float64 `default:"1" placeholder:"FACTOR" group:"Limits" help:"Multiplies every limit of requests, mails and hand-offs, for load tests; the tries of codes stay as they are."`

	StartsLimit   int `default:"30" placeholder:"N" group:"Limits" help:"Starts a client and 10 minutes."`
	PagesLimit    int `default:"600" placeholder:"N" group:"Limits" help:"Other forms and links a client and 10 minutes."`
	LooksLimit    int `default:"600" placeholder:"N" group:"Limits" help:"Views of the journey's pages, and searches of the help, a client and 10 minutes."`
	PrefillsLimit int `default:"60" placeholder:"N" group:"Limits" help:"Prefilled start pages a client and 10 minutes."`
	StatesLimit   int `default:"3000" placeholder:"N" group:"Limits" help:"Looks at a mail's state, by which a page keeps itself up to date, a client and 10 minutes."`

	CodeTries      int `default:"5" placeholder:"N" group:"Limits" help:"Tries a code."`
	WrongCodesADay int `name:"wrong-codes-day" default:"15" placeholder:"N" group:"Limits" help:"Wrong codes an address and day, before its codes are locked for the day."`

	AddressHour    int `default:"5" placeholder:"N" group:"Limits" help:"Mails before proof an address and hour."`
	AddressDay     int `default:"12" placeholder:"N" group:"Limits" help:"The same a day."`
	AddressNetHour int `name:"address-network-hour" placeholder:"N" group:"Limits" help:"Of these one network gets so many an hour. Default: 3; demo: all."`
	AddressNetDay  int `name:"address-network-day" placeholder:"N" group:"Limits" help:"The same a day. Default: 6; demo: all."`
	GlobalHour     int `default:"2000" placeholder:"N" group:"Limits" help:"Mails before proof an hour, to everybody."`
	GlobalNetHour  int `name:"global-network-hour" placeholder:"N" group:"Limits" help:"Of these one network gets so many. Default: 5 %; demo: all."`

	SupportLinkDay int `default:"3" placeholder:"N" group:"Limits" help:"Mails before proof a day on top, to an address that a signed support link names."`

	CaseMails       int `default:"10" placeholder:"N" group:"Limits" help:"Mails after proof a case; from one proven address to one account, twice as many a day. Notices are not counted."`
	CaseSteps       int `default:"500" placeholder:"N" group:"Limits" help:"Steps a case and day that nothing else limits, such as answers, other addresses and codes asked for once more."`
	HandOffsAddress int `name:"handoffs-address" default:"3" placeholder:"N" group:"Limits" help:"Hand-offs an address and day."`
	HandOffsClient  int `name:"handoffs-client" default:"10" placeholder:"N" group:"Limits" help:"Hand-offs a client and day."`
	OthersAtMost    int `default:"3" placeholder:"N" group:"Limits" help:"Addresses that one 'mail the other address' goes to, 3 at most."`
}

// Times are the durations of R4, R5 and R12.
type Times struct {
	ProveFor    time.Duration `name:"prove-ttl" default:"15m" placeholder:"TIME" group:"Times" help:"How long a code and its link work."`
	SignInFor   time.Duration `name:"sign-in-ttl" default:"1h" placeholder:"TIME" group:"Times" help:"A mailed sign-in link."`
	ConfirmFor  time.Duration `name:"confirm-ttl" default:"24h" placeholder:"TIME" group:"Times" help:"A confirmation link."`
	DisownFor   time.Duration `name:"disown-ttl" default:"7d" placeholder:"TIME" group:"Times" help:"A 'this wasn't me' link."`
	StopLinkFor time.Duration `name:"stop-link-ttl" default:"7d" placeholder:"TIME" group:"Times" help:"A 'stop mailing me' link."`
	StopFor     time.Duration `name:"stop-ttl" default:"30d" placeholder:"TIME" group:"Times" help:"How long 'stop mailing me' holds."`
	SameCodeMin time.Duration `name:"same-code-left" default:"5m" placeholder:"TIME" group:"Times" help:"A resend repeats the code while it has this long to live."`
	QueuedWait  time.Duration `name:"resend-wait" default:"1m" placeholder:"TIME" group:"Times" help:"The longest that a resend waits for a mail still queued."`

	ClaimFor      time.Duration `name:"claim-ttl" default:"15s" placeholder:"TIME" group:"Times" help:"How long a pressed button is held for its answer."`
	PortalTimeout time.Duration `default:"5s" placeholder:"TIME" group:"Times" help:"The longest that a request waits for the customer portal; 5s at most."`

	ProofIdle   time.Duration `default:"30m" placeholder:"TIME" group:"Times" help:"A proof ends after this long without a request."`
	ProofMax    time.Duration `default:"2h" placeholder:"TIME" group:"Times" help:"A proof ends after this long."`
	SessionIdle time.Duration `default:"24h" placeholder:"TIME" group:"Times" help:"A browser's session ends after this long without a request."`
	IdentityFor time.Duration `name:"oidc-ttl" default:"10m" placeholder:"TIME" group:"Times" help:"How long a sign-in at the identity provider may take."`
	ResetWindow time.Duration `default:"7d" placeholder:"TIME" group:"Times" help:"How far back the mail log is asked for password resets."`

	CheckPace    time.Duration `default:"200ms" placeholder:"TIME" group:"Times" help:"The pause between two questions to the support desk whether tickets came."`
	KeepCases    time.Duration `default:"30d" placeholder:"TIME" group:"Times" help:"How long cases are kept."`
	KeepSessions time.Duration `default:"24h" placeholder:"TIME" group:"Times" help:"How long sessions are kept past their end."`
	KeepAudit    time.Duration `default:"365d" placeholder:"TIME" group:"Times" help:"How long the audit trail is kept."`
}
