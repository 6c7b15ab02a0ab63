-- +goose Up
-- What binds a case to the support desk's ticket, and the first time of each milestone that a report counts.
ALTER TABLE cases ADD COLUMN ticket TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN expected TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN explained_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN acted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN signed_in_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN got_in_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN not_in_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN handed_off_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN ticket_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cases_unchecked ON cases (proven_at) WHERE proven_at <> 0 AND checked_at = 0;

ALTER TABLE sessions ADD COLUMN arrival TEXT NOT NULL DEFAULT ''; -- JSON; '' for none

-- The desk's queue is its own: a desk that is away holds up no mail.
ALTER TABLE deliveries ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (channel, due_at, seq, created_at) WHERE state = 'queued';

ALTER TABLE hand_offs ADD COLUMN ticket TEXT NOT NULL DEFAULT ''; -- the desk's own number, once it is known
ALTER TABLE audit ADD COLUMN actor TEXT NOT NULL DEFAULT ''; -- the support agent; '' for the customer

-- +goose Down
ALTER TABLE audit DROP COLUMN actor;
ALTER TABLE hand_offs DROP COLUMN ticket;
DROP INDEX deliveries_due;
CREATE INDEX deliveries_due ON deliveries (due_at, seq, created_at) WHERE state = 'queued';
ALTER TABLE deliveries DROP COLUMN channel;
ALTER TABLE sessions DROP COLUMN arrival;
DROP INDEX cases_unchecked;
ALTER TABLE cases DROP COLUMN checked_at;
ALTER TABLE cases DROP COLUMN ticket_at;
ALTER TABLE cases DROP COLUMN handed_off_at;
ALTER TABLE cases DROP COLUMN not_in_at;
ALTER TABLE cases DROP COLUMN got_in_at;
ALTER TABLE cases DROP COLUMN signed_in_at;
ALTER TABLE cases DROP COLUMN acted_at;
ALTER TABLE cases DROP COLUMN explained_at;
ALTER TABLE cases DROP COLUMN proven_at;
ALTER TABLE cases DROP COLUMN expected;
ALTER TABLE cases DROP COLUMN ticket;
