package diagnosis

import (
	"slices"
	"time"

	"latchkey/internal/account"
)

// MailSuppressed is an account whose address gets no more mail from the customer portal, because the
// mail service has it on a list. Latchkey sends from a domain of its own, so its mail still arrives.
const MailSuppressed ID = "mail-suppressed"

// suppressionLists are the lists, and the variants, the one that tells most first.
var suppressionLists = []account.SuppressionList{account.ListBounces, account.ListComplaints, account.ListUnsubscribes}

func mailSuppressed() Situation {
	s := Situation{
		ID: MailSuppressed, Order: Hinders, Scope: OfAccount, Drawing: DrawNoMail,
		Offers: []Action{SignIn},
		Proofs: []Proof{ProofMailbox},
		Find:   findMailSuppressed,
	}
	for _, list := range suppressionLists {
		s.Variants = append(s.Variants, string(list))
	}
	return s
}

// The lists were asked about the accounts at the address, and say nothing of one with another.
func findMailSuppressed(f Facts, a *account.Account) (Evidence, bool) {
	if !f.Suppressions.OK() || !a.At(f.Address) {
		return Evidence{}, false
	}
	for _, list := range suppressionLists {
		i := slices.IndexFunc(f.Suppressions.Value, func(s account.Suppression) bool { return s.List == list })
		if i < 0 {
			continue
		}
		listed := f.Suppressions.Value[i]
		e := because(MailSuppressed, "suppression.list", string(list))
		if listed.Code != "" {
			e.Facts = append(e.Facts, Fact{"suppression.code", listed.Code})
		}
		if !listed.Since.IsZero() {
			e.Facts = append(e.Facts, Fact{"suppression.since", listed.Since.UTC().Format(time.RFC3339)})
		}
		e.At = listed.Since
		return e.as(string(list)), true
	}
	return Evidence{}, false
}
