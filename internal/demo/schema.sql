CREATE TABLE IF NOT EXISTS identities (
  subject          TEXT PRIMARY KEY,
  provider         TEXT NOT NULL,
  username         TEXT NOT NULL,
  email            TEXT NOT NULL,
  canonical        TEXT NOT NULL,
  email_verified   BOOLEAN NOT NULL,
  state            TEXT NOT NULL,
  password_enabled BOOLEAN NOT NULL,
  two_factor       BOOLEAN NOT NULL
);
CREATE INDEX IF NOT EXISTS identities_by_email ON identities (canonical);

-- canonical, domain and skeleton follow from email and are what look-ups use.
CREATE TABLE IF NOT EXISTS accounts (
  id                TEXT PRIMARY KEY,
  email             TEXT NOT NULL,
  canonical         TEXT NOT NULL,
  domain            TEXT NOT NULL,
  skeleton          TEXT NOT NULL,
  name              TEXT NOT NULL,
  created_at        BIGINT NOT NULL,
  confirmed_at      BIGINT NOT NULL,
  unconfirmed_email TEXT NOT NULL,
  sign_in_enabled   BOOLEAN NOT NULL,
  origin            TEXT NOT NULL,
  last_sign_in_at   BIGINT NOT NULL,
  subject           TEXT REFERENCES identities (subject)
);
CREATE INDEX IF NOT EXISTS accounts_by_email ON accounts (canonical);
CREATE INDEX IF NOT EXISTS accounts_by_skeleton ON accounts (domain, skeleton);
CREATE INDEX IF NOT EXISTS accounts_by_identity ON accounts (subject);

CREATE TABLE IF NOT EXISTS billing_accounts (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  sold_to    TEXT NOT NULL,
  bill_to    TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS billing_by_sold_to ON billing_accounts (sold_to);
CREATE INDEX IF NOT EXISTS billing_by_bill_to ON billing_accounts (bill_to);

CREATE TABLE IF NOT EXISTS memberships (
  account_id         TEXT NOT NULL REFERENCES accounts (id),
  billing_account_id TEXT NOT NULL REFERENCES billing_accounts (id),
  role               TEXT NOT NULL,
  PRIMARY KEY (account_id, billing_account_id)
);

CREATE TABLE IF NOT EXISTS subscriptions (
  billing_account_id TEXT NOT NULL REFERENCES billing_accounts (id),
  name               TEXT NOT NULL,
  applied            BOOLEAN NOT NULL,
  PRIMARY KEY (billing_account_id, name)
);

CREATE TABLE IF NOT EXISTS invitations (
  billing_account_id TEXT NOT NULL REFERENCES billing_accounts (id),
  canonical          TEXT NOT NULL,
  state              TEXT NOT NULL,
  created_at         BIGINT NOT NULL,
  PRIMARY KEY (billing_account_id, canonical)
);
CREATE INDEX IF NOT EXISTS invitations_by_address ON invitations (canonical);

-- One-time URLs; address is what a confirmation confirms.
CREATE TABLE IF NOT EXISTS links (
  hash       TEXT PRIMARY KEY,
  purpose    TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  address    TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS sessions (
  hash       TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  expires_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS mail_log (
  domain  TEXT NOT NULL,
  address TEXT NOT NULL,
  kind    TEXT NOT NULL,
  at      BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_log_by_address ON mail_log (address, at);

-- The lists of the portal's own mail service.
CREATE TABLE IF NOT EXISTS suppressions (
  address TEXT NOT NULL,
  list    TEXT NOT NULL,
  code    TEXT NOT NULL,
  since   BIGINT NOT NULL,
  PRIMARY KEY (address, list)
);
