package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"strings"
	"time"

	"latchkey/internal/account"
)

// Imported is what came of a file of accounts.
type Imported struct {
	Rows     int // with something in them, the header left out
	Accounts int // that are new
	Further  int // rows that told more of an account of the file
	Known    int // accounts that were there already, and stay as they were
	// Repeated are rows that another one says already, the first few as "line 9 repeats line 4".
	Repeated     int
	RepeatedSome []string
	Unknown      []string // columns that were left out
}

// someRepeats is how many repeated rows are named.
const someRepeats = 5

// progressEvery is after how many rows progress is told.
const progressEvery = 500

// Import loads a file of accounts: CSV in UTF-8 with the columns of Columns. It is all or nothing, and its
// error is ImportFaults where the file is what is wrong. progress, if there is one, is told how many bytes
// and rows were read.
func (p *Portal) Import(ctx context.Context, file io.Reader, progress func(bytes int64, rows int)) (Imported, error) {
	var done Imported
	err := inTx(ctx, p.db, func(tx *sql.Tx) error {
		l := &loading{
			q: &prepared{tx: tx, ready: map[string]*sql.Stmt{}}, seed: maphash.MakeSeed(),
			accounts: map[string]*seenAccount{}, said: map[string]said{}, progress: progress,
			now: p.cfg.Now(),
		}
		defer l.q.close()
		err := l.load(ctx, file)
		done = l.done
		return err
	})
	if err != nil && ctx.Err() != nil { // the transaction's end may have been seen first
		return Imported{}, ctx.Err()
	}
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// loading is one import.
type loading struct {
	q        *prepared
	faults   faultList
	seed     maphash.Seed
	accounts map[string]*seenAccount // by id
	said     map[string]said         // of identities and billing accounts
	invited  []account.Account       // with their invitations alone
	alone    bool                    // nobody was there before the file
	progress func(int64, int)
	now      time.Time
	done     Imported
}

// seenAccount is an account that the file had before.
type seenAccount struct {
	line    int
	itself  uint64         // what it said of the account alone
	rows    map[uint64]int // its rows as they stand, with their lines
	already bool           // it was there before the file
}

// said is what a row said of something that others may speak of too.
type said struct {
	line int
	what uint64
}

func (l *loading) load(ctx context.Context, file io.Reader) error {
	f, unknown, err := openRows(file, &l.faults)
	if err != nil {
		return err
	}
	l.done.Unknown = unknown
	if err := l.q.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM accounts) AND NOT EXISTS (SELECT 1 FROM identities)`).Scan(&l.alone); err != nil {
		return err
	}
	for !l.faults.full() {
		r, raw, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the file cannot be read on: %w", err)
		}
		if r == nil {
			continue
		}
		if err := l.take(ctx, r, raw); err != nil {
			return err
		}
		if l.done.Rows%progressEvery == 0 && l.progress != nil {
			l.progress(f.csv.InputOffset(), l.done.Rows)
		}
	}
	if l.done.Rows == 0 && len(l.faults.found) == 0 {
		l.faults.add(1, "the file has no rows but this one")
	}
	if l.progress != nil {
		l.progress(f.csv.InputOffset(), l.done.Rows)
	}
	if err := l.faults.err(); err != nil {
		return err
	}
	return l.invite(ctx)
}

// invite writes the invitations, once all billing accounts are there that the file speaks of; one that it
// does not has no name and no contact.
func (l *loading) invite(ctx context.Context) error {
	for _, a := range l.invited {
		for _, i := range a.Invitations {
			if err := insertBillingAccount(ctx, l.q, i.BillingAccount, "", "", i.CreatedAt); err != nil {
				return err
			}
		}
		if err := insertInvitations(ctx, l.q, a); err != nil {
			return err
		}
	}
	return nil
}

// take loads a row. Once a fault was found nothing more is written: the rest is read for its faults alone.
func (l *loading) take(ctx context.Context, r *row, raw []string) error {
	l.done.Rows++
	a := r.whole(l.now)
	sum := l.sum(strings.Join(raw, "\x00"))
	before, known := l.accounts[a.ID]
	if known {
		if line, again := before.rows[sum]; again {
			l.repeats(r.line, line)
			return nil
		}
		before.rows[sum] = r.line
	}
	l.agrees(r, a)
	switch {
	case known:
		return l.further(ctx, r, a, before)
	default:
		return l.first(ctx, r, a, sum)
	}
}

func (l *loading) repeats(line, first int) {
	l.done.Repeated++
	if len(l.done.RepeatedSome) < someRepeats {
		l.done.RepeatedSome = append(l.done.RepeatedSome, fmt.Sprintf("line %d repeats line %d", line, first))
	}
}

// first loads the first row of an account.
func (l *loading) first(ctx context.Context, r *row, a account.Account, sum uint64) error {
	s := &seenAccount{line: r.line, itself: l.itself(a), rows: map[uint64]int{sum: r.line}}
	l.accounts[a.ID] = s
	there, err := l.there(ctx, r.line, a)
	if err != nil {
		return err
	}
	if s.already = there; there {
		l.done.Known++
		return nil
	}
	l.done.Accounts++
	return l.write(ctx, a, insertAccount)
}

// there reports whether the account was in the portal before the file. Ids that are taken by somebody else
// are a fault: the demo's own customers have some.
func (l *loading) there(ctx context.Context, line int, a account.Account) (bool, error) {
	if l.alone {
		return false, nil
	}
	same, found, err := l.same(ctx, `SELECT canonical FROM accounts WHERE id = $1`, a.ID, canonical(a.Email))
	if err != nil {
		return false, err
	}
	if found && !same {
		l.faults.add(line, "the demo has another account with this id already; choose a new folder with --data")
	}
	if i := a.Identity; i != nil && !found {
		same, taken, err := l.same(ctx, `SELECT canonical FROM identities WHERE subject = $1`, i.Subject, canonical(i.Email))
		if err != nil {
			return false, err
		}
		if taken && !same && !l.ofFile("the identity", i.Subject, line) {
			l.faults.add(line, "the demo has another identity with this identity_subject already; choose a new folder with --data")
		}
	}
	return found, nil
}

// same looks one value up, and reports whether it is the one wanted and whether there is any.
func (l *loading) same(ctx context.Context, query, key, want string) (same, found bool, err error) {
	var got string
	err = l.q.QueryRowContext(ctx, query, key).Scan(&got)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return got == want, err == nil, err
}

// ofFile reports whether an earlier line of the file spoke of it.
func (l *loading) ofFile(of, key string, line int) bool {
	before, known := l.said[of+"\x00"+key]
	return known && before.line < line
}

// further loads another row of an account: more of its billing accounts, subscriptions and invitations.
func (l *loading) further(ctx context.Context, r *row, a account.Account, before *seenAccount) error {
	l.done.Further++
	if l.itself(a) != before.itself {
		l.faults.add(r.line, "says something else of the account than line %d does", before.line)
	}
	if before.already {
		return nil
	}
	return l.write(ctx, a, insertBilling)
}

// write has an account's row inserted, and keeps its invitations for the end.
func (l *loading) write(ctx context.Context, a account.Account, insert func(context.Context, querier, account.Account) error) error {
	if len(l.faults.found) > 0 {
		return nil
	}
	if len(a.Invitations) > 0 {
		l.invited = append(l.invited, account.Account{Email: a.Email, Invitations: a.Invitations})
		a.Invitations = nil
	}
	return insert(ctx, l.q, a)
}

// agrees notes where two rows say different things of one identity, billing account or subscription.
func (l *loading) agrees(r *row, a account.Account) {
	if i := a.Identity; i != nil {
		l.agree(r.line, "the identity", i.Subject, fmt.Sprint(*i))
	}
	for _, m := range a.BillingAccounts {
		l.agree(r.line, "the billing account", m.ID, m.Name)
		l.agree(r.line, "the role", a.ID+"\x00"+m.ID, string(m.Role))
		for _, s := range a.Subscriptions {
			l.agree(r.line, "the subscription", m.ID+"\x00"+s.Name, fmt.Sprint(s.Applied))
		}
	}
	for _, i := range a.Invitations {
		l.agree(r.line, "the invitation", canonical(a.Email)+"\x00"+i.BillingAccount, fmt.Sprint(i.State, i.CreatedAt))
	}
}

func (l *loading) agree(line int, of, key, what string) {
	sum := l.sum(what)
	before, known := l.said[of+"\x00"+key]
	if !known {
		l.said[of+"\x00"+key] = said{line, sum}
	} else if before.what != sum {
		l.faults.add(line, "says something else of %s than line %d does", of, before.line)
	}
}

func (l *loading) sum(text string) uint64 { return maphash.String(l.seed, text) }

// itself is what a row says of the account alone.
func (l *loading) itself(a account.Account) uint64 {
	subject := ""
	if a.Identity != nil {
		subject = a.Identity.Subject
	}
	a.Identity, a.BillingAccounts, a.Subscriptions, a.Invitations = nil, nil, nil, nil
	a.Email = canonical(a.Email)
	return l.sum(fmt.Sprint(a, subject))
}
