package conformance

import (
	"context"
	"strings"

	"latchkey/internal/account"
)

const (
	wantAccount    = "--account-email: a confirmed test account at a company's domain, best linked to an identity"
	wantIdentity   = "--account-email with an account that is linked to an identity with an email"
	wantOrdinarily = "--account-email with an address whose part before the @ has two letters or more"
)

// withAccount runs a check with the test account, or says that there is none.
func withAccount(run func(context.Context, *session, *verdict, found)) func(context.Context, *session, *verdict) {
	return func(ctx context.Context, s *session, v *verdict) {
		if s.cfg.Samples.Account == "" {
			v.needs(wantAccount)
			return
		}
		if a, _, ok := s.sample(ctx, v, s.cfg.Samples.Account); ok {
			run(ctx, s, v, a)
		}
	}
}

func accountChecks() []check {
	return []check{
		{"account-by-email", "?email= finds the accounts with this address and no others", withAccount(byEmail)},
		{"email-case", "upper and lower case of an address are the same", withAccount(emailCase)},
		{"email-stored", "email is the address as it is stored, whatever was asked for", withAccount(emailStored)},
		{"email-dots", "dots in an address count", withAccount(emailDots)},
		{"email-plus", "plus tags of an address count", withAccount(emailPlus)},
		{"email-unknown", "an address that nobody has is 200 with an empty list", func(ctx context.Context, s *session, v *verdict) {
			s.wantNone(ctx, v, "email", nobody()+"@example.com", "nobody has this address")
			if s.cfg.Samples.Account != "" {
				_, domain := at(s.cfg.Samples.Account)
				s.wantNone(ctx, v, "email", nobody()+"@"+domain, "nobody has this address")
			}
		}},
		{"account-confirmed", "confirmed_at and sign_in_enabled say so of an account that may sign in", withAccount(usable)},
	}
}

func byEmail(ctx context.Context, s *session, v *verdict, _ found) {
	some, x := s.find(ctx, v, "email", s.cfg.Samples.Account)
	for _, a := range some {
		if !same(a.Email, s.cfg.Samples.Account) {
			v.wrong(x, "finds an account with the address "+a.Email)
		}
	}
}

func emailCase(ctx context.Context, s *session, v *verdict, a found) {
	for _, asked := range []string{strings.ToUpper(a.Email), strings.ToLower(a.Email)} {
		if some, x := s.find(ctx, v, "email", asked); !has(some, a.ID) {
			v.wrong(x, "does not find the account "+text(a.ID)+" of "+a.Email)
		}
	}
}

func emailStored(ctx context.Context, s *session, v *verdict, a found) {
	for _, asked := range []string{strings.ToUpper(a.Email), strings.ToLower(a.Email)} {
		some, x := s.find(ctx, v, "email", asked)
		for _, other := range some {
			if other.ID == a.ID && other.Email != a.Email {
				v.wrong(x, "gives "+other.Email+" where another question gave "+a.Email)
			}
		}
	}
}

func emailDots(ctx context.Context, s *session, v *verdict, a found) {
	local, domain := at(a.Email)
	other := strings.ReplaceAll(local, ".", "")
	if other == local {
		other = local[:1] + "." + local[1:]
	}
	if _, err := account.ParseAddress(other + "@" + domain); err != nil {
		v.needs(wantOrdinarily)
		return
	}
	s.wantNotFound(ctx, v, other+"@"+domain, a)
}

func emailPlus(ctx context.Context, s *session, v *verdict, a found) {
	local, domain := at(a.Email)
	bare, _, tagged := strings.Cut(local, "+")
	if !tagged {
		bare = local + "+latchkey"
	}
	s.wantNotFound(ctx, v, bare+"@"+domain, a)
}

// wantNotFound asks for an address that is not the account's.
func (s *session) wantNotFound(ctx context.Context, v *verdict, asked string, a found) {
	if some, x := s.find(ctx, v, "email", asked); has(some, a.ID) {
		v.wrong(x, "finds the account of "+a.Email+", which is another address")
	}
}

func usable(_ context.Context, s *session, v *verdict, a found) {
	x := s.past[len(s.past)-1]
	if a.ConfirmedAt == nil {
		v.wrong(x, "confirmed_at is null, though --account-email is confirmed")
	}
	if a.SignInEnabled == false {
		v.wrong(x, "sign_in_enabled is false, though --account-email may sign in")
	}
}

// withIdentity runs a check with the test account's identity.
func withIdentity(run func(context.Context, *session, *verdict, found)) func(context.Context, *session, *verdict) {
	return withAccount(func(ctx context.Context, s *session, v *verdict, a found) {
		if a.Identity.Email == "" || a.Identity.Subject == "" {
			v.needs(wantIdentity)
			return
		}
		run(ctx, s, v, a)
	})
}

func identityChecks() []check {
	return []check{
		{"identity-by-email", "?identity_email= finds the accounts linked to an identity with this email, in any case", withIdentity(identityByEmail)},
		{"identity-by-subject", "?identity_subject= finds the accounts linked to the identity with this subject", withIdentity(identityBySubject)},
		{"identity-unknown", "an identity that nobody is linked to is 200 with an empty list", func(ctx context.Context, s *session, v *verdict) {
			s.wantNone(ctx, v, "identity_email", nobody()+"@example.com", "no identity has this email")
			s.wantNone(ctx, v, "identity_subject", nobody(), "no identity has this subject")
		}},
	}
}

func identityByEmail(ctx context.Context, s *session, v *verdict, a found) {
	for _, asked := range []string{a.Identity.Email, strings.ToUpper(a.Identity.Email)} {
		some, x := s.find(ctx, v, "identity_email", asked)
		for _, f := range some {
			if !same(f.Identity.Email, a.Identity.Email) {
				v.wrong(x, "finds an account that is not linked to an identity with this email")
			}
		}
		if !has(some, a.ID) {
			v.wrong(x, "does not find the account "+text(a.ID)+", which is linked to such an identity")
		}
	}
}

func identityBySubject(ctx context.Context, s *session, v *verdict, a found) {
	some, x := s.find(ctx, v, "identity_subject", a.Identity.Subject)
	for _, f := range some {
		if f.Identity.Subject != a.Identity.Subject {
			v.wrong(x, "finds an account that is not linked to this identity")
		}
	}
	if !has(some, a.ID) {
		v.wrong(x, "does not find the account "+text(a.ID)+", which is linked to this identity")
	}
}
