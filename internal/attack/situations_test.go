package attack

import (
	"slices"
	"strings"
	"testing"

	customers "latchkey/internal/demo"
	"latchkey/internal/diagnosis"
)

// walk is one customer's way out of a situation, to the end: the account is put right in the customer portal,
// or support has the ticket. It begins on the situation's page.
type walk func(t *testing.T, d *demo, b *browser, address string)

// walks are the ways out, a situation each.
var walks = map[diagnosis.ID]walk{
	diagnosis.Ready:                   signInHere,
	diagnosis.ResetOnWrongSite:        signInHere,
	diagnosis.IdentityLocked:          signInHere,
	diagnosis.PasswordDisabled:        signInByMail,
	diagnosis.SeveralAccounts:         chooseAndAskToMerge,
	diagnosis.Unconfirmed:             confirm,
	diagnosis.DifferentEmail:          tryTheOtherAddress,
	diagnosis.UnlinkedLegacy:          link,
	diagnosis.UnlinkedSales:           link,
	diagnosis.LinkedEmailMismatch:     link,
	diagnosis.IdentityLinkedElsewhere: freeAndLink,
	diagnosis.OwnerLeft:               takeOver,
	diagnosis.EmailChangePending:      confirmTheChange,
	diagnosis.InvitationPending:       accept,
	diagnosis.ResellerPurchase:        apply,
	diagnosis.MailSuppressed:          signInAndAskSupport,
	diagnosis.NoBillingAccess:         signInAndAskSupport,
	diagnosis.TwoBillingAccounts:      signInAndAskSupport,
	diagnosis.SignInDisabled:          askSupport,
}

// Every demo customer gets from the start page to their situation, and by its action to the end.
func TestEverySituationHasAWayOut(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	for _, s := range diagnosis.All() {
		if walks[s.ID] == nil {
			t.Errorf("%s: walks does not say how to get to its end", s.ID)
		}
	}
	for _, c := range customers.Customers() {
		if c.Situation == "" {
			continue
		}
		t.Run(c.Address, func(t *testing.T) {
			own := d.as(t)
			b := own.prove(c.Address)
			if got := b.page.hooks["situation"]; !slices.Contains(got, c.Situation) {
				t.Fatalf("found %v, want %s among them", got, c.Situation)
			}
			if way := walks[diagnosis.ID(c.Situation)]; way != nil {
				way(t, own, b, c.Address)
			}
		})
	}
}

// as is the demo for a subtest.
func (d *demo) as(t *testing.T) *demo {
	mine := *d
	mine.t = t
	return &mine
}

// proveAgain proves an address once more, after every mail that is still on its way to it.
func (d *demo) proveAgain(address string) *browser {
	d.t.Helper()
	d.settled()
	return d.prove(address)
}

func (d *demo) wantFound(address string, want ...diagnosis.ID) {
	d.t.Helper()
	got := d.proveAgain(address).page.hooks["situation"]
	for _, id := range want {
		if !slices.Contains(got, string(id)) {
			d.t.Errorf("%s: found %v, want %s", address, got, id)
		}
	}
	if len(got) != len(want) {
		d.t.Errorf("%s: found %v, want %v", address, got, want)
	}
}

// inPortal checks that the browser is signed in to the customer portal as an address.
func (b *browser) inPortal(d *demo, address string) {
	b.t.Helper()
	if !strings.HasPrefix(b.page.url.String(), d.portal) || b.page.status != 200 ||
		!strings.Contains(strings.ToLower(b.page.text), strings.ToLower(address)) {
		b.t.Fatalf("at %s with %d, want the customer portal of %s", b.page.url, b.page.status, address)
	}
}

// inPortalForm sends a form of the customer portal by its path.
func (b *browser) inPortalForm(path string, extra ...string) {
	b.t.Helper()
	for _, f := range b.page.forms {
		if f.action == path {
			if p := b.submit(f, extra...); p.status != 200 {
				b.t.Fatalf("%s answered %d: %s", path, p.status, p.text)
			}
			return
		}
	}
	b.t.Fatalf("%s has no form to %s", b.page.url, path)
}

func signInHere(_ *testing.T, d *demo, b *browser, address string) {
	b.act("sign-in")
	b.inPortal(d, address)
}

func signInByMail(t *testing.T, d *demo, b *browser, address string) { byMail(t, d, b, address) }

