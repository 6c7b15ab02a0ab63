package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"latchkey/internal/sqlstore"
	"latchkey/internal/sqlstore/sqlstoretest"
)

// A backup that is made while cases are being written has every case that was kept before it began.
func TestBackupOfADatabaseInUse(t *testing.T) {
	s := sqlstoretest.Open(t, filepath.Join(t.TempDir(), "latchkey.db"))
	ctx, stop := context.WithCancel(t.Context())
	written := make(chan int, 10_000)
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			putCase(t, s, fmt.Sprint(i))
			select {
			case written <- i:
			default:
			}
		}
	})
	for <-written < 20 {
	}
	before := 20
	for len(written) > 0 {
		before = <-written
	}
	file := filepath.Join(t.TempDir(), "odd ?#%41 backup.db")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	stop()
	writer.Wait()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is for more than its owner: %v, %v", info, err)
	}
	restored := sqlstoretest.Open(t, file)
	for i := range before + 1 {
		if _, err := restored.Case(t.Context(), fmt.Sprint(i)); err != nil {
			t.Errorf("case %d of %d: %v", i, before, err)
		}
	}
}

func TestBackupThatCannotBeWritten(t *testing.T) {
	s := sqlstoretest.Open(t, filepath.Join(t.TempDir(), "latchkey.db"))
	there := filepath.Join(t.TempDir(), "there.db")
	if err := os.WriteFile(there, []byte("yesterday's"), 0o600); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(t.TempDir(), "none", "backup.db")
	for file, want := range map[string]string{
		there:   "there is a file " + there + " already, and it is left as it is: name another",
		nowhere: "cannot write the backup " + nowhere + ": no such file or directory",
	} {
		if err := s.Backup(t.Context(), file); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if text, err := os.ReadFile(there); err != nil || string(text) != "yesterday's" {
		t.Errorf("a file that was there is gone: %q, %v", text, err)
	}
}

func TestBackupOfPostgres(t *testing.T) {
	stores, _ := openPostgres(t, 1)
	if err := stores[0].Backup(t.Context(), filepath.Join(t.TempDir(), "backup")); !errors.Is(err, sqlstore.ErrOtherBackup) {
		t.Errorf("error %v, want %v", err, sqlstore.ErrOtherBackup)
	}
}
