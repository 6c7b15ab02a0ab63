package desk

import (
	"context"
	"time"

	"latchkey/internal/account"
	"latchkey/internal/recovery"
)

// HandOffs are the tickets that Latchkey knows of itself, where the desk cannot be asked: its own hand-offs.
type HandOffs struct {
	Store recovery.Reader
	Hash  func(address string) string // the keyed hash of a canonical address
}

var _ recovery.Tickets = HandOffs{}

// FirstTicket implements recovery.Tickets.
func (h HandOffs) FirstTicket(ctx context.Context, a account.Address, from, until time.Time) (time.Time, error) {
	return h.Store.FirstHandOff(ctx, h.Hash(a.Canonical()), from, until)
}
