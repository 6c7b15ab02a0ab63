package attack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/porttest"
)

// binary is built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "latchkey-attack-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "latchkey")
	build := exec.Command("go", "build", "-o", path, "latchkey/cmd/latchkey")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// demo is a running `latchkey demo`.
type demo struct {
	t         testing.TB
	args      []string
	env       []string // besides the test's own
	base, ops string
	data      string
	portal    string // the demo customer portal's origin
	process   *exec.Cmd
	ended     <-chan error // how the process ended
	log       *os.File     // standard error: what is logged
	logTo     *os.File     // takes it in place of that file; nil: none does
}

// startDemo starts one and waits until it is ready. It ends with the test.
func startDemo(t testing.TB, args ...string) *demo {
	t.Helper()
	d := newDemo(t)
	d.startWith(args...)
	return d
}

// newDemo is one that does not run yet and whose addresses are known.
func newDemo(t testing.TB) *demo {
	t.Helper()
	return &demo{t: t, data: t.TempDir(), base: freeOrigin(t), ops: freeOrigin(t), portal: freeOrigin(t)}
}

func (d *demo) startWith(args ...string) {
	d.t.Helper()
	d.args = append([]string{
		"demo", "--listen", host(d.base), "--ops-listen", host(d.ops),
		"--portal-listen", host(d.portal), "--data", d.data, "--sample-cases=false",
	}, args...)
	d.start()
	d.t.Cleanup(func() { d.kill(syscall.SIGTERM) })
}

func (d *demo) start() {
	d.t.Helper()
	path, err := binary()
	if err != nil {
		d.t.Fatal(err)
	}
	d.log, err = os.OpenFile(filepath.Join(d.data, "output.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	d.process = exec.Command(path, d.args...)
	d.process.Env = append(os.Environ(), d.env...)
	d.process.Stderr = cmp.Or(d.logTo, d.log) // standard output is the banner, which lists the demo customers
	if err := d.process.Start(); err != nil {
		d.t.Fatal(err)
	}
	ended := make(chan error, 1)
	d.ended = ended
	go func(p *exec.Cmd) { ended <- p.Wait() }(d.process)
	d.until("ready", func() bool {
		select {
		case err := <-ended:
			ended <- err
			d.t.Fatalf("it ended: %v\n%s", err, d.output())
		default:
		}
		answer, err := http.Get(d.ops + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// kill ends the process and waits for it; SIGKILL leaves it no time for anything.
func (d *demo) kill(signal syscall.Signal) {
	if d.process == nil {
		return
	}
	_ = d.process.Process.Signal(signal)
	<-d.ended
	_ = d.log.Close()
	d.process = nil
}

// until waits for something that will happen, and gives up after two minutes.
func (d *demo) until(what string, happened func() bool) {
	d.t.Helper()
	for range 12000 {
		if happened() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.t.Fatalf("waited in vain until %s\n%s", what, d.output())
}

// output is all that the demo logged.
func (d *demo) output() string {
	b, _ := os.ReadFile(filepath.Join(d.data, "output.log"))
	return string(b)
}

// sent is a mail as /inbox.json shows it.
type sent struct {
	ID, To, From, Subject, Text, HTML string
	Headers                           map[string]string
}

// inbox is what was mailed to an address, newest first; all mail for "".
func (d *demo) inbox(to string) []sent {
	d.t.Helper()
	answer, err := http.Get(d.ops + "/inbox.json?to=" + url.QueryEscape(to))
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var mails []sent
	if err := json.NewDecoder(answer.Body).Decode(&mails); err != nil {
		d.t.Fatal(err)
	}
	return mails
}

// mail waits for the newest mail to an address once there are more than after.
func (d *demo) mail(to string, after int) sent {
	d.t.Helper()
	var found []sent
	d.until("mail to "+to, func() bool {
		found = d.inbox(to)
		return len(found) > after
	})
	return found[0]
}

// settled waits until the outbox has nothing left to send.
func (d *demo) settled() {
	d.t.Helper()
	noMail := regexp.MustCompile(`(?m)^latchkey_outbox_depth 0$`)
	noHandOff := regexp.MustCompile(`(?m)^latchkey_handoffs_waiting 0$`)
	d.until("the outbox is empty", func() bool {
		metrics := d.metrics()
		return noMail.MatchString(metrics) && noHandOff.MatchString(metrics)
	})
}

func (d *demo) metrics() string {
	d.t.Helper()
	answer, err := http.Get(d.ops + "/metrics")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

var (
	codeForm = regexp.MustCompile(`(?:^|[^\w-])(\d{4}[ \x{a0}-]?\d{4})(?:[^\w-]|$)`)
	urlForm  = regexp.MustCompile(`https?://[^\s<>"')\]]+`)
)

func (m sent) code() string {
	if found := codeForm.FindStringSubmatch(m.Text); found != nil {
		return found[1]
	}
	return ""
}

func (m sent) links() []string { return urlForm.FindAllString(m.Text, -1) }

// freeOrigin is one at which nobody listens.
func freeOrigin(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("http://127.0.0.1:%d", porttest.Free(t))
}

func host(origin string) string { return strings.TrimPrefix(origin, "http://") }

// errGone is a request whose answer never came, as when the server was killed.
var errGone = errors.New("no answer")
