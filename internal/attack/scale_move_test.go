package attack

import (
	"database/sql"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"latchkey/internal/sqlstore/sqlstoretest"
)

// command runs the program, or another, to its end.
func (v *vendor) command(name string, args ...string) string {
	v.t.Helper()
	if name == "latchkey" {
		path, err := binary()
		if err != nil {
			v.t.Fatal(err)
		}
		name = path
	}
	out, err := exec.CommandContext(v.t.Context(), name, args...).CombinedOutput()
	if err != nil {
		v.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// again is a serve that takes the place of another: at its address, on another database.
func (v *vendor) again(d *demo, database string, args ...string) *demo {
	v.t.Helper()
	next := v.serve(database, append([]string{"--drain-delay", "1ms"}, args...)...)
	next.args = append(next.args, "--listen", host(d.base), "--public-url", d.base)
	next.base = d.base
	return next
}

// journeys are customers in the middle of theirs: one has a code, one is in.
func (v *vendor) journeys(d *demo) (waiting, in *browser, m sent) {
	v.t.Helper()
	waiting, in = d.browser(), d.browser()
	in.start("healthy@example.com")
	in.submit(in.field("code"), "code", v.newest(d, "healthy@example.com", 0).code())
	waiting.start("customerZ@example.com")
	return waiting, in, v.newest(d, "customerZ@example.com", 0)
}

// goOn has them go on.
func goOn(t *testing.T, waiting, in *browser, m sent) {
	t.Helper()
	waiting.get("/check-email")
	if waiting.submit(waiting.field("code"), "code", m.code()); len(waiting.page.hooks["situation"]) == 0 {
		t.Errorf("the code leads to %s (%d)", waiting.page.url, waiting.page.status)
	}
	if in.get("/situation"); len(in.page.hooks["situation"]) == 0 {
		t.Errorf("who was in is at %s (%d)", in.page.url, in.page.status)
	}
}

// A backup is made while customers go on, the machine burns, the backup takes the database's place elsewhere.
func TestBackupAndRestoreOfSQLite(t *testing.T) {
	v := newVendor(t)
	file := filepath.Join(t.TempDir(), "latchkey.db")
	d := v.serve(file, "--drain-delay", "1ms")
	d.start()
	waiting, in, m := v.journeys(d)
	d.settled()
	backup := filepath.Join(t.TempDir(), "backup.db")
	if said := v.command("latchkey", "backup", backup, "--database", file); !strings.Contains(said, backup) {
		t.Errorf("backup says %q", said)
	}
	late := d.browser()
	late.start("late@example.com")
	d.kill(syscall.SIGKILL)
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	restored := v.again(d, backup)
	restored.start()
	goOn(t, waiting, in, m)
	if late.get("/check-email"); late.page.url.Path != "/" {
		t.Errorf("who began after the backup is at %s", late.page.url)
	}
	if n := len(v.mail.to("customerZ@example.com")); n != 1 {
		t.Errorf("after the restore there are %d mails, want 1", n)
	}
}

func TestBackupAndRestoreOfPostgres(t *testing.T) {
	for _, tool := range []string{"pg_dump", "pg_restore"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT RUN: no %s (Debian: postgresql-client)", tool)
		}
	}
	server := sqlstoretest.StartServer(t, "fsync=off")
	v := newVendor(t)
	here, there := newDatabase(t, server, "here"), newDatabase(t, server, "there")
	d := v.serve(here, "--drain-delay", "1ms")
	d.start()
	waiting, in, m := v.journeys(d)
	d.settled()
	dump := filepath.Join(t.TempDir(), "latchkey.dump")
	v.command("pg_dump", "--format=custom", "--file", dump, here)
	d.kill(syscall.SIGKILL)
	v.command("pg_restore", "--no-owner", "--exit-on-error", "--dbname", there, dump)
	restored := v.again(d, there)
	restored.start()
	goOn(t, waiting, in, m)
}

// newDatabase makes an empty one and returns its URL.
func newDatabase(t *testing.T, server *sqlstoretest.Server, name string) string {
	t.Helper()
	db, err := sql.Open("pgx", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// From SQLite to PostgreSQL as the README has it: the old one goes to another port, the new one takes its
// place and names it. What was begun there goes on, what begins now is on PostgreSQL, and who asked for no more
// mail gets none.
func TestMovingFromSQLiteToPostgres(t *testing.T) {
	server := sqlstoretest.StartServer(t, "fsync=off")
	v := newVendor(t)
	file := filepath.Join(t.TempDir(), "latchkey.db")
	old := v.serve(file, "--drain-delay", "1ms")
	old.start()
	public := old.base
	waiting, in, m := v.journeys(old)
	linked := old.browser()
	linked.start("customerY@example.com")
	link := v.newest(old, "customerY@example.com", 0).links()[0]
	stop(t, v, old, "leave-me-alone@example.com")

	old.kill(syscall.SIGTERM)
	elsewhere := freeOrigin(t)
	old.args = append(old.args, "--listen", host(elsewhere), "--public-url", public)
	old.start()
	if said := v.command("latchkey", "migrate", "--database", server.URL, "--stops-from", file); !strings.Contains(said, "1 stops") {
		t.Errorf("migrate says %q", said)
	}
	fresh := v.again(old, server.URL, "--previous-url", elsewhere)
	fresh.base = public
	fresh.start()

	goOn(t, waiting, in, m)
	b := fresh.browser()
	b.get(link)
	if b.submit(b.field("email"), "email", "customerY@example.com"); len(b.page.hooks["situation"]) == 0 {
		t.Errorf("a link of the old one leads to %s (%d)", b.page.url, b.page.status)
	}
	b.start("new@example.com")
	b.submit(b.field("code"), "code", v.newest(fresh, "new@example.com", 0).code())
	old.kill(syscall.SIGTERM)
	if b.get("/situation"); len(b.page.hooks["situation"]) == 0 {
		t.Errorf("who began with the new one is, without the old, at %s (%d)", b.page.url, b.page.status)
	}
	stopped := fresh.browser()
	stopped.start("leave-me-alone@example.com")
	fresh.settled()
	if got := stopped.delivery(); got != "failed" || len(v.mail.to("leave-me-alone@example.com")) != 1 {
		t.Errorf("who asked the old one for no more mail: %s, %d mails", got, len(v.mail.to("leave-me-alone@example.com")))
	}
}

// stop has a customer ask for no more mail.
func stop(t *testing.T, v *vendor, d *demo, address string) {
	t.Helper()
	d.browser().start(address)
	links := v.newest(d, address, 0).links()
	for _, link := range links {
		b := d.browser()
		if !strings.Contains(link, "/l/") {
			continue
		}
		if b.get(link); b.page.url.Path == "/stop" {
			if b.submit(b.field("email"), "email", address); b.page.status != 200 {
				t.Fatalf("to stop is answered %d", b.page.status)
			}
			return
		}
	}
	t.Fatalf("no link to stop among %q", links)
}
