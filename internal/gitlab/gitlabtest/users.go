package gitlabtest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// User is a user of the service.
type User struct {
	ID       int64
	Username string
	Name     string
	State    string // active if empty
	Locked   bool
	Email    string // the primary one
	// ConfirmedAt is zero while the user never confirmed an email.
	ConfirmedAt time.Time
	// SecondaryEmails are found by the search and shown to nobody.
	SecondaryEmails []string
	PublicEmail     string
	CommitEmail     string
	TwoFactor       bool
	// EnterpriseGroup is set for a user whom a group owns; 0 for others.
	EnterpriseGroup int64
}

// Source is where the service finds its users.
type Source interface {
	User(ctx context.Context, id int64) (User, bool, error)
	// Search finds users as GitLab's search does, in any order.
	Search(ctx context.Context, text string) ([]User, error)
}

// Directory is a Source in memory. The zero value is empty.
type Directory struct {
	mu    sync.Mutex
	users []User
}

// Put adds users, in the place of those with the same id.
func (d *Directory) Put(users ...User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, u := range users {
		d.users = slices.DeleteFunc(d.users, func(old User) bool { return old.ID == u.ID })
		d.users = append(d.users, u)
	}
}

// Remove forgets a user.
func (d *Directory) Remove(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users = slices.DeleteFunc(d.users, func(u User) bool { return u.ID == id })
}

// User implements Source.
func (d *Directory) User(_ context.Context, id int64) (User, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.users, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, false, nil
	}
	return d.users[i], true, nil
}

// Search implements Source: parts of names and usernames, whole emails, all without regard to case.
func (d *Directory) Search(_ context.Context, text string) ([]User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text = strings.ToLower(text)
	var hits []User
	for _, u := range d.users {
		emails := append([]string{u.Email, u.PublicEmail}, u.SecondaryEmails...)
		if strings.Contains(strings.ToLower(u.Name), text) || strings.Contains(strings.ToLower(u.Username), text) ||
			slices.ContainsFunc(emails, func(e string) bool { return strings.EqualFold(e, text) }) {
			hits = append(hits, u)
		}
	}
	return hits, nil
}
