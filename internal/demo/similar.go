package demo

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"latchkey/internal/account"
	"latchkey/internal/customerportal"
)

// similar finds accounts whose address is nearly this one: the rule of similar_to.
func similar(ctx context.Context, q querier, address account.Address) ([]account.Account, error) {
	if address.FreeMail() {
		return nil, nil
	}
	rows, err := neighbours(ctx, q, address)
	near, err := collect(rows, err, func(r *sql.Rows) (neighbour, error) {
		var n neighbour
		var stored string
		err := r.Scan(&n.id, &stored, &n.canonical)
		n.measure(address, stored)
		return n, err
	})
	if err != nil {
		return nil, err
	}
	if len(near) > max(customerportal.SmallDomain, customerportal.SmallFamily) {
		return nil, nil
	}
	near = slices.DeleteFunc(near, func(n neighbour) bool {
		return n.canonical == address.Canonical() || !n.sameSkeleton && !n.close
	})
	slices.SortFunc(near, neighbour.compare)
	found := make([]account.Account, 0, customerportal.MaxSimilar)
	for _, n := range near[:min(len(near), customerportal.MaxSimilar)] {
		a, err := accountByID(ctx, q, n.id)
		if err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, nil
}

// neighbours are the accounts worth measuring: all of a small domain, those of one skeleton in a large
// one, and one too many where these are more than count. Either is a short walk along one index.
func neighbours(ctx context.Context, q querier, address account.Address) (*sql.Rows, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM accounts WHERE domain = $1 LIMIT $2)`,
		address.Domain(), customerportal.SmallDomain+1).Scan(&n)
	if err != nil {
		return nil, err
	}
	if n <= customerportal.SmallDomain {
		return q.QueryContext(ctx, neighbourColumns, address.Domain())
	}
	return sameSkeleton(ctx, q, address.Domain(), customerportal.Skeleton(address))
}

const neighbourColumns = `SELECT id, email, canonical FROM accounts WHERE domain = $1`

func sameSkeleton(ctx context.Context, q querier, domain, skeleton string) (*sql.Rows, error) {
	return q.QueryContext(ctx, neighbourColumns+` AND skeleton = $2 LIMIT $3`, domain, skeleton, customerportal.SmallFamily+1)
}

// neighbour is an account of the same domain, measured against the address asked for.
type neighbour struct {
	id, canonical string
	sameSkeleton  bool
	distance      int
	close         bool
}

func (n *neighbour) measure(asked account.Address, stored string) {
	own, err := account.ParseAddress(stored)
	if err != nil {
		return
	}
	n.sameSkeleton = customerportal.Skeleton(own) == customerportal.Skeleton(asked)
	n.distance = customerportal.Distance(own, asked)
	n.close = customerportal.Close(own, asked)
}

func (n neighbour) compare(m neighbour) int {
	if n.sameSkeleton != m.sameSkeleton {
		if n.sameSkeleton {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(n.distance, m.distance), cmp.Compare(n.id, m.id))
}
