package conformance

import (
	"context"
	"fmt"
	"strings"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
)

const (
	wantCompany = "--account-email at a company's domain, since public mail services have no similar addresses"
	wantSimilar = "--similar-email: an address that nobody has, but nearly one that somebody has"
)

func similarChecks() []check {
	return []check{
		{"similar-free-mail", "?similar_to= finds nobody at public mail services", func(ctx context.Context, s *session, v *verdict) {
			for _, asked := range []string{"john.smith1@gmail.com", "info-1@outlook.com", "anna_mueller@gmx.de", "maria.garcia@yahoo.es"} {
				if some, x := s.find(ctx, v, "similar_to", asked); len(some) > 0 {
					v.wrong(x, "finds somebody, though a similar address there is a stranger's")
				}
			}
		}},
		{"similar-domain", "?similar_to= finds nobody at another domain", withAccount(func(ctx context.Context, s *session, v *verdict, a found) {
			local, domain := at(a.Email)
			for _, other := range []string{"latchkey-conformance.example", "mail." + domain} {
				s.wantNearby(ctx, v, local+"@"+other)
			}
		})},
		{"similar-itself", "?similar_to= does not find the address itself", withAccount(func(ctx context.Context, s *session, v *verdict, a found) {
			for _, asked := range []string{a.Email, strings.ToUpper(a.Email)} {
				s.wantNearby(ctx, v, asked)
			}
		})},
		{"similar-skeleton", "?similar_to= finds an account by any address with the same skeleton", withAccount(similarSkeleton)},
		{"similar-near", "?similar_to= finds no more than three, each with the same skeleton or two letters off", withAccount(func(ctx context.Context, s *session, v *verdict, a found) {
			local, domain := at(a.Email)
			for _, asked := range []string{local + "1", local + "xyz", "xyz" + local, local[:1], nobody()} {
				s.wantNearby(ctx, v, asked+"@"+domain)
			}
		})},
		{"similar-sample", "?similar_to= finds somebody for --similar-email", func(ctx context.Context, s *session, v *verdict) {
			if s.cfg.Samples.Similar == "" {
				v.needs(wantSimilar)
				return
			}
			if x, some := s.wantNearby(ctx, v, s.cfg.Samples.Similar); len(some) == 0 {
				v.wrong(x, "finds nobody")
			}
		}},
	}
}

// similarSkeleton asks for variants that have the account's skeleton by the way they are made.
func similarSkeleton(ctx context.Context, s *session, v *verdict, a found) {
	own, err := account.ParseAddress(a.Email)
	if err != nil || own.FreeMail() {
		v.needs(wantCompany)
		return
	}
	local, domain := at(a.Email)
	bare, _, _ := strings.Cut(local, "+")
	marks := strings.NewReplacer(".", "_", "_", "-", "-", ".")
	for _, variant := range []string{
		bare + "+latchkey", marks.Replace(bare), bare + "7", bare + "-", strings.ToUpper(bare) + "_2026", bare[:1] + "." + bare[1:],
	} {
		asked, err := account.ParseAddress(variant + "@" + domain)
		if err != nil || asked.Matches(own) || customerportal.Skeleton(asked) != customerportal.Skeleton(own) {
			continue
		}
		x, some := s.wantNearby(ctx, v, asked.String())
		if !has(some, a.ID) && !crowded(some, asked) {
			v.wrong(x, "does not find the account of "+a.Email+", which has the same skeleton")
		}
	}
}

// crowded reports whether others with the same skeleton took all places.
func crowded(some []found, asked account.Address) bool {
	for _, f := range some {
		own, err := account.ParseAddress(f.Email)
		if err != nil || customerportal.Skeleton(own) != customerportal.Skeleton(asked) {
			return false
		}
	}
	return len(some) == customerportal.MaxSimilar
}

// wantNearby asks for similar addresses and notes every account that may not be among them, and an order
// that is not the rule's.
func (s *session) wantNearby(ctx context.Context, v *verdict, asked string) (*Exchange, []found) {
	some, x := s.find(ctx, v, "similar_to", asked)
	if len(some) > customerportal.MaxSimilar {
		v.wrong(x, fmt.Sprintf("finds %d, want %d at most", len(some), customerportal.MaxSimilar))
	}
	address, err := account.ParseAddress(asked)
	if err != nil {
		return x, some
	}
	var last rank
	for i, f := range some {
		own, err := account.ParseAddress(f.Email)
		switch {
		case err != nil || own.Domain() != address.Domain():
			v.wrong(x, "finds "+f.Email+", which is at another domain")
			continue
		case own.Matches(address):
			v.wrong(x, "finds the address itself")
		case customerportal.Skeleton(own) != customerportal.Skeleton(address) && !customerportal.Close(own, address):
			v.wrong(x, "finds "+f.Email+", which is not near "+asked)
		}
		next := rankOf(own, address, f.ID)
		if i > 0 && next.before(last) {
			v.wrong(x, f.Email+" stands behind an address that is less near")
		}
		last = next
	}
	return x, some
}

// rank is the order of similar addresses: the same skeleton first, then the distance, then the id.
type rank struct {
	other    bool
	distance int
	id       string
}

func rankOf(own, asked account.Address, id string) rank {
	return rank{customerportal.Skeleton(own) != customerportal.Skeleton(asked), customerportal.Distance(own, asked), id}
}

func (r rank) before(other rank) bool {
	if r.other != other.other {
		return other.other
	}
	if r.distance != other.distance {
		return r.distance < other.distance
	}
	return r.id < other.id
}
