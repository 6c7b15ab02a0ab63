package sqlstore_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	takesAway = regexp.MustCompile(`(?i)\b(DROP|RENAME|ALTER\s+COLUMN|SET\s+NOT\s+NULL|TRUNCATE|DELETE)\b`)
	replaced  = regexp.MustCompile(`(?i)\bDROP\s+INDEX\s+(\w+)\s*;`)
	addition  = regexp.MustCompile(`(?i)\bADD\s+(COLUMN\s+)?\w+[^;]*`)
)

// faultOf is why this version could not go on beside the next one, once that has run a migration; "" if it can.
func faultOf(migration string) string {
	up, _, _ := strings.Cut(migration, "-- +goose Down")
	up = regexp.MustCompile(`--.*`).ReplaceAllString(up, "")
	up = replaced.ReplaceAllStringFunc(up, func(drop string) string {
		if strings.Contains(up, "CREATE INDEX "+replaced.FindStringSubmatch(drop)[1]+" ") {
			return "" // the same name with other columns
		}
		return drop
	})
	if found := takesAway.FindString(up); found != "" {
		return found + " takes away what this version uses"
	}
	for _, added := range addition.FindAllString(up, -1) {
		upper := strings.ToUpper(added)
		if strings.Contains(upper, "NOT NULL") && !strings.Contains(upper, "DEFAULT") {
			return added + ": this version does not fill it in"
		}
	}
	return ""
}

// Versions N and N+1 run side by side while a vendor updates: a migration adds, and nothing else.
func TestMigrationsOnlyAdd(t *testing.T) {
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d migrations, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if fault := faultOf(string(text)); fault != "" {
			t.Errorf("%s: %s", file, fault)
		}
	}
}

func TestTheCheckOfMigrationsCanFail(t *testing.T) {
	for migration, fine := range map[string]bool{
		"CREATE TABLE a (b TEXT NOT NULL);\n-- +goose Down\nDROP TABLE a;": true,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT '';":             true,
		"ALTER TABLE a ADD COLUMN b TEXT;":                                 true,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL;":                        false,
		"ALTER TABLE a DROP COLUMN b;":                                     false,
		"ALTER TABLE a RENAME COLUMN b TO c;":                              false,
		"DROP INDEX a_b;":                                                  false,
		"DROP INDEX a_b;\nCREATE INDEX a_b ON a (b, c);":                   true,
	} {
		if got := faultOf(migration); (got == "") != fine {
			t.Errorf("%q: %q, want it fine: %v", migration, got, fine)
		}
	}
}
