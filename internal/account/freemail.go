package account

import "regexp"

// freeMailDomains are domains whose mailboxes belong to unrelated people, so that a similar address is a stranger's:
// the larger public ones.
var freeMailDomains = map[string]bool{
	"126.com": true, "163.com": true, "abv.bg": true, "aol.com": true, "arcor.de": true, "att.net": true,
	"bellsouth.net": true, "bigpond.com": true, "bk.ru": true, "bluewin.ch": true, "bol.com.br": true,
	"btinternet.com": true, "centrum.cz": true, "charter.net": true, "comcast.net": true, "cox.net": true,
	"daum.net": true, "duck.com": true, "email.com": true, "email.cz": true, "fastmail.com": true,
	"fastmail.fm": true, "foxmail.com": true, "free.fr": true, "freenet.de": true, "gmail.com": true,
	"googlemail.com": true, "hanmail.net": true, "hey.com": true, "home.nl": true, "hushmail.com": true,
	"icloud.com": true, "ig.com.br": true, "inbox.ru": true, "interia.pl": true, "kpnmail.nl": true,
	"laposte.net": true, "libero.it": true, "list.ru": true, "mac.com": true, "mail.com": true,
	"mail.de": true, "mail.ru": true, "mailbox.org": true, "me.com": true, "msn.com": true,
	"naver.com": true, "neuf.fr": true, "o2.pl": true, "onet.pl": true, "op.pl": true,
	"optusnet.com.au": true, "orange.fr": true, "planet.nl": true, "pm.me": true, "posteo.de": true,
	"proton.me": true, "protonmail.ch": true, "protonmail.com": true, "qq.com": true, "rambler.ru": true,
	"rediffmail.com": true, "rocketmail.com": true, "rogers.com": true, "sbcglobal.net": true,
	"seznam.cz": true, "sfr.fr": true, "shaw.ca": true, "sina.com": true, "sky.com": true, "skynet.be": true,
	"t-online.de": true, "telenet.be": true, "telus.net": true, "terra.com.br": true, "tiscali.it": true,
	"tuta.com": true, "tuta.io": true, "tutamail.com": true, "tutanota.com": true, "ukr.net": true,
	"uol.com.br": true, "verizon.net": true, "virgilio.it": true, "wanadoo.fr": true, "web.de": true,
	"wp.pl": true, "xtra.co.nz": true, "yeah.net": true, "ymail.com": true, "ziggo.nl": true,
	"zoho.com": true,
}

// freeMailBrands are those of services that have a domain in most countries, such as yahoo.ca and hotmail.co.uk.
var freeMailBrands = regexp.MustCompile(`^(gmx|hotmail|live|outlook|yahoo|yandex)(\.(co|com))?\.[a-z]{2,3}$`)

// FreeMail reports whether the address is at a public mail service, where "the other address" of a
// company cannot be told from a stranger's.
func (a Address) FreeMail() bool {
	return freeMailDomains[a.domain] || freeMailBrands.MatchString(a.domain)
}
