package assets_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// palettes reads the colours of the stylesheet, light and dark.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css, err := os.ReadFile("portal.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(css), "@media screen and (prefers-color-scheme: dark)")
	dark, _, _ = strings.Cut(dark, "@media (prefers-contrast")
	out := map[string]map[string]string{}
	for name, part := range map[string]string{"light": light, "dark": dark} {
		out[name] = map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(part, -1) {
			out[name][m[1]] = m[2]
		}
	}
	return out
}

// contrast is the ratio of WCAG 2.2, "contrast ratio".
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

// Text 7:1, soft ink 4.5:1, lines of controls 3:1.
func TestContrast(t *testing.T) {
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "ground", 7},
		{"ink", "paper", 7},
		{"accent", "ground", 7},
		{"accent", "paper", 7},
		{"accent-ink", "accent", 7},
		{"accent-ink", "accent-hover", 7},
		{"danger", "ground", 7},
		{"danger", "danger-wash", 7},
		{"warn", "ground", 7},
		{"warn", "warn-wash", 7},
		{"ok", "ground", 7},
		{"ok", "ok-wash", 7},
		{"ink", "ok-wash", 7},
		{"ink", "warn-wash", 7},
		{"ink", "danger-wash", 7},
		{"ink-soft", "ground", 4.5},
		{"ink-soft", "paper", 4.5},
		{"ink-soft", "ok-wash", 4.5},
		{"ink-soft", "warn-wash", 4.5},
		{"ink-soft", "danger-wash", 4.5},
		{"line-strong", "ground", 3},
		{"line-strong", "paper", 3},
	}
	for scheme, colours := range palettes(t) {
		for _, p := range pairs {
			if colours[p.ink] == "" || colours[p.ground] == "" {
				t.Fatalf("%s: no --%s or no --%s", scheme, p.ink, p.ground)
			}
			if got := contrast(colours[p.ink], colours[p.ground]); got < p.least {
				t.Errorf("%s: --%s on --%s is %.2f:1, want %.1f:1", scheme, p.ink, p.ground, got, p.least)
			}
		}
	}
}
