package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"latchkey/internal/attack/nginxtest"
	"latchkey/internal/config"
)

// The files that a vendor deploys with, seen from this folder.
const (
	composeFile = "../../compose.yaml"
	dockerFile  = "../../Dockerfile"
	unitFile    = "latchkey.service"
)

func TestNginxTakesTheComposeFilesConfiguration(t *testing.T) { nginxtest.Check(t, composeFile) }

// composition is what these tests look at of a compose file.
type composition struct {
	Services map[string]struct {
		Environment map[string]string
		Secrets     []string
		Networks    map[string]struct {
			Address string `yaml:"ipv4_address"`
			MAC     string `yaml:"mac_address"`
		}
		DependsOn  map[string]any `yaml:"depends_on"`
		StopGrace  string         `yaml:"stop_grace_period"`
		ReadOnly   bool           `yaml:"read_only"`
		ExtraHosts []string       `yaml:"extra_hosts"`
		Build      string
		Ports      []string
		Logging    struct {
			Driver  string
			Options map[string]string
		}
	}
	Networks map[string]struct {
		Ipam struct {
			Config []struct {
				Subnet string
				Range  string `yaml:"ip_range"`
			}
		}
	}
	Secrets map[string]struct{ File string }
}

func readCompose(t *testing.T) composition {
	t.Helper()
	var c composition
	if err := yaml.Unmarshal([]byte(read(t, composeFile)), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// known are the variables of every flag.
func known(t *testing.T) map[string]bool {
	t.Helper()
	var reference strings.Builder
	if err := config.Reference(&reference); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, flag := range regexp.MustCompile("(?m)^\\| `--([a-z0-9-]+)`").FindAllStringSubmatch(reference.String(), -1) {
		all["LATCHKEY_"+strings.ToUpper(strings.ReplaceAll(flag[1], "-", "_"))] = true
	}
	return all
}

// examples are what the settings in .env might be.
var examples = map[string]string{
	"PUBLIC_HOST": "help.example.com", "PORTAL_URL": "https://portal.example.com/api", "PORTAL_ORIGINS": "https://portal.example.com",
	"SUPPORT_EMAIL": "support@example.com", "MAIL_FROM": "Help <help@example.com>", "MAILGUN_DOMAIN": "mg.example.com",
}

var setting = regexp.MustCompile(`\$\{([A-Z_]+)(:\?[^}]*)?\}`)

// What the compose file tells each replica, the program understands, and each secret is a file that it is given.
func TestComposeTellsTheProgramWhatItKnows(t *testing.T) {
	c, flags := readCompose(t), known(t)
	replicas := 0
	for name, service := range c.Services {
		for _, secret := range service.Secrets {
			if !strings.HasPrefix(c.Secrets[secret].File, "./secrets/") {
				t.Errorf("%s: the secret %s is no file", name, secret)
			}
		}
		for other := range service.DependsOn {
			if _, ok := c.Services[other]; !ok {
				t.Errorf("%s depends on %s, which is not there", name, other)
			}
		}
		for network := range service.Networks {
			if _, ok := c.Networks[network]; !ok {
				t.Errorf("%s is in the network %s, which is not there", name, network)
			}
		}
		if !strings.HasPrefix(name, "latchkey-") {
			continue
		}
		replicas++
		if !service.ReadOnly {
			t.Errorf("%s can write its own image", name)
		}
		o := served(t, service.Environment, service.Secrets, flags)
		if proxy := c.Services["nginx"].Networks["front"].Address + "/32"; !slices.Equal(o.TrustedProxies, []string{proxy}) {
			t.Errorf("%s believes %v, want nginx alone, %s", name, o.TrustedProxies, proxy)
		}
		if grace, err := time.ParseDuration(service.StopGrace); err != nil || grace < *o.DrainDelay+drainTime+10*time.Second {
			t.Errorf("%s has %s to end, which takes up to %s, and ten seconds for a mail under way", name, service.StopGrace, *o.DrainDelay+drainTime)
		}
	}
	if replicas != 2 {
		t.Errorf("%d replicas, want 2", replicas)
	}
}

// nginx finds a replica where it was when nginx began, after an update too: whoever is on its network has an address
// of its own, which nobody is given who has none, and replicas keep that of their card.
func TestReplicasStayWhereNginxFoundThem(t *testing.T) {
	c := readCompose(t)
	front := c.Networks["front"].Ipam.Config[0]
	subnet, given := netip.MustParsePrefix(front.Subnet), netip.MustParsePrefix(front.Range)
	seen, cards := map[netip.Addr]string{}, map[string]string{}
	for name, service := range c.Services {
		network, ok := service.Networks["front"]
		if !ok {
			continue
		}
		address, err := netip.ParseAddr(network.Address)
		if err != nil || !subnet.Contains(address) || given.Contains(address) || seen[address] != "" {
			t.Errorf("%s: %q is no address of its own in %s outside of %s", name, network.Address, subnet, given)
		}
		seen[address] = name
		if !strings.HasPrefix(name, "latchkey-") {
			continue
		}
		if mac, err := net.ParseMAC(network.MAC); err != nil || mac[0]&3 != 2 || cards[network.MAC] != "" {
			t.Errorf("%s: %q is no local address of a card of its own", name, network.MAC)
		}
		cards[network.MAC] = name
	}
	if len(seen) != 3 {
		t.Errorf("on nginx's network are %v, want it and two replicas", seen)
	}
}

// What nginx asks for by a name it knows by itself, also while that replica is away; and it writes down nowhere who
// asked for which link, neither where it only says to come by TLS.
func TestNginxKnowsTheReplicasAndKeepsNoLog(t *testing.T) {
	c, text := readCompose(t), nginxtest.Configuration(t, composeFile)
	for name, service := range c.Services {
		host := name + ":" + service.Networks["front"].Address
		if strings.HasPrefix(name, "latchkey-") && !slices.Contains(c.Services["nginx"].ExtraHosts, host) {
			t.Errorf("nginx is not told of %s", host)
		}
	}
	servers := strings.Count(text, "\nserver {")
	for _, quiet := range []string{"access_log off;", "error_log /dev/stderr crit;"} {
		if n := strings.Count(text, quiet); n != servers || n != 2 {
			t.Errorf("%d of %d servers say %q", n, servers, quiet)
		}
	}
}

// Customers reach nginx alone, and by IPv4, where it sees who they are; the ops listeners this machine alone does.
func TestComposePublishesNginxAndTheOpsListeners(t *testing.T) {
	c, flags := readCompose(t), known(t)
	taken := map[string]string{}
	for name, service := range c.Services {
		for _, published := range service.Ports {
			parts := strings.Split(published, ":")
			if len(parts) != 3 || taken[parts[1]] != "" {
				t.Fatalf("%s: %q is no address of IPv4, port of its own and port inside", name, published)
			}
			taken[parts[1]] = name
			switch host, inside := parts[0], parts[2]; {
			case name == "nginx":
				if host != "0.0.0.0" || inside != parts[1] {
					t.Errorf("nginx is published as %q", published)
				}
			case strings.HasPrefix(name, "latchkey-"):
				o := served(t, service.Environment, service.Secrets, flags)
				if host != "127.0.0.1" || "0.0.0.0:"+inside != o.OpsListen {
					t.Errorf("%s is published as %q, want its ops listener, %s, for this machine alone", name, published, o.OpsListen)
				}
			default:
				t.Errorf("%s is published: %q", name, published)
			}
		}
	}
	if len(taken) != 4 {
		t.Errorf("published are %v, want two ports of nginx and one of each replica", taken)
	}
}

// One image is built, once, for all replicas; and no service's logs fill the disk.
func TestComposeBuildsOnceAndKeepsFewLogs(t *testing.T) {
	builds := 0
	for name, service := range readCompose(t).Services {
		if service.Build != "" {
			builds++
		}
		if o := service.Logging.Options; service.Logging.Driver != "json-file" || o["max-size"] == "" || o["max-file"] == "" {
			t.Errorf("%s: nothing bounds its logs: %v", name, service.Logging)
		}
	}
	if builds != 1 {
		t.Errorf("%d services build the image", builds)
	}
}

// The update that the comment tells goes on to a replica only where the one before has become healthy, and waits
// until nginx asks that one again.
func TestTheUpdateStopsWhereAReplicaFails(t *testing.T) {
	head, _, _ := strings.Cut(read(t, composeFile), "\nname:")
	step := regexp.MustCompile(`(?m)^#   (docker compose (?:build|up -d --no-deps --wait --wait-timeout \d+ latchkey-\d).*)$`)
	steps := step.FindAllStringSubmatch(head, -1)
	if len(steps) != 3 {
		t.Fatalf("%d steps, want build and two replicas: %q", len(steps), steps)
	}
	for i, want := range []string{"build &&", "latchkey-1 && sleep 10 &&", "latchkey-2"} {
		if !strings.HasSuffix(steps[i][1], want) {
			t.Errorf("step %d is %q, want it to end with %q", i+1, steps[i][1], want)
		}
	}
}

// served are the options that a replica gets from its environment.
func served(t *testing.T, environment map[string]string, secrets []string, flags map[string]bool) config.Options {
	t.Helper()
	dir := t.TempDir()
	values := map[string]string{}
	for variable, value := range environment {
		if !flags[variable] {
			t.Errorf("no flag has the variable %s", variable)
		}
		value = setting.ReplaceAllStringFunc(value, func(text string) string {
			example, ok := examples[setting.FindStringSubmatch(text)[1]]
			if !ok {
				t.Errorf("%s: %s is no setting of the file's comment", variable, text)
			}
			return example
		})
		if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok {
			if !slices.Contains(secrets, secret) {
				t.Errorf("%s names %s, which the service is not given", variable, value)
			}
			value = filepath.Join(dir, secret)
			if err := os.WriteFile(value, []byte("postgres://"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		values[variable] = value
	}
	c, err := config.Load([]string{"serve"}, func(name string) string { return values[name] })
	if err != nil {
		t.Error(err)
	}
	return c.Options
}

func TestTheComposeFileSaysWhichSettingsThereAre(t *testing.T) {
	text := read(t, composeFile)
	head, _, _ := strings.Cut(text, "\nname:")
	for _, found := range setting.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(head, found[1]) {
			t.Errorf("its comment does not say %s", found[1])
		}
	}
	for name, secret := range readCompose(t).Secrets {
		if !strings.Contains(head, name) || !strings.HasSuffix(secret.File, name) {
			t.Errorf("its comment does not say %s, or its file has another name: %s", name, secret.File)
		}
	}
}

// nginx asks where the image listens, and leaves a replica alone for as long as it takes to end.
func TestNginxAndTheReplicasAgree(t *testing.T) {
	text := nginxtest.Configuration(t, composeFile)
	port := value(t, read(t, dockerFile), `LATCHKEY_LISTEN=0\.0\.0\.0:(\d+)`)
	servers := regexp.MustCompile(`server (latchkey-\d+):(\d+) max_fails=1 fail_timeout=(\w+);`).FindAllStringSubmatch(text, -1)
	c := readCompose(t)
	if len(servers) != 2 {
		t.Errorf("nginx knows %d replicas, want 2", len(servers))
	}
	for _, s := range servers {
		delay, err := time.ParseDuration(c.Services[s[1]].Environment["LATCHKEY_DRAIN_DELAY"])
		if err != nil {
			t.Errorf("%s: %v", s[1], err)
		}
		if alone, err := time.ParseDuration(s[3]); err != nil || s[2] != port || alone <= delay || alone > 2*delay {
			t.Errorf("%q: want the image's port %s, and fail_timeout a little more than %s", s[0], port, delay)
		}
	}
	for _, want := range []string{
		"proxy_set_header X-Forwarded-For $remote_addr;", "proxy_set_header " + elsewhereHeader + " yes;",
		"proxy_next_upstream error timeout http_502;", "access_log off;", "error_log /dev/stderr crit;", "ssl_protocols TLSv1.2 TLSv1.3;",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nginx is not told: %s", want)
		}
	}
	if strings.Contains(text, "non_idempotent") || strings.Contains(text, "proxy_add_x_forwarded_for") {
		t.Error("nginx repeats POSTs, or believes what customers say of where they come from")
	}
}

// value is what the only group of a pattern finds.
func value(t *testing.T, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s", pattern)
	}
	return found[1]
}

func TestTheImage(t *testing.T) {
	text, flags := read(t, dockerFile), known(t)
	for _, found := range regexp.MustCompile(`(LATCHKEY_[A-Z_]+)=`).FindAllStringSubmatch(text, -1) {
		if !flags[found[1]] {
			t.Errorf("no flag has the variable %s", found[1])
		}
	}
	if got, want := value(t, text, `(?m)^FROM golang:(\S+) AS build`), value(t, read(t, "../../go.mod"), `(?m)^go (\d+\.\d+)`); got != want {
		t.Errorf("built with Go %s, want %s", got, want)
	}
	if user := value(t, text, `(?m)^USER (\d+):\d+`); user == "0" {
		t.Error("it runs as root")
	}
	if port := value(t, text, `(?m)^EXPOSE (\d+)`); port != value(t, text, `LATCHKEY_LISTEN=\S+:(\d+)`) {
		t.Errorf("it exposes %s and listens elsewhere", port)
	}
	if !strings.Contains(read(t, "../../.ci/build"), "CGO_ENABLED=0") {
		t.Error("what the image is built with does not make it static")
	}
	for _, want := range []string{"bash .ci/build /out/latchkey", "FROM scratch", "STOPSIGNAL SIGTERM", `ENTRYPOINT ["/latchkey"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %s", want)
		}
	}
	for command, pattern := range map[config.Command]string{
		config.Health: `HEALTHCHECK .*CMD \["/latchkey", "(\w+)"\]`, config.Serve: `(?m)^CMD \["(\w+)"\]`,
	} {
		if got := value(t, text, pattern); got != string(command) {
			t.Errorf("it runs %q, want %s", got, command)
		}
	}
}

func TestTheSystemdUnit(t *testing.T) {
	text, flags := read(t, unitFile), known(t)
	for _, found := range regexp.MustCompile(`(LATCHKEY_[A-Z_]+)=[^…]`).FindAllStringSubmatch(text, -1) {
		if !flags[found[1]] {
			t.Errorf("no flag has the variable %s", found[1])
		}
	}
	credentials := regexp.MustCompile("(?m)_FILE=/run/credentials/"+regexp.QuoteMeta(unitFile)+`/([\w-]+)$`).FindAllStringSubmatch(text, -1)
	if loaded := strings.Count(text, "\nLoadCredential="); len(credentials) != loaded || loaded == 0 {
		t.Errorf("%d of %d credentials are named by where systemd puts them", len(credentials), loaded)
	}
	for _, found := range credentials {
		if !strings.Contains(text, "\nLoadCredential="+found[1]+":") {
			t.Errorf("the credential %s is not loaded", found[1])
		}
	}
	if value(t, text, `(?m)^ExecStart=/usr/local/bin/latchkey (\w+)$`) != string(config.Serve) {
		t.Error("it does not serve")
	}
	var seconds int
	if _, err := fmt.Sscan(value(t, text, `(?m)^TimeoutStopSec=(\d+)$`), &seconds); err != nil {
		t.Fatal(err)
	}
	if grace := time.Duration(seconds) * time.Second; grace < 5*time.Second+drainTime+10*time.Second {
		t.Errorf("it has %s to end", grace)
	}
}

// systemd itself reads the unit, with a program that is there.
func TestSystemdTakesTheUnit(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT RUN: no systemd-analyze (Debian: systemd)")
	}
	file := filepath.Join(t.TempDir(), unitFile)
	text := strings.ReplaceAll(read(t, unitFile), "/usr/local/bin/latchkey", os.Args[0])
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), tool, "verify", file).CombinedOutput()
	if err != nil || strings.Contains(string(said), unitFile) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
}
