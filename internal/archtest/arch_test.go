package archtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the module's, seen from this folder, where `go test` runs the tests.
const root = "../.."

func TestArrowsHold(t *testing.T) {
	g := tree(t)
	for _, f := range faults(g) {
		t.Error(f)
	}
	for name := range arrows {
		if strings.HasSuffix(name, "test") || strings.HasSuffix(name, "attack") {
			continue
		}
		for _, to := range arrows[name] {
			if _, ok := arrows[to]; to != anything && !ok {
				t.Errorf("the rule of %s names %s, which has no rule", name, to)
			}
		}
	}
}

func TestTestsOnlyPackagesHaveNoCode(t *testing.T) {
	g := tree(t)
	for _, name := range []string{"internal/archtest", "internal/attack"} {
		if p := g[name]; p != nil && p.files > 0 {
			t.Errorf("%s has %d files that are not tests", name, p.files)
		}
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	for _, f := range undocumented(tree(t)) {
		t.Error(f)
	}
}

func TestNoOtherFolders(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := os.ReadFile(filepath.Join(root, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		known := slices.Contains(folders, e.Name()) || strings.Contains(string(ignored), "/"+e.Name()+"/\n")
		if e.IsDir() && !known {
			t.Errorf("top-level folder %s is none of %v", e.Name(), folders)
		}
	}
}

func tree(t *testing.T) graph {
	t.Helper()
	g, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	if g["internal/archtest"] == nil || g["internal/recovery"] == nil {
		t.Fatalf("%s is not the module's root", root)
	}
	return g
}
