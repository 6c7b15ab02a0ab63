package handlers

import "strings"

// token is a piece of a User-Agent header and what people call the thing it stands for.
type token struct{ piece, name string }

// Browsers name the ones they descend from, so the most particular comes first.
var browserTokens = []token{
	{"Edg/", "Edge"},
	{"EdgA/", "Edge"},
	{"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Vivaldi/", "Vivaldi"},
	{"Firefox/", "Firefox"},
	{"FxiOS/", "Firefox"},
	{"CriOS/", "Chrome"},
	{"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
}

// An iPad or an Android device names Mac or Linux as well, so those two come last.
var systemTokens = []token{
	{"Windows", "Windows"},
	{"iPhone", "iPhone"},
	{"iPad", "iPad"},
	{"Android", "Android"},
	{"CrOS", "ChromeOS"},
	{"Macintosh", "Mac"},
	{"Linux", "Linux"},
}

// nameBrowser says which browser asked, such as "Firefox on Windows"; "" where it is none of those known
// here. What a client sends never reaches a mail as it came: it is under a stranger's control.
func nameBrowser(userAgent string) string {
	browser := find(browserTokens, userAgent)
	system := find(systemTokens, userAgent)
	if browser == "" || system == "" {
		return browser
	}
	return browser + " on " + system
}

func find(tokens []token, in string) string {
	for _, t := range tokens {
		if strings.Contains(in, t.piece) {
			return t.name
		}
	}
	return ""
}
