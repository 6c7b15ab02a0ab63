package recovery

// The paths that stand in mails and tickets: who writes them and who answers there have them from here.
const (
	LinkPath        = "/l/"             // of a mailed link, before its token
	SupportLinkPath = "/s/"             // of a signed support link, before its token
	ConsoleCasePath = "/console/cases/" // of a case in the agent console, before its reference
)
