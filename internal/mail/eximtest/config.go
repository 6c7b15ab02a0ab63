package eximtest

// config is a server that takes mail over STARTTLS from who signs in, knows no mailbox named nobody, puts
// off one named later, and writes the rest to a file. Its values are folder, port, user and group of the
// server, owner of the file, and who may send with which password.
const config = `
primary_hostname = mx.vendor.example
spool_directory = %[1]s/spool
log_file_path = %[1]s/log/%%slog
pid_file_path = %[1]s/pid
tls_advertise_hosts = *
tls_certificate = %[1]s/cert.pem
tls_privatekey = %[1]s/key.pem
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[2]d
acl_smtp_mail = signed_in
acl_smtp_rcpt = known
hosts_require_helo =
rfc1413_hosts =
host_lookup =
exim_user = %[3]d
exim_group = %[4]d
never_users =

begin acl
signed_in:
  deny !encrypted = *
       message = 5.7.1 not in private
  deny !authenticated = *
       message = 5.7.0 sign in first
  accept
known:
  deny local_parts = nobody
       message = 5.1.1 no mailbox $local_part@$domain
  defer local_parts = later
       message = 4.2.1 greylisted $local_part@$domain
  accept

begin routers
all:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  file = %[1]s/box/mail
  user = %[5]d
  group = %[5]d
  mode_fail_narrower = false
  delivery_date_add
  envelope_to_add

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${if def:tls_in_cipher}
  server_condition = ${if and {{eq{$auth2}{%[6]s}}{eq{$auth3}{%[7]s}}}}
  server_set_id = $auth2
`