// byMail asks for the link to the last account on the page, and follows it from that account's mailbox, in
// another browser.
func byMail(t *testing.T, d *demo, b *browser, own string) *browser {
	t.Helper()
	before := len(d.inbox(own))
	var last *form
	for _, f := range b.page.forms {
		if f.hooks["action"] == "email-sign-in-link" {
			last = &f
		}
	}
	if last == nil {
		t.Fatalf("%s: no link is offered", b.page.url)
	}
	b.submit(*last)
	owner := d.browser()
	owner.get(d.mail(own, before).links()[0])
	owner.submit(owner.field("email"), "email", own)
	owner.inPortal(d, own)
	return owner
}

func askSupport(t *testing.T, d *demo, b *browser, _ string) {
	t.Helper()
	b.get(d.base + "/support")
	b.submit(b.field("message"), "message", "Please help me with what you found.")
	reference := b.page.hooks["reference"]
	if len(reference) == 0 {
		t.Fatalf("no reference at %s", b.page.url)
	}
	d.until("support has the ticket", func() bool {
		return slices.ContainsFunc(d.inbox(""), func(m sent) bool {
			return strings.Contains(m.Subject, reference[0]) && strings.Contains(m.Text, "Please help me with what you found.")
		})
	})
}

func signInAndAskSupport(t *testing.T, d *demo, b *browser, address string) {
	askSupport(t, d, b, address)
	b.get(d.base + "/situation")
	signInHere(t, d, b, address)
}

func chooseAndAskToMerge(t *testing.T, d *demo, b *browser, address string) {
	var ids []string
	for _, f := range b.page.forms {
		if f.hooks["action"] == "sign-in" {
			ids = append(ids, f.fields.Get("account"))
		}
	}
	if len(ids) != 2 || ids[0] == ids[1] {
		t.Fatalf("accounts to choose from: %v, want two", ids)
	}
	for i, shows := range []string{"Sandbank Ferries", "Sandbank Ferries (old)"} {
		one := d.proveAgain(address)
		for _, f := range one.page.forms {
			if f.hooks["action"] == "sign-in" && f.fields.Get("account") == ids[i] {
				one.submit(f)
				break
			}
		}
		one.inPortal(d, address)
		if !strings.Contains(one.page.text, shows) {
			t.Errorf("account %s does not show %s", ids[i], shows)
		}
	}
	askSupport(t, d, b, address)
}

func confirm(t *testing.T, d *demo, b *browser, address string) {
	before := len(d.inbox(address))
	b.act("resend-confirmation")
	b.get(d.mail(address, before).links()[0])
	for _, f := range b.page.forms {
		if f.action == "/confirm" {
			b.submit(f)
			break
		}
	}
	d.wantFound(address, diagnosis.Ready)
}

// tryTheOtherAddress is the way of who has an account under another address; who has none asks support.
func tryTheOtherAddress(t *testing.T, d *demo, b *browser, address string) {
	if address != "firstname_lastname@organization.com" {
		askSupport(t, d, b, address)
		return
	}
	const other = "firstname.lastname@organization.com"
	b.act("mail-other-address")
	d.mail(other, 0)
	for _, f := range b.page.forms {
		if f.hooks["action"] == "try-another-address" {
			b.submit(f, "email", other)
			break
		}
	}
	b.submit(b.field("code"), "code", d.mail(other, 1).code())
	signInHere(t, d, b, other)
}

// link signs in and links the identity with the account's own email, which the portal offers first.
func link(t *testing.T, d *demo, b *browser, address string) {
	signInHere(t, d, b, address)
	b.linkIdentity(d, address)
	d.wantFound(address, diagnosis.Ready)
}

// linkIdentity links the identity with an email, as the portal's Profile settings offer it.
func (b *browser) linkIdentity(d *demo, email string) {
	b.t.Helper()
	b.get(d.portal + "/customers/profile")
	b.inPortalForm("/customers/profile/identity", "subject", b.option(email))
}

// option is the value of the option of the page that names an email.
func (b *browser) option(email string) string {
	b.t.Helper()
	for _, option := range strings.Split(b.page.body, "<option ")[1:] {
		label, _, _ := strings.Cut(option, "</option>")
		if strings.Contains(label, "("+email+")") {
			_, value, _ := strings.Cut(label, `value="`)
			value, _, _ = strings.Cut(value, `"`)
			return value
		}
	}
	b.t.Fatalf("%s offers no %s", b.page.url, email)
	return ""
}

// freeAndLink signs in to the account that has the identity, by a link to its own mailbox, puts another
// identity there, and links the freed one here.
func freeAndLink(t *testing.T, d *demo, b *browser, address string) {
	const other = "elsewhere@example.com"
	owner := byMail(t, d, b, other)
	owner.linkIdentity(d, other)
	here := d.proveAgain(address)
	signInHere(t, d, here, address)
	here.linkIdentity(d, address)
	d.wantFound(address, diagnosis.Ready)
	d.wantFound(other, diagnosis.Ready)
}

