package account

// freeMailDomains are domains whose mailboxes belong to unrelated people, so that a similar address is
// a stranger's. The larger public ones; a vendor's list can add to them by configuration.
var freeMailDomains = map[string]bool{
	"126.com": true, "163.com": true, "aol.com": true, "bol.com.br": true, "comcast.net": true,
	"duck.com": true, "email.com": true, "fastmail.com": true, "free.fr": true, "freenet.de": true,
	"gmail.com": true, "gmx.at": true, "gmx.ch": true, "gmx.com": true, "gmx.de": true, "gmx.net": true,
	"googlemail.com": true, "hey.com": true, "hotmail.co.uk": true, "hotmail.com": true, "hotmail.de": true,
	"hotmail.es": true, "hotmail.fr": true, "hotmail.it": true, "icloud.com": true, "inbox.ru": true,
	"laposte.net": true, "libero.it": true, "live.com": true, "live.co.uk": true, "live.fr": true,
	"mac.com": true, "mail.com": true, "mail.ru": true, "mailbox.org": true, "me.com": true, "msn.com": true,
	"naver.com": true, "orange.fr": true, "outlook.com": true, "outlook.de": true, "outlook.fr": true,
	"pm.me": true, "posteo.de": true, "proton.me": true, "protonmail.com": true, "qq.com": true,
	"rambler.ru": true, "rediffmail.com": true, "sina.com": true, "t-online.de": true, "tutanota.com": true,
	"uol.com.br": true, "wanadoo.fr": true, "web.de": true, "yahoo.co.in": true, "yahoo.co.jp": true,
	"yahoo.co.uk": true, "yahoo.com": true, "yahoo.com.br": true, "yahoo.de": true, "yahoo.es": true,
	"yahoo.fr": true, "yahoo.it": true, "yandex.com": true, "yandex.ru": true, "ymail.com": true,
	"zoho.com": true,
}

// FreeMail reports whether the address is at a public mail service, where "the other address" of a
// company cannot be told from a stranger's.
func (a Address) FreeMail() bool { return freeMailDomains[a.domain] }
