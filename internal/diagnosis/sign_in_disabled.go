package diagnosis

import "latchkey/internal/account"

// SignInDisabled is an account that may not be signed in to. It may be deliberate, so the page is neutral
// and only a person decides.
const SignInDisabled ID = "sign-in-disabled"

func signInDisabled() Situation {
	return Situation{
		ID: SignInDisabled, Order: Bars, Scope: OfAccount, Neutral: true, Drawing: DrawUnknown,
		Offers:  []Action{HandOff},
		Forbids: []Action{SignIn, EmailSignInLink, ResendConfirmation},
		Find:    findSignInDisabled,
	}
}

// An identity that its provider blocked forbids signing in as much and gets the same neutral page (R3),
// so that the two cannot be told apart.
func findSignInDisabled(_ Facts, a *account.Account) (Evidence, bool) {
	switch {
	case !a.SignInEnabled:
		return because(SignInDisabled, "sign_in_enabled", "false"), true
	case a.Identity != nil && a.Identity.State == account.IdentityBlocked:
		return because(SignInDisabled, "identity.state", "blocked"), true
	}
	return Evidence{}, false
}
