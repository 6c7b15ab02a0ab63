package recovery

import (
	"context"
	"errors"

	"latchkey/internal/account"
)

// FindReference looks for a case by its reference, however it was typed, and returns it in its one form.
// ErrReferenceForm, ErrNotFound.
func (a *Agents) FindReference(ctx context.Context, v *AgentVisitor, typed string) (string, error) {
	found, missing := "", error(nil)
	err := a.step(ctx, v, func(tx Tx) error {
		c, err := a.theCase(ctx, tx, typed)
		if missing = nil; errors.Is(err, ErrNotFound) {
			missing = err // looked for in vain, which is a step too
			return a.record(ctx, tx, v, outside(""), ActAgentSearched, "reference")
		}
		if err != nil {
			return err
		}
		found = c.Reference
		return a.record(ctx, tx, v, c, ActAgentSearched, "reference")
	})
	return found, errors.Join(err, missing)
}

// FindAddress keeps the hash of an address as what this session looks for: Sought shows its cases.
func (a *Agents) FindAddress(ctx context.Context, v *AgentVisitor, of account.Address) error {
	hash := a.service.hash(of.String())
	err := a.step(ctx, v, func(tx Tx) error {
		still, err := tx.SeekAsAgent(ctx, v.Session.IDHash, hash)
		if err != nil {
			return err
		}
		if !still {
			return ErrNotSignedIn
		}
		return a.record(ctx, tx, v, outside(hash), ActAgentSearched, "address")
	})
	if err == nil {
		v.Session.Sought = hash
	}
	return err
}

// FoundCase is a case on the list of those of an address.
type FoundCase struct {
	Case
	Situations []string // see SituationsOf
	Resolved   bool
}

// Sought is a page of the cases of the address that this session looks for, newest first, counted from 0; more
// reports whether another one follows.
func (a *Agents) Sought(ctx context.Context, v *AgentVisitor, page, size int) (cases []FoundCase, more bool, err error) {
	if !v.Session.SignedIn() {
		return nil, false, ErrNotSignedIn
	}
	if v.Session.Sought == "" {
		return nil, false, nil
	}
	rows, err := a.service.Store.CasesOfAddress(ctx, v.Session.Sought, page*size, size+1)
	if err != nil {
		return nil, false, err
	}
	for _, c := range rows[:min(len(rows), size)] {
		found, err := a.listed(ctx, c)
		if err != nil {
			return nil, false, err
		}
		cases = append(cases, found)
	}
	return cases, len(rows) > size, nil
}

// Newest are the n cases that were begun last, newest first. Whose they are is not told: that is for who opens one,
// which the trail then has.
func (a *Agents) Newest(ctx context.Context, v *AgentVisitor, n int) (cases []FoundCase, err error) {
	if !v.Session.SignedIn() {
		return nil, ErrNotSignedIn
	}
	rows, err := a.service.Store.NewestCases(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, c := range rows {
		found, err := a.listed(ctx, c)
		if err != nil {
			return nil, err
		}
		found.Address, found.AddressHash = "", ""
		cases = append(cases, found)
	}
	return cases, nil
}

func (a *Agents) listed(ctx context.Context, c Case) (FoundCase, error) {
	f := FoundCase{Case: c}
	found, err := a.service.Store.Found(ctx, c.ID)
	if err != nil {
		return f, err
	}
	f.Situations = SituationsOf(found)
	acts, err := a.service.Store.Audit(ctx, c.Reference)
	_, f.Resolved = resolvedIn(acts)
	return f, err
}

// resolvedIn is who marked the case as resolved, and when.
func resolvedIn(acts []AuditEntry) (AuditEntry, bool) {
	for _, e := range acts {
		if e.Act == ActResolved {
			return e, true
		}
	}
	return AuditEntry{}, false
}
