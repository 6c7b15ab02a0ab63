package diagnosis_test

import (
	"slices"
	"strings"
	"testing"

	"latchkey/internal/diagnosis"
)

// seen are the messages that support desks hear of, with three situations that they are signs of.
func seen() diagnosis.Messages {
	return diagnosis.MessagesOf([]diagnosis.Situation{{ID: "one"}, {ID: "two"}, {ID: "three"}}, func(id diagnosis.ID) string {
		return map[diagnosis.ID]string{
			"one": "“Email has already been taken”\n" +
				"“We detected a Customers Portal account that matches your email address, but it has not been linked to your GitLab.com account”\n",
			"two": "“This GitLab.com account has already been linked to another Customers Portal account”\n\n" +
				"“Your account is already linked to another billing account, and cannot be associated with two billing accounts at the same time”\n" +
				"Email has already been taken.",
			"three": "“… has not been confirmed”\n“Invalid username or password”\n" +
				"“You're signed in as a group Owner, but either this subscription doesn't exist or you don't have access to manage its billing account”\n" +
				"A sign-in link “was already used” or has expired\n“No purchases listed”\nA one-time sign-in link that never arrives",
		}[id]
	})
}

func TestMessagesAreGatheredOnce(t *testing.T) {
	all := seen()
	if len(all) != 10 {
		t.Fatalf("%d messages, want 10 of 11 lines: %v", len(all), all)
	}
	taken, ok := all.ByID("saw-email-has-already-been-taken")
	if !ok || !slices.Equal(taken.Signs, []diagnosis.ID{"one", "two"}) || taken.Text != "“Email has already been taken”" {
		t.Errorf("got %v, %v; want one message that is a sign of both", taken, ok)
	}
	if _, ok := all.ByID("saw-nothing"); ok {
		t.Error("an unknown id is found")
	}
	for _, m := range all {
		if len(m.ID) > 80 || len(m.Signs) == 0 {
			t.Errorf("%q: id of %d bytes, signs of %v", m.ID, len(m.ID), m.Signs)
		}
	}
}

// Near-twins are one message: it is shown in one wording, found by each, and known by the id that each would have.
// What nobody is offered is found all the same.
func TestOtherWordingsOfAMessage(t *testing.T) {
	const shown, signs = diagnosis.Symptom("saw-invalid-username-or-password"), "one two"
	all := diagnosis.MessagesOf([]diagnosis.Situation{{ID: "one"}, {ID: "two"}}, func(id diagnosis.ID) string {
		return map[diagnosis.ID]string{
			"one": "“Invalid username or password” | “Invalid login or password” | Wrong password |\n| I can't log in | Login failed\n|\n | \n",
			"two": "“Invalid username or password” | Wrong password\n| I can't log in",
		}[id]
	})
	if len(all) != 2 || all[0].Text != "“Invalid username or password”" || len(all[0].Also) != 2 || all[1].Text != "" || len(all[1].Also) != 2 {
		t.Fatalf("got %+v, want two messages, one of them not shown", all)
	}
	for text, want := range map[string]diagnosis.Symptom{
		"invalid username or password": shown, "INVALID LOGIN OR PASSWORD": shown, "it says: wrong password": shown,
		"can’t log in": "saw-i-cant-log-in", "login failed": "saw-i-cant-log-in",
	} {
		got := all.Match(text)
		if len(got) == 0 || got[0].ID != want || len(got[0].Signs) != 2 {
			t.Errorf("%q is %v, want %s first, a sign of %s", text, messageIDs(got), want, signs)
		}
	}
	for _, id := range []diagnosis.Symptom{shown, "saw-invalid-login-or-password", "saw-wrong-password"} {
		if m, ok := all.ByID(id); !ok || m.ID != shown {
			t.Errorf("%s is %v", id, m)
		}
		if got := all.Signs([]diagnosis.Symptom{id}); len(got) != 2 {
			t.Errorf("%s is a sign of %v, want %s", id, got, signs)
		}
	}
}

