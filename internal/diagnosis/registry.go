package diagnosis

// All lists every situation. This is the only list of them: help pages, texts, demo customers and tests
// range over it. Its order is that of the help pages, and ranks findings of the same Order.
func All() []Situation {
	return []Situation{
		unconfirmed(),
		differentEmail(),
		unlinkedSales(),
		unlinkedLegacy(),
		linkedEmailMismatch(),
		resetOnWrongSite(),
		ready(),
		signInDisabled(),
	}
}

// ByID finds a situation by its slug.
func ByID(id ID) (Situation, bool) {
	for _, s := range All() {
		if s.ID == id {
			return s, true
		}
	}
	return Situation{}, false
}
