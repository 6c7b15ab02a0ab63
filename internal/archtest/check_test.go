package archtest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// faults lists every import that an arrow does not allow, in words.
func faults(g graph) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(g)) {
		rule, ok := longest(name, slices.Collect(maps.Keys(arrows)))
		if !ok {
			found = append(found, name+" is not a package of the house; give it a place in arrows")
			continue
		}
		for _, imported := range g[name].imports {
			if why := fault(name, rule, imported, g[imported] != nil); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", name, imported, why))
			}
		}
	}
	return found
}

func fault(name, rule, imported string, ours bool) string {
	if slices.Contains(pure[rule], imported) {
		return rule + " does no I/O"
	}
	if ours {
		return oursFault(name, rule, imported)
	}
	library, owned := longest(imported, slices.Collect(maps.Keys(owners)))
	if !owned {
		return ""
	}
	if _, ok := longest(name, owners[library]); !ok {
		if len(owners[library]) == 0 {
			return "nothing imports that"
		}
		return "only " + strings.Join(owners[library], " and ") + " may"
	}
	return ""
}

func oursFault(name, rule, imported string) string {
	allowed := arrows[rule]
	if slices.Contains(allowed, anything) || below(imported, rule) {
		return ""
	}
	if _, ok := longest(imported, allowed); ok {
		return ""
	}
	if len(allowed) == 0 {
		return rule + " imports nothing of ours"
	}
	return rule + " may import " + strings.Join(allowed, ", ")
}

// longest finds the longest of names that is path or a folder above it.
func longest(path string, names []string) (string, bool) {
	best, ok := "", false
	for _, n := range names {
		if below(path, n) && len(n) >= len(best) {
			best, ok = n, true
		}
	}
	return best, ok
}

func below(path, name string) bool {
	return path == name || strings.HasPrefix(path, strings.TrimSuffix(name, "/")+"/")
}

// undocumented lists the packages without a doc.go that says what they own.
func undocumented(g graph) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(g)) {
		want := "Package " + name[strings.LastIndexByte(name, '/')+1:] + " "
		if strings.HasPrefix(name, "cmd/") {
			want = strings.Replace(want, "Package", "Command", 1)
		}
		if !strings.HasPrefix(g[name].doc, want) {
			found = append(found, fmt.Sprintf("%s: no doc.go whose comment begins %q", name, want))
		}
	}
	return found
}
