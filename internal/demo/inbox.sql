CREATE TABLE IF NOT EXISTS mails (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT NOT NULL UNIQUE,
  recipient TEXT NOT NULL,
  canonical TEXT NOT NULL,
  sender    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  text      TEXT NOT NULL,
  html      TEXT NOT NULL,
  headers   TEXT NOT NULL,
  tags      TEXT NOT NULL,
  at        BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS mails_by_recipient ON mails (canonical, seq);