func TestPastedMessagesAreFound(t *testing.T) {
	const (
		taken     = "saw-email-has-already-been-taken"
		detected  = "saw-we-detected"
		linked    = "saw-this-gitlab-com"
		billing   = "saw-your-account-is-already"
		confirmed = "saw-has-not-been-confirmed"
		password  = "saw-invalid-username"
		owner     = "saw-youre-signed-in"
		link      = "saw-a-sign-in-link"
		never     = "saw-a-one-time-sign-in-link"
		purchases = "saw-no-purchases-listed"
	)
	for _, tt := range []struct{ name, text, first string }{
		{"as it stands", "Email has already been taken", taken},
		{"shouted, with a full stop", "  EMAIL HAS ALREADY BEEN TAKEN. ", taken},
		{"the end of it", "already been taken", taken},
		{"within a sentence", "Hi, when I try to save my profile it says: 'Email has already been taken' and nothing happens, please help", taken},
		{"over two lines", "Email has already\r\n\tbeen taken", taken},
		{"a word too few", "email already taken", taken},
		{"the purchase's error", "An error occurred with your purchase. We detected a Customers Portal account that matches your email address, but it has not been linked to your GitLab.com account.", detected},
		{"cut off", "We detected a Customers Portal account that matches your em", detected},
		{"the middle of it", "account that matches your email address, but it has not been linked", detected},
		{"another long one", "This GitLab.com account has already been linked to another Customers Portal account", linked},
		{"without its name", "account has already been linked to another Customers Portal account", linked},
		{"two billing accounts", "Your account is already linked to another billing account, and cannot be associated with two billing accounts at the same time", billing},
		{"with an address in it", "somebody@example.com has not been confirmed", confirmed},
		{"curly apostrophes", "You’re signed in as a GitLab group Owner, but either this subscription doesn’t exist or you don’t have access to manage its billing account", owner},
		{"guillemets", "«Invalid username or password»", password},
		{"as html", "<div class=\"alert\">Invalid username or password</div>", password},
		{"said by hand", "the one-time link never arrives", never},
		{"a link that was used", "link was already used", link},
		{"short", "no purchases", purchases},
		{"one word that tells", "confirmed", confirmed},
	} {
		got := seen().Match(tt.text)
		if len(got) == 0 || !strings.HasPrefix(string(got[0].ID), tt.first) {
			t.Errorf("%s: %q is %v, want %s first", tt.name, tt.text, messageIDs(got), tt.first)
		}
	}
}

func TestWhatIsNoMessageIsNotFound(t *testing.T) {
	for _, text := range []string{
		"", "   ", "?!", "error", "404 Not Found", "the", "has been", "it is not", "Something went wrong, try again later",
		"I want to buy more seats for my team", "already", "to your", "account", "how do I reset two-factor authentication on a new phone",
		"Your subscription will expire on 1 May", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", strings.Repeat("x", 500), "Это сообщение об ошибке",
	} {
		if got := seen().Match(text); len(got) > 0 {
			t.Errorf("%q is taken for %v", text, messageIDs(got))
		}
	}
}

// The brackets of a long run must not bring in messages that merely sound alike.
func TestAWholeMessageIsItselfAlone(t *testing.T) {
	for _, m := range seen() {
		if got := seen().Match(m.Text); len(got) != 1 || got[0].ID != m.ID {
			t.Errorf("%q is %v", m.Text, messageIDs(got))
		}
	}
}

func TestSituationsOfMessages(t *testing.T) {
	got := seen().Match("Email has already been taken").Situations()
	if !slices.Equal(got, []diagnosis.ID{"one", "two"}) {
		t.Errorf("got %v", got)
	}
	if got := seen().Signs([]diagnosis.Symptom{"saw-invalid-username-or-password", "made-up"}); !slices.Equal(got, []diagnosis.ID{"three"}) {
		t.Errorf("signs: %v", got)
	}
}

func messageIDs(all diagnosis.Messages) []diagnosis.Symptom {
	var out []diagnosis.Symptom
	for _, m := range all {
		out = append(out, m.ID)
	}
	return out
}

func FuzzMatch(f *testing.F) {
	f.Add("Email has already been taken")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range seen().Match(text) {
			if len(m.Signs) == 0 {
				t.Errorf("%q leads nowhere", m.ID)
			}
		}
	})
}
