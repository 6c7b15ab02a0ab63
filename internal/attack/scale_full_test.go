package attack

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"latchkey/internal/sqlstore/sqlstoretest"
)

// smallDisk is a file system of so many bytes, which ends with the test. Only root may make one; for others the
// test is not run, and says so.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "latchkey-disk-") // a path that other users may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755,size="+size); err != nil {
		t.Skipf("NOT RUN: no small disk can be made here (%v); as root it can", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves not a byte free on the disk of dir, until free is called.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 16, 1 << 12, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

// ask makes one start and returns its answer.
func (d *demo) ask(address string) (*http.Response, string) {
	d.t.Helper()
	b := d.browser()
	b.get(d.base + "/")
	at, _ := url.Parse(d.base + "/")
	answer, body, err := b.once(http.MethodPost, at, b.page.forms[0].with("email", address))
	if err != nil {
		d.t.Fatal(err)
	}
	return answer, body
}

// alive fails if the process has ended.
func (d *demo) alive() {
	d.t.Helper()
	select {
	case err := <-d.ended:
		d.t.Fatalf("it ended: %v\n%s", err, d.output())
	default:
	}
}

// The disk of the database runs full under customers who start. Who is refused is told so, by a page that is
// the same for everybody; who was answered has a mail; and with room again all is as before, without anybody
// having to do anything.
func TestAFullDiskLosesNothing(t *testing.T) {
	for _, tt := range []struct {
		name     string
		database func(t *testing.T) (url, disk string)
	}{
		{"SQLite", func(t *testing.T) (string, string) {
			disk := smallDisk(t, "16m")
			return filepath.Join(disk, "latchkey.db"), disk
		}},
		{"PostgreSQL", func(t *testing.T) (string, string) {
			disk := smallDisk(t, "128m")
			t.Setenv("TMPDIR", disk)
			server := sqlstoretest.StartServer(t, "fsync=off", "max_wal_size=48MB", "min_wal_size=32MB")
			t.Setenv("TMPDIR", "")
			return server.URL, disk
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			database, disk := tt.database(t)
			v := newVendor(t)
			d := v.serve(database, "--drain-delay", "1ms")
			d.start()
			accepted := map[string]bool{}
			start := func(address string) (*http.Response, string) {
				answer, body := d.ask(address)
				if answer.StatusCode == http.StatusSeeOther {
					accepted[address] = true
				}
				return answer, body
			}
			for i := range 20 {
				start(fmt.Sprintf("before%d@example.com", i))
			}
			free := fill(t, disk)
			refused := 0
			for i := 0; refused < 20; i++ {
				if answer, body := start(fmt.Sprintf("full%d@example.com", i)); answer.StatusCode != http.StatusSeeOther {
					refused++
					checkRefusal(t, answer, body)
				}
				if i > 5000 {
					t.Fatal("a full disk refuses nobody")
				}
			}
			known, body := d.ask("healthy@example.com")
			unknown, other := d.ask("nobody@example.com")
			if a, b := shape(known, body), shape(unknown, other); a != b {
				t.Errorf("on a full disk known and unknown addresses differ:\n%s\n=====\n%s", a, b)
			}
			if p := d.browser().get(d.base + "/help"); p.status != http.StatusOK {
				t.Errorf("on a full disk /help is answered %d", p.status)
			}
			d.alive()
			if tt.name == "SQLite" { // a server alone knows its disk
				d.checkFull()
			}
			free()
			d.until("it is ready", func() bool { return d.ready() == http.StatusOK })
			d.until("starts are taken again", func() bool {
				answer, _ := start("after@example.com")
				return answer.StatusCode == http.StatusSeeOther
			})
			d.settled()
			d.alive()
			for address := range accepted {
				if len(v.mail.to(address)) == 0 {
					t.Errorf("%s was answered and has no mail", address)
				}
			}
			if len(accepted) < 21 {
				t.Errorf("%d starts were taken: this test sees too little", len(accepted))
			}
			t.Logf("%d starts answered, each with its mail; %d refused", len(accepted), refused)
		})
	}
}

// ready is what /readyz answers.
func (d *demo) ready() int {
	d.t.Helper()
	answer, err := http.Get(d.ops + "/readyz")
	if err != nil {
		d.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// checkFull: /readyz says no and stays with that, though a small row may still find room.
func (d *demo) checkFull() {
	d.t.Helper()
	for i := range 8 {
		if got := d.ready(); got != http.StatusServiceUnavailable {
			d.t.Fatalf("on a full disk /readyz answers %d at look %d", got, i+1)
		}
		d.ask(fmt.Sprintf("still%d@example.com", i))
	}
	if !strings.Contains(d.browser().get(d.ops+"/metrics").body, "latchkey_database_full 1\n") {
		d.t.Error("/metrics does not say that the disk is full")
	}
	if !strings.Contains(d.output(), `msg="not ready for customers" error="sqlstore: ping: `) {
		d.t.Errorf("the log does not say why it is not ready:\n%s", d.output())
	}
}

// checkRefusal: a whole page that says that it is not the customer's doing.
func checkRefusal(t *testing.T, answer *http.Response, body string) {
	t.Helper()
	if answer.StatusCode != http.StatusServiceUnavailable || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
		t.Errorf("refused with %d:\n%s", answer.StatusCode, body)
	}
}

// Where logs cannot be written, they are lost, and nothing else is.
func TestAFullDiskOfLogsStopsNobody(t *testing.T) {
	disk := smallDisk(t, "256k")
	v := newVendor(t)
	d := v.serve(filepath.Join(t.TempDir(), "latchkey.db"), "--drain-delay", "1ms", "--log-level", "debug")
	d.data = disk // where the log goes
	free := fill(t, disk)
	d.start()
	for i := range 30 {
		address := fmt.Sprintf("unlogged%d@example.com", i)
		b := d.browser()
		b.start(address)
		b.submit(b.field("code"), "code", v.newest(d, address, 0).code())
		if b.page.url.Path != "/situation" {
			t.Errorf("%s is at %s", address, b.page.url)
		}
	}
	if said := d.output(); said != "" {
		t.Errorf("the disk was not full: %.200s", said)
	}
	d.alive()
	free()
	d.browser().start("logged@example.com")
	d.until("it logs again", func() bool { return d.output() != "" })
}
