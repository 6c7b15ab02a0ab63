package sqlstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/internal/recovery"
	"latchkey/internal/sqlstore"
)

func TestOpenSaysWhatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "damaged.db")
	s, err := sqlstore.Open(t.Context(), damaged)
	if err == nil {
		err = errors.Join(s.Migrate(t.Context()), s.Close(), os.Truncate(damaged, 10_000))
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ path, want string }{
		"a folder":             {dir, "cannot write the database at PATH: is a directory"},
		"a missing folder":     {filepath.Join(dir, "none", "latchkey.db"), "cannot write the database at PATH: no such file"},
		"a file for a folder":  {filepath.Join(file, "latchkey.db"), "cannot write the database at PATH: not a directory"},
		"something else there": {file, "the file PATH is there and is no database: name another"},
		"a damaged one":        {damaged, "the database at PATH is damaged: put a backup of it in its place"},
	} {
		t.Run(name, func(t *testing.T) {
			path := tt.path
			_, err := sqlstore.Open(t.Context(), path)
			if err == nil {
				t.Fatal("no error")
			}
			if want := strings.Replace(tt.want, "PATH", path, 1); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %q, want it to begin with %q", err, want)
			}
			if strings.Count(err.Error(), path) != 1 || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line that says the path once", err)
			}
		})
	}
}

func TestOpenURLs(t *testing.T) {
	dir := t.TempDir()
	for _, url := range []string{
		filepath.Join(dir, "plain.db"),
		"sqlite:" + filepath.Join(dir, "prefixed.db"),
		filepath.Join(dir, "odd ?#%41&é.db"),
	} {
		s, err := sqlstore.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		info, err := os.Stat(strings.TrimPrefix(url, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: mode %o, want 600: it holds addresses", url, got)
		}
	}
	for _, url := range []string{"", "sqlite:", ":memory:", "mysql://user:secret@host/db", "postgres:/user:secret@host/db"} {
		_, err := sqlstore.Open(t.Context(), url)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q): got error %v", url, err)
		}
	}
}

// What is only looked into is neither made nor changed: it may be somebody else's.
func TestOpenCurrentChangesNothing(t *testing.T) {
	dir := t.TempDir()
	missing, foreign := filepath.Join(dir, "missing.db"), filepath.Join(dir, "foreign.db")
	db, err := sql.Open("sqlite", foreign)
	if err == nil {
		_, err = db.ExecContext(t.Context(), "CREATE TABLE a (x)")
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		missing: "there is no database at " + missing + ": no such file",
		// What cannot be looked at may be there.
		filepath.Join(foreign, "latchkey.db"): "cannot look at the database at " + filepath.Join(foreign, "latchkey.db") + ": not a directory",
		foreign:                               "the database at " + foreign + " has not the tables of this version: ",
	} {
		if _, err := sqlstore.OpenCurrent(t.Context(), path); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	after, err := os.ReadFile(foreign)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the other database has changed (%v)", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a file was made")
	}
}

// What is opened to be read, as a report of a copy, is not touched: neither the file nor its folder. What would
// write says so.
func TestOpenToReadChangesNothing(t *testing.T) {
	dir := t.TempDir()
	live, copied := filepath.Join(dir, "live.db"), filepath.Join(dir, "copies", "copy.db")
	s, err := sqlstore.Open(t.Context(), live)
	if err == nil {
		err = errors.Join(s.Migrate(t.Context()), os.Mkdir(filepath.Dir(copied), 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
	putCase(t, s, "1")
	if err := errors.Join(s.Backup(t.Context(), copied), s.Close(), os.Chmod(copied, 0o400)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	for _, open := range []func(context.Context, string, ...sqlstore.Option) (*sqlstore.Store, error){
		sqlstore.OpenExisting, sqlstore.OpenCurrent,
	} {
		s, err := open(t.Context(), copied, sqlstore.ToRead())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Case(t.Context(), "1"); err != nil {
			t.Error(err)
		}
		if err := s.Update(t.Context(), func(recovery.Tx) error { return nil }); err == nil {
			t.Error("could be written")
		}
		if err := errors.Join(s.Backup(t.Context(), filepath.Join(t.TempDir(), "again.db")), s.Close()); err != nil {
			t.Error(err)
		}
	}
	after, err := os.ReadFile(copied)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the copy has changed (%v)", err)
	}
	if files, err := os.ReadDir(filepath.Dir(copied)); err != nil || len(files) != 1 {
		t.Errorf("beside it: %v (%v)", files, err)
	}
}

// A database outlives its process: what was there is there, and migrating again changes nothing.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.db")
	for i := range 2 {
		s, err := sqlstore.Open(t.Context(), path, sqlstore.WithConnections(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			err = s.Update(t.Context(), func(tx recovery.Tx) error {
				return tx.InsertCase(t.Context(), recovery.Case{ID: "1", Reference: "LK-1"})
			})
		} else {
			_, err = s.Case(t.Context(), "1")
		}
		if err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		if _, err := os.Stat(path + "-wal"); err == nil {
			t.Error("the log is left behind: some connection is still open")
		}
	}
}

func TestPingWithoutTables(t *testing.T) {
	s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "latchkey.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping before Migrate: no error")
	}
}

// Two processes write to one file: the command that erases, while the server runs.
func TestTwoStoresOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latchkey.db")
	stores := make([]*sqlstore.Store, 2)
	for i := range stores {
		s, err := sqlstore.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		stores[i] = s
	}
	const each = 50
	done := make(chan error)
	for _, s := range stores {
		go func() {
			var err error
			for range each {
				if e := s.Update(t.Context(), func(tx recovery.Tx) error {
					return tx.Count(t.Context(), "key", day(1), 1, day(2))
				}); e != nil {
					err = e
				}
			}
			done <- err
		}()
	}
	for range stores {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got, err := stores[0].Counted(t.Context(), "key", day(0)); got != 2*each || err != nil {
		t.Errorf("counted %d (%v), want %d", got, err, 2*each)
	}
}