// takeOver puts the new owner's identity and address in the place of the old ones.
func takeOver(t *testing.T, d *demo, b *browser, address string) {
	const next = "new-owner@example.com"
	signInHere(t, d, b, address)
	b.linkIdentity(d, next)
	b.inPortalForm("/customers/profile/email", "email", next)
	b.get(d.mail(next, 0).links()[0])
	d.wantFound(next, diagnosis.Ready)
	d.wantFound(address, diagnosis.DifferentEmail)
}

// confirmTheChange has the mail for the new address sent again, and opens it there.
func confirmTheChange(t *testing.T, d *demo, b *browser, address string) {
	const next = "chen.new@example.com"
	signInHere(t, d, b, address)
	b.get(d.portal + "/customers/profile")
	b.inPortalForm("/customers/profile/email", "email", next)
	d.browser().get(d.mail(next, 0).links()[0])
	d.wantFound(next, diagnosis.LinkedEmailMismatch) // the GitLab.com account still has the old address
	b.linkIdentity(d, next)
	d.wantFound(next, diagnosis.Ready)
	d.wantFound(address, diagnosis.DifferentEmail)
}

func accept(t *testing.T, d *demo, b *browser, address string) {
	signInHere(t, d, b, address)
	b.inPortalForm("/customers/invitation")
	if !strings.Contains(b.page.text, "Ivy Architects") {
		t.Error("the billing account is not shown to its new member")
	}
	d.wantFound(address, diagnosis.Ready)
}

// apply views the purchase and puts it to use; the rest is the reseller's.
func apply(t *testing.T, d *demo, b *browser, address string) {
	signInHere(t, d, b, address)
	b.inPortalForm("/customers/subscription")
	if !strings.Contains(b.page.text, "In use by a group") {
		t.Error("the subscription is not in use")
	}
}

// established are the addresses that a customer may read besides the one they proved: that of an account
// linked to the identity which is theirs (R2).
var established = map[string][]string{
	"identity-linked-elsewhere@example.com": {"elsewhere@example.com"},
}

// Whatever a customer presses, no page, header, mail or log line holds another's address, or anybody's name
// or billing account.
func TestNoCustomerReadsOfAnother(t *testing.T) {
	d := startDemo(t, "--limit-scale", "50")
	for _, c := range customers.Customers() {
		if c.Situation == "" {
			continue
		}
		own := append([]string{c.Address}, established[c.Address]...)
		seen := strings.ToLower(d.allThatIsRead(c.Address))
		if !strings.Contains(seen, strings.ToLower(c.Address)) {
			t.Errorf("%s does not read their own address: this test sees nothing", c.Address)
		}
		for _, hidden := range own { // an address may be a part of another one
			seen = strings.ReplaceAll(seen, strings.ToLower(hidden), "OWN")
		}
		for _, other := range slices.Concat(customers.Addresses(), customers.Names()) {
			if !slices.Contains(own, other) && strings.Contains(seen, strings.ToLower(other)) {
				t.Errorf("%s reads of %s", c.Address, other)
			}
		}
	}
	log := strings.ToLower(d.output())
	for _, secret := range slices.Concat(customers.Addresses(), customers.Names()) {
		if strings.Contains(log, strings.ToLower(secret)) {
			t.Errorf("the log names %s", secret)
		}
	}
}

// allThatIsRead is every page and header that a customer gets by pressing what they are offered, short of the
// customer portal itself, and every mail to them.
func (d *demo) allThatIsRead(address string) string {
	d.t.Helper()
	b := d.prove(address)
	seen := b.everything()
	for _, f := range b.page.forms {
		switch f.hooks["action"] {
		case "email-sign-in-link", "resend-confirmation", "mail-other-address":
			b.submit(f)
			seen += b.everything()
		}
	}
	for _, path := range []string{"/situation", "/support"} {
		b.get(d.base + path)
		seen += b.everything()
	}
	b.submit(b.field("message"), "message", "Please help me in.")
	seen += b.everything()
	d.settled()
	for _, m := range d.inbox(address) {
		seen += m.Subject + m.Text + m.HTML
		for name, value := range m.Headers {
			seen += name + ": " + value + "\n"
		}
	}
	return seen
}

// everything is the last answer and those that redirected to it: headers and body.
func (b *browser) everything() string {
	var seen strings.Builder
	for _, answer := range b.trail {
		_ = answer.Header.Write(&seen)
	}
	return seen.String() + b.page.body
}
