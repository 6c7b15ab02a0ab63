package demo

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"latchkey/internal/account"
)

// The figures of the rule for similar_to in the Customer Portal API.
const (
	smallDomain  = 100 // accounts
	maxDistance  = 2
	mostSimilars = 3
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
	near = slices.DeleteFunc(near, func(n neighbour) bool {
		return n.canonical == address.Canonical() || !n.sameSkeleton && !n.close
	})
	slices.SortFunc(near, neighbour.compare)
	found := make([]account.Account, 0, mostSimilars)
	for _, n := range near[:min(len(near), mostSimilars)] {
		a, err := accountByID(ctx, q, n.id)
		if err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, nil
}

// neighbours are the accounts worth measuring: all of a small domain, those of one skeleton in a large
// one. Either is a walk along one index.
func neighbours(ctx context.Context, q querier, address account.Address) (*sql.Rows, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM accounts WHERE domain = $1 LIMIT $2)`,
		address.Domain(), smallDomain+1).Scan(&n)
	if err != nil {
		return nil, err
	}
	const columns = `SELECT id, email, canonical FROM accounts WHERE domain = $1`
	if n <= smallDomain {
		return q.QueryContext(ctx, columns, address.Domain())
	}
	return q.QueryContext(ctx, columns+` AND skeleton = $2`, address.Domain(), skeleton(address))
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
	n.sameSkeleton = skeleton(own) == skeleton(asked)
	a, b := local(own), local(asked)
	n.distance = levenshtein(a, b)
	n.close = n.distance <= maxDistance && 2*n.distance < min(len(a), len(b))
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

func local(a account.Address) string {
	name, _, _ := strings.Cut(a.Canonical(), "@")
	return name
}

// skeleton is what variants of one person's address have in common: the local part in lower case without
// plus tag, without dots, underscores and hyphens, and without digits at the end. A step that would leave
// nothing is left out.
func skeleton(a account.Address) string {
	name := local(a)
	for _, step := range []func(string) string{
		func(s string) string { bare, _, _ := strings.Cut(s, "+"); return bare },
		strings.NewReplacer(".", "", "_", "", "-", "").Replace,
		func(s string) string { return strings.TrimRight(s, "0123456789") },
	} {
		name = cmp.Or(step(name), name)
	}
	return name
}

// levenshtein counts the insertions, deletions and replacements between two strings of bytes.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
