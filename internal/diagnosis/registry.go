package diagnosis

// All lists every situation. This is the only list of them: help pages, texts, demo customers and tests
// range over it. Its order is that of the help pages, and ranks findings of the same Order.
func All() Registry {
	return Registry{
		unconfirmed(),
		differentEmail(),
		severalAccounts(),
		unlinkedSales(),
		unlinkedLegacy(),
		linkedEmailMismatch(),
		identityLinkedElsewhere(),
		identityLocked(),
		passwordDisabled(),
		ownerLeft(),
		mailSuppressed(),
		emailChangePending(),
		resetOnWrongSite(),
		invitationPending(),
		noBillingAccess(),
		twoBillingAccounts(),
		resellerPurchase(),
		ready(),
		signInDisabled(),
	}
}

// Registry is a list of situations. Rules about it take it as a value, so that a test can add one.
type Registry []Situation

// ByID finds a situation by its slug.
func ByID(id ID) (Situation, bool) { return All().ByID(id) }

// ByID finds a situation by its slug.
func (all Registry) ByID(id ID) (Situation, bool) {
	for _, s := range all {
		if s.ID == id {
			return s, true
		}
	}
	return Situation{}, false
}
