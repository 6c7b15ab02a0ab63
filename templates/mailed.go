package templates

// MailedPart is a mail that was asked for on the page and is not used yet.
type MailedPart struct {
	*MailedView
	Address string
}

// waits reports whether the mail that an action sent is there to be opened.
func (s Situation) waits(a ActionView) bool {
	return s.MailWaits && a.Mailed != nil && a.Mailed.State != "failed"
}

// Newest is the mail that was asked for last on this page; nil where none was, or what came after it counts.
func (s Situation) Newest() *MailedPart {
	if !s.MailWaits || s.GotIn == "yes" {
		return nil
	}
	var newest *MailedPart
	for _, account := range s.Accounts {
		for _, f := range account.Findings {
			for _, a := range f.Actions {
				if a.Mailed != nil && (newest == nil || a.Mailed.At.After(newest.At)) {
					newest = &MailedPart{MailedView: a.Mailed, Address: f.AccountAddress}
				}
			}
		}
	}
	return newest
}

// atTop reports whether the page's top says what became of the mail.
func (s Situation) atTop(mailed *MailedView) bool {
	newest := s.Newest()
	return newest != nil && newest.MailedView == mailed
}

// Settled reports whether the mail's state is its last.
func (m MailedView) Settled() bool { return m.State == "delivered" || m.State == "failed" }

// AsksLater reports whether "Did you get in?" has to wait: there is something to be done first.
func (s Situation) AsksLater() bool { return s.AsksGotIn && !s.SignedInLast }
