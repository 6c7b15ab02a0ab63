package recovery

import "context"

// watched is a Store that tells of the steps which a transaction has written down, once it was kept: what was refused,
// or will be run again, is no step.
type watched struct {
	Store
	tell func(act string)
}

// Update implements Store.
func (w watched) Update(ctx context.Context, fn func(tx Tx) error) error {
	return w.kept(fn, func(fn func(tx Tx) error) error { return w.Store.Update(ctx, fn) })
}

// UpdateTogether implements Store.
func (w watched) UpdateTogether(ctx context.Context, shared Shared, fn func(tx Tx) error) error {
	return w.kept(fn, func(fn func(tx Tx) error) error { return w.Store.UpdateTogether(ctx, shared, fn) })
}

func (w watched) kept(fn func(tx Tx) error, update func(fn func(tx Tx) error) error) error {
	var acts []string
	err := update(func(tx Tx) error {
		acts = acts[:0] // of an earlier run
		return fn(noting{tx, &acts})
	})
	if err != nil {
		return err
	}
	for _, act := range acts {
		w.tell(act)
	}
	return nil
}

// noting remembers the steps that are written down.
type noting struct {
	Tx
	acts *[]string
}

// PutAudit implements Tx.
func (n noting) PutAudit(ctx context.Context, e AuditEntry) error {
	*n.acts = append(*n.acts, e.Act)
	return n.Tx.PutAudit(ctx, e)
}

// note has Observe told of what is no step, once the transaction was kept.
func note(tx Tx, what string) {
	if n, ok := tx.(noting); ok {
		*n.acts = append(*n.acts, what)
	}
}
