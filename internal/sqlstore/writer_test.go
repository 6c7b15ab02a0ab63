package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"latchkey/internal/recovery"
)

// fileStore is a Store and its engine.
type fileStore struct {
	*Store
	file *sqliteFile
}

func openHere(t *testing.T) fileStore {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "latchkey.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return fileStore{s, s.engine.(*sqliteFile)}
}

// company runs fns so that they share a group: the first is held until all others wait for their turn.
// It returns what each Update returned.
func company(t *testing.T, s fileStore, fns ...func(*txConn) error) []error {
	t.Helper()
	errs := make([]error, len(fns))
	var all sync.WaitGroup
	for i, fn := range fns {
		begun := make(chan struct{})
		all.Go(func() {
			errs[i] = s.file.writer.update(context.Background(), func(c *txConn) error {
				if i == 0 {
					close(begun)
					waitFor(func() bool { return len(s.file.writer.queue) == len(fns)-1 })
				}
				return fn(c)
			})
		})
		if i == 0 {
			<-begun
		}
	}
	all.Wait()
	return errs
}

func waitFor(cond func() bool) {
	for !cond() {
		runtime.Gosched()
	}
}

func count(key string) func(*txConn) error {
	return func(c *txConn) error {
		_, err := c.ExecContext(context.Background(),
			"INSERT INTO counters (name, bucket, n, expires_at) VALUES ($1, 1, 1, 1)", key)
		return err
	}
}

func raw(queries ...string) func(*txConn) error {
	return func(c *txConn) error {
		for _, query := range queries {
			if _, err := c.ExecContext(context.Background(), query); err != nil {
				return err
			}
		}
		return nil
	}
}

func (s fileStore) has(t *testing.T, key string) bool {
	t.Helper()
	n, err := s.Counted(t.Context(), key, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

func TestCompanySharesACommit(t *testing.T) {
	s := openHere(t)
	groups := make([]*group, 20)
	fns := make([]func(*txConn) error, len(groups))
	for i := range fns {
		fns[i] = func(c *txConn) error {
			groups[i] = s.file.writer.group
			return count(fmt.Sprint(i))(c)
		}
	}
	for i, err := range company(t, s, fns...) {
		if err != nil || !s.has(t, fmt.Sprint(i)) {
			t.Errorf("function %d: error %v, kept %v", i, err, s.has(t, fmt.Sprint(i)))
		}
		if groups[i] != groups[0] {
			t.Errorf("function %d had a commit of its own", i)
		}
	}
}

// A copy or a repair by hand may hold the file for longer than a request has: its page must not wait for that.
func TestWhoHasNoMoreTimeLeavesALockedFile(t *testing.T) {
	s := openHere(t)
	other, err := sql.Open(driverName, writerDSN(s.file.path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	lock, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	since := time.Now()
	err = s.file.update(ctx, count("late"))
	if took := time.Since(since); !errors.Is(err, context.DeadlineExceeded) || took > 2*time.Second {
		t.Errorf("left with %v after %s, want %v at once", err, took, context.DeadlineExceeded)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.file.update(t.Context(), count("next")); err != nil || !s.has(t, "next") || s.has(t, "late") {
		t.Errorf("after that %v; next kept: %v, late kept: %v", err, s.has(t, "next"), s.has(t, "late"))
	}
}

func TestGroupsAreBounded(t *testing.T) {
	s := openHere(t)
	groups := map[*group]int{}
	fns := make([]func(*txConn) error, maxGroup+10)
	for i := range fns {
		fns[i] = func(*txConn) error {
			groups[s.file.writer.group]++ // the turn guards it
			return nil
		}
	}
	for _, err := range company(t, s, fns...) {
		if err != nil {
			t.Error(err)
		}
	}
	if len(groups) != 2 {
		t.Errorf("%d functions in %d groups, want 2", len(fns), len(groups))
	}
}

// The violation of a deferred key shows at the commit alone.
func TestCommitThatFails(t *testing.T) {
	s := openHere(t)
	orphan := raw("PRAGMA defer_foreign_keys = ON",
		"INSERT INTO found (case_id, account_id, situation, at, seq) VALUES ('none', '', '', 0, 0)")
	own := errors.New("own")
	errs := company(t, s, count("a"), orphan, count("b"), func(*txConn) error { return own })
	for i, err := range errs {
		if err == nil || errors.Is(err, own) {
			t.Errorf("function %d: got %v, want the commit's error", i, err)
		}
	}
	if s.has(t, "a") || s.has(t, "b") {
		t.Error("kept what could not be committed")
	}
	if err := s.file.writer.update(t.Context(), count("c")); err != nil || !s.has(t, "c") {
		t.Errorf("afterwards: error %v, kept %v", err, s.has(t, "c"))
	}
}

// On a full disk SQLite may roll back the whole transaction at one statement.
func TestTransactionThatIsLost(t *testing.T) {
	lost := errors.New("lost")
	for name, fn := range map[string]func(*txConn) error{
		"noticed":   func(c *txConn) error { return errors.Join(raw("ROLLBACK")(c), lost) },
		"unnoticed": raw("ROLLBACK"),
	} {
		t.Run(name, func(t *testing.T) {
			s := openHere(t)
			errs := company(t, s, count("a"), fn, count("b"))
			if errs[0] == nil || errs[1] == nil || s.has(t, "a") {
				t.Errorf("got errors %v, kept a: %v", errs, s.has(t, "a"))
			}
			if kept := s.has(t, "b"); kept != (errs[2] == nil) {
				t.Errorf("b: error %v, kept %v", errs[2], kept)
			}
			if err := s.file.writer.update(t.Context(), count("c")); err != nil || !s.has(t, "c") {
				t.Errorf("afterwards: error %v, kept %v", err, s.has(t, "c"))
			}
		})
	}
}

// Whoever gives up waiting runs nothing, returns at once, and leaves no one behind: the first one's
// group stayed open for it.
func TestGivingUpWaiting(t *testing.T) {
	s := openHere(t)
	begun, hold, first := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		first <- s.file.writer.update(context.Background(), func(c *txConn) error {
			close(begun)
			<-hold
			return count("a")(c)
		})
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error)
	go func() { second <- s.file.writer.update(ctx, count("b")) }()
	waitFor(func() bool { return len(s.file.writer.queue) == 1 })
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	close(hold)
	if err := <-first; err != nil || !s.has(t, "a") || s.has(t, "b") {
		t.Errorf("first: error %v; kept a: %v, b: %v", err, s.has(t, "a"), s.has(t, "b"))
	}
}

func TestCloseCommitsWhatHasBegun(t *testing.T) {
	s := openHere(t)
	begun, result := make(chan struct{}), make(chan error)
	go func() {
		result <- s.file.writer.update(context.Background(), func(c *txConn) error {
			close(begun)
			return count("a")(c)
		})
	}()
	<-begun
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err != nil {
		t.Errorf("begun before Close: %v", err)
	}
	if err := s.file.writer.update(t.Context(), count("b")); !errors.Is(err, errClosed) {
		t.Errorf("after Close: got %v, want errClosed", err)
	}
}

func TestTransactionIsOverAtItsEnd(t *testing.T) {
	s := openHere(t)
	var kept recovery.Tx
	if err := s.Update(t.Context(), func(tx recovery.Tx) error {
		kept = tx
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a transaction could be used after its end")
		}
	}()
	_, _ = kept.Case(t.Context(), "1")
}
