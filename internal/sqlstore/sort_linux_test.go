package sqlstore

import (
	"cmp"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sorting is set in the process of its own that TestSortsBesideTheFile needs, since SQLite asks once where to.
const sorting = "LATCHKEY_TEST_SORTING"

// What is too much to sort in memory is sorted beside the database, or where whoever runs it says; and an image
// has no other folder that it could write to.
func TestSortsBesideTheFile(t *testing.T) {
	if os.Getenv(sorting) != "" {
		sortInto(t, os.Getenv(sorting))
		return
	}
	elsewhere := t.TempDir()
	for name, told := range map[string]string{"beside": "", "told": elsewhere} {
		t.Run(name, func(t *testing.T) {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSortsBesideTheFile$", "-test.count=1")
			child.Env = append(os.Environ(), sorting+"="+cmp.Or(told, "beside"), temporaryFolder+"="+told)
			if said, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

// sortInto sorts more than a connection keeps in memory, once as a report does and once as a migration does, and
// looks where the files for it are.
func sortInto(t *testing.T, folder string) {
	s := openHere(t)
	if folder == "beside" {
		folder = filepath.Dir(s.file.path)
	}
	migrating, err := sql.Open(driverName, migrationDSN(s.file.path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = migrating.Close() }()
	for name, db := range map[string]*sql.DB{"report": s.file.readers, "migration": migrating} {
		rows, err := db.QueryContext(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000)
			SELECT printf('%032d', i * 7919 % 500009) AS k FROM n ORDER BY k`)
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		if open := temporaryFiles(t); len(open) == 0 || slices.ContainsFunc(open, func(f string) bool { return filepath.Dir(f) != folder }) {
			t.Errorf("%s: sorts in %q, want files in %s", name, open, folder)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

// temporaryFiles are those that this process has open: they have no name, or none any more.
func temporaryFiles(t *testing.T) (all []string) {
	t.Helper()
	numbers, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range numbers {
		if file, err := os.Readlink(number); err == nil && strings.HasSuffix(file, " (deleted)") {
			all = append(all, file)
		}
	}
	return all
}
